/**
 * The settings of the next run.
 *
 * @module
 */

import { CHOICES, draft, FIRST, GROUPS, reading, type Setting } from "./draft.ts";
import { labelOf, say } from "./words.ts";

/** One setting with its label, and what is wrong with it. */
export function Field({ name, at = "" }: { name: Setting; at?: string }) {
  const id = `setting-${at}${name}`;
  const error = reading.value.errors[name];
  const set = (event: Event): void => {
    draft.value = { ...draft.value, [name]: (event.currentTarget as HTMLInputElement).value };
  };
  const choices = CHOICES[name as keyof typeof CHOICES];
  return (
    <div class="field">
      <label for={id}>{labelOf(name)}</label>
      {choices
        ? (
          <select id={id} value={draft.value[name]} onChange={set}>
            {choices.map((choice) => <option key={choice} value={choice}>{choice}</option>)}
          </select>
        )
        : (
          <input
            id={id}
            inputMode="decimal"
            autocomplete="off"
            value={draft.value[name]}
            onInput={set}
            aria-invalid={error !== undefined}
            aria-describedby={error === undefined ? undefined : `${id}-error`}
          />
        )}
      {error !== undefined && <p class="error" id={`${id}-error`} role="alert">{error}</p>}
    </div>
  );
}

/** The settings that everyone changes, and below them all others. */
export function Settings() {
  const first: readonly string[] = FIRST;
  const together = reading.value.errors[""];
  return (
    <section class="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">{say("settings")}</h2>
      <div class="fields">
        {FIRST.map((name) => <Field key={name} name={name} />)}
      </div>
      <details>
        <summary>{say("moreSettings")}</summary>
        {Object.entries(GROUPS).map(([group, names]) => (
          <fieldset key={group}>
            <legend>{say(group as keyof typeof GROUPS)}</legend>
            <div class="fields">
              {names.filter((name) => !first.includes(name)).map((name) => <Field key={name} name={name} />)}
            </div>
          </fieldset>
        ))}
      </details>
      {together !== undefined && <p class="error" role="alert">{together}</p>}
    </section>
  );
}

/**
 * Runs beside each other: their curves, their settings, their results.
 *
 * @module
 */

import { difference, remove, show } from "./control.ts";
import { saveModel } from "./files.ts";
import { type Line, LineChart } from "./line_chart.tsx";
import { figure, whole } from "./numbers.ts";
import { currentId, cursor, firstStep, lastStep, type Run, runs } from "./store.ts";
import { indexAt } from "../../src/view/mod.ts";
import { labelOf, say } from "./words.ts";

export function CompareView() {
  const all = runs.value;
  for (const { version } of all) version.value;
  const lines = all.map(({ name, numbers, color }): Line => ({
    name: name.value,
    curve: { x: numbers.t, y: numbers.smoothed },
    color: `--run-${color}`,
  }));
  const summary = (step: number | undefined): string =>
    all.map(({ name, numbers: { t, smoothed } }) => {
      const i = indexAt(t, step ?? Infinity);
      return `${name.value}: ${i < 0 ? "—" : figure(smoothed[i])}`;
    }).join("; ");
  const from = Math.min(...all.map(firstStep));
  const to = Math.max(...all.map(({ spec }) => spec.settings.steps));
  return (
    <>
      {all.length < 2 && <p class="card">{say("compareEmpty")}</p>}
      {all.length > 0 && (
        <LineChart
          title={say("loss")}
          about={say("compareAbout")}
          {...{ lines, summary, cursor, from, to }}
          height={340}
        />
      )}
      <section class="card" aria-labelledby="runs-title">
        <h3 id="runs-title">{say("runs")}</h3>
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="runs-title">
          <table>
            <thead>
              <tr>
                {(["run", "differs", "steps", "lastLoss", "meanLoss", "heldBack"] as const).map((word) => (
                  <th scope="col" key={word}>{say(word)}</th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>{all.map((run) => <Row key={run.id} run={run} first={all[0]} />)}</tbody>
          </table>
        </div>
      </section>
    </>
  );
}

function Row({ run, first }: { run: Run; first: Run }) {
  const { numbers, name } = run;
  const isShown = currentId.value === run.id;
  const newest = run.history.value.at(-1);
  return (
    <tr class={isShown ? "is-true" : ""}>
      <th scope="row">
        <span class={`key run-${run.color}`} aria-hidden="true" />
        <input
          value={name.value}
          aria-label={say("runName")}
          onInput={(event) => name.value = event.currentTarget.value}
        />
      </th>
      <td>{run === first ? "" : difference(run, first, labelOf)}</td>
      <td>{whole(lastStep(run))}</td>
      {[numbers.loss.at(-1), numbers.smoothed.at(-1), numbers.validation.loss.at(-1)].map((value, i) => (
        <td key={i}>{value === undefined ? "" : figure(value, 5)}</td>
      ))}
      <td class="buttons">
        <button type="button" disabled={isShown} onClick={() => show(run.id)}>{say("show")}</button>
        <button
          type="button"
          disabled={newest === undefined}
          onClick={() => newest && saveModel(run, newest)}
        >
          {say("saveNow")}
        </button>
        <button type="button" onClick={() => remove(run)}>{say("remove")}</button>
      </td>
    </tr>
  );
}

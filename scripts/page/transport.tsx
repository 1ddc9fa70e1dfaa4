/**
 * Train, pause, one step, up to a step, from the beginning: the controls of a run.
 *
 * @module
 */

import { type Signal, signal, useSignal } from "@preact/signals";
import { checkRange } from "../../mod.ts";
import { pause, reset, runTo } from "./control.ts";
import { saveModel } from "./files.ts";
import { figure, whole } from "./numbers.ts";
import { current, lastStep, type Run, type Status } from "./store.ts";
import { say, type Word } from "./words.ts";

const PACES = { paceSlow: 10, paceCalm: 100, paceFull: Infinity } as const;
export type Pace = keyof typeof PACES;

/** How fast runs go. The first one goes so slowly that one can see it learn. */
export const pace: Signal<Pace> = signal("paceCalm");

const STATUS: Readonly<Record<Status, Word>> = {
  beginning: "statusBeginning",
  running: "statusRunning",
  paused: "statusPaused",
  ended: "statusEnded",
  failed: "statusFailed",
};

/** Steps to the end of a run, at the chosen pace. */
export function go(run: Run, to: number = run.spec.settings.steps): void {
  runTo(run, to, PACES[pace.value]);
}

export function Transport() {
  const run = current();
  const target = useSignal("");
  const wrong = useSignal("");
  if (run === undefined) return null;
  run.version.value;
  const { steps } = run.spec.settings;
  const status = run.status.value;
  const isRunning = status === "running";
  const isOver = status === "ended" || status === "failed";
  const last = lastStep(run);
  const about = run.about.value;
  const final = run.evaluations.at(-1);
  const newest = run.history.value.at(-1);
  const onTarget = (event: Event): void => {
    event.preventDefault();
    try {
      const text = target.value;
      const range = { whole: true, from: last + 1, to: steps } as const;
      go(run, checkRange(say("runTo"), text.trim() === "" ? NaN : Number(text), range, text || "“”"));
      wrong.value = "";
    } catch (error) {
      wrong.value = (error as Error).message;
    }
  };
  return (
    <section class="transport card" aria-label={say("run")}>
      <div class="status">
        <strong>{run.name.value}</strong>
        <span class={`badge ${status}`}>{say(STATUS[status])}</span>
        <span class="now">{say("stepOf", { t: whole(last), steps: whole(steps) })}</span>
        {run.speed.value > 0 && <span class="muted">{say("speed", { n: whole(run.speed.value) })}</span>}
        {about && <span class="muted">{say("parameters", { n: whole(about.parameters) })}</span>}
      </div>
      {isOver && final && (
        <p class="about">
          {say("reportTraining", {
            loss: figure(final.training.loss),
            perplexity: figure(final.training.perplexity, 3),
          })}
          {final.validation && ` ${say("reportValidation", { loss: figure(final.validation.loss) })}`}
        </p>
      )}
      <progress max={steps} value={last} aria-label={say("stepOf", { t: last, steps })} />
      <div class="buttons">
        <button
          type="button"
          class="primary"
          disabled={isOver || status === "beginning"}
          onClick={() => isRunning ? pause(run) : go(run)}
        >
          {say(isRunning ? "pause" : "go")}
        </button>
        <button type="button" disabled={isOver || isRunning} onClick={() => runTo(run, last + 1, Infinity)}>
          {say("step")}
        </button>
        <button type="button" onClick={() => reset(run)}>{say("reset")}</button>
        <form class="inline" onSubmit={onTarget}>
          <label for="target">{say("runTo")}</label>
          <input
            id="target"
            inputMode="numeric"
            size={6}
            autocomplete="off"
            value={target.value}
            aria-invalid={wrong.value !== ""}
            aria-describedby={wrong.value === "" ? undefined : "target-error"}
            onInput={(event) => target.value = event.currentTarget.value}
          />
          <button type="submit" disabled={isOver}>{say("go")}</button>
        </form>
        <button type="button" disabled={isRunning || newest === undefined} onClick={() => saveModel(run, newest!)}>
          {say("saveNow")}
        </button>
        <label class="inline">
          {say("pace")}
          <select
            value={pace.value}
            onChange={(event) => {
              pace.value = event.currentTarget.value as Pace;
              if (isRunning) go(run);
            }}
          >
            {(Object.keys(PACES) as Pace[]).map((each) => <option key={each} value={each}>{say(each)}</option>)}
          </select>
        </label>
      </div>
      {wrong.value !== "" && <p class="error" id="target-error" role="alert">{wrong.value}</p>}
      {run.message.value !== "" && <p class="error" role="alert">{run.message.value}</p>}
    </section>
  );
}

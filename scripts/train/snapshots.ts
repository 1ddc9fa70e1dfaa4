/**
 * Snapshots of a model in the course of its training, for the log.
 *
 * @module
 */

import { explainText, type LogSnapshot, sampleText, type TrainingState } from "../../mod.ts";
import { textOf } from "../../src/corpus/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import type { RunLog } from "./log.ts";
import type { Observer } from "./observer.ts";
import type { Run } from "./run.ts";

/** The number of samples in a snapshot. */
const SAMPLES = 5;

/** Logs a snapshot after each `every`-th step; none if it is 0. */
export function snapshots(log: RunLog, run: Run, every: number): Observer {
  return {
    step: (step) => {
      if (every > 0 && step.t % every === 0) log.write(snapshot(step.state(), run));
    },
  };
}

/** What the model does now: with the same streams and the same text at each snapshot, so that they can be compared. */
function snapshot(state: TrainingState, { settings }: Run): LogSnapshot {
  const [document] = state.validation.length > 0 ? state.validation : state.documents;
  const text = textOf(document);
  const samples = Array.from(
    { length: SAMPLES },
    (_, i) => sampleText(state, seedRandom(settings.seed, i), { temperature: settings.temperature })[0],
  );
  return {
    type: "snapshot",
    t: state.t,
    samples,
    text,
    attention: explainText(state, text).map(({ attention }) => attention),
  };
}

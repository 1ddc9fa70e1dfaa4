/**
 * The worker that goes back: it takes steps of a run again, to the same bits, and looks at one of them closely.
 *
 * @module
 */

import type { TrainingState } from "../../mod.ts";
import { momentOf, replay, traceStep } from "../../src/view/mod.ts";
import type { FromReplayer, ToReplayer } from "./messages.ts";
import { engineOf, snapshotIn, stateOf } from "./run.ts";

/** The most documents of a step that are shown. */
const MOST_DOCUMENTS = 16;
/** Milliseconds between two messages on how far it is. */
const PROGRESS_MS = 100;

const post = (message: FromReplayer): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToReplayer>) => {
  try {
    look(data);
  } catch (error) {
    post({ kind: "failed", id: data.id, message: (error as Error).message });
  }
};

function look({ id, spec, from, t }: ToReplayer): void {
  const run = stateOf(spec);
  const options = { ...spec.settings, engine: engineOf(spec) };
  let before: TrainingState = { ...run, ...from };
  let after = before;
  let loss: number | null = null;
  let told = performance.now();
  for (const step of replay(run, from, t, options)) {
    if (step.t === t - 1) before = step.state();
    if (step.t === t) [after, loss] = [step.state(), step.loss];
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now();
      post({ kind: "progress", id, share: (step.t - from.t) / (t - from.t) });
    }
  }
  post({
    ...{ kind: "seen", id, t, loss },
    documents: traceStep(before, spec.settings.batch, MOST_DOCUMENTS),
    moment: momentOf(after),
    snapshot: snapshotIn(after, spec),
  });
}

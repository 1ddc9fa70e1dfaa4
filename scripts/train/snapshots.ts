/**
 * Snapshots of a model in the course of its training, for the log.
 *
 * @module
 */

import { trainedTexts } from "../../src/corpus/mod.ts";
import { type Known, knownTexts } from "../../src/sample/mod.ts";
import { snapshotOf } from "../../src/view/mod.ts";
import type { RunLog } from "./log.ts";
import type { Observer } from "./observer.ts";
import type { Run } from "./run.ts";

/** Logs a snapshot after each `every`-th step; none if it is 0. */
export function snapshots(log: RunLog, run: Run, every: number): Observer {
  const { settings, data, state: { config: { blockSize } } } = run;
  let isKnown: Known | undefined;
  return {
    step: (step) => {
      if (every === 0 || step.t % every !== 0) return;
      isKnown ??= knownTexts(trainedTexts(data.documents, { ...settings, blockSize }), settings.documentKind);
      log.write(snapshotOf(step.state(), settings, isKnown));
    },
  };
}

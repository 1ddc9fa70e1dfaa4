/**
 * Saving a run: the last state, and the best one beside it.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint, type TrainingState } from "../../mod.ts";
import { bestPath, checkWritable, writeCheckpoint } from "../files/checkpoints.ts";
import type { Run } from "./run.ts";

/** Saves the states of a run. */
export type Saver = {
  /** As the model where the run is saved. */
  readonly save: (state: TrainingState) => void;
  /** As the best model. */
  readonly saveBest: (state: TrainingState) => void;
  /** Where the best model is, if there is one. */
  readonly best: () => string | undefined;
};

/**
 * What saves a run, after checking that it can. The best model of a resumed run is taken along to where the run is saved
 * now, with the first state that is saved there.
 *
 * @throws {Error} If there is no writing, or a file that is no model in the place of one.
 */
export function saverOf(run: Run, resumed: string): Saver {
  const { state, settings, engine, out } = run;
  const bestOut = bestPath(out);
  checkWritable(out);
  if (state.validation.length > 0 || state.selection.bestLoss !== null) checkWritable(bestOut);

  const checkpointOf = (state: TrainingState): Checkpoint => ({ ...state, hyperparameters: settings, engine });
  const { bestLoss, bestT } = state.selection;
  if (bestLoss === null && state.validation.length === 0 && isThere(bestOut)) {
    console.error(`note: ${bestOut} is of another run, and stays as it is`);
  }
  // The resumed state may itself be the best.
  const old = bestLoss === null || bestT === state.t ? undefined : findBest(state, resumed);
  let pending = bestLoss !== null && bestT === state.t ? checkpointOf(state) : old;
  let best = pending === undefined ? undefined : bestOut;
  if (old !== undefined && out === resumed) pending = undefined; // it is there
  return {
    save: (state) => {
      if (pending !== undefined) writeCheckpoint(bestOut, pending);
      pending = undefined;
      writeCheckpoint(out, checkpointOf(state));
    },
    saveBest: (state) => {
      pending = undefined;
      best = bestOut;
      writeCheckpoint(bestOut, checkpointOf(state));
    },
    best: () => best,
  };
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The best model of a run that is resumed, if it is still beside it. */
function findBest({ selection, dataHash }: TrainingState, resumed: string): Checkpoint | undefined {
  const path = bestPath(resumed);
  let why: string;
  try {
    const found = decodeCheckpoint(Deno.readFileSync(path));
    if (found.t === selection.bestT && found.dataHash === dataHash) return found;
    why = "it is of another run";
  } catch (error) {
    why = error instanceof Deno.errors.NotFound ? "it is not there" : "it cannot be read";
  }
  console.error(`note: the best model so far, of step ${selection.bestT}, should be ${path}: ${why}`);
  return undefined;
}

/**
 * Saving a run: the last state, and the best one beside it.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint, type TrainingState } from "../../mod.ts";
import { bestPath, checkModelWritable, writeCheckpoint } from "../files/checkpoints.ts";
import type { Observer } from "./observer.ts";
import type { Run } from "./run.ts";

/** Saves the states of a run. */
export type Saver = {
  /** As the model, where the run is saved. */
  readonly save: (state: TrainingState) => void;
  /** As the best model. */
  readonly saveBest: (state: TrainingState) => void;
  /** Where the best model is, if there is one. */
  readonly best: () => string | undefined;
  /** Where the run was last saved, and after which step; undefined if it never was. */
  readonly last: () => { readonly path: string; readonly t: number } | undefined;
};

/**
 * What saves a run, after checking that it can. The best model of a resumed run is taken along to where the run is saved
 * now, with the first state that is saved there.
 *
 * @param resumed The checkpoint that the run is resumed from; "" if it is new.
 * @throws {Error} If the model cannot be written, or would replace a file that is not one.
 */
export function saverOf(run: Run, resumed: string): Saver {
  const { state, out } = run;
  const bestOut = bestPath(out);
  checkModelWritable(out);
  if (state.validation.length > 0 || state.selection.bestLoss !== null) checkModelWritable(bestOut);

  const { bestLoss, bestT } = state.selection;
  if (bestLoss === null && state.validation.length === 0 && isThere(bestOut)) {
    console.error(`note: ${bestOut} belongs to another run, and stays as it is`);
  }
  const old = bestLoss === null || bestT === state.t ? undefined : findBest(state, resumed);
  return saverWith(run, resumed, old, writeCheckpoint);
}

/**
 * What saves a run, given how to write a checkpoint.
 *
 * @param resumed The checkpoint that the run is resumed from; "" if it is new.
 * @param old The best model beside that checkpoint, if there is one and the run goes on from a later step.
 */
export function saverWith(
  { state, settings, engine, data, out }: Run,
  resumed: string,
  old: Checkpoint | undefined,
  write: (path: string, checkpoint: Checkpoint) => void,
): Saver {
  const bestOut = bestPath(out);
  const checkpointOf = (state: TrainingState): Checkpoint => ({
    ...state,
    hyperparameters: settings,
    engine,
    source: data.source,
  });
  // The resumed state may itself be the best.
  const { bestLoss, bestT } = state.selection;
  let pending = bestLoss !== null && bestT === state.t ? checkpointOf(state) : old;
  let best = pending === undefined ? undefined : bestOut;
  if (old !== undefined && out === resumed) pending = undefined; // it is there
  let last = resumed === "" ? undefined : { path: resumed, t: state.t };
  return {
    save: (state) => {
      if (pending !== undefined) write(bestOut, pending);
      pending = undefined;
      write(out, checkpointOf(state));
      last = { path: out, t: state.t };
    },
    saveBest: (state) => {
      pending = undefined;
      best = bestOut;
      write(bestOut, checkpointOf(state));
    },
    best: () => best,
    last: () => last,
  };
}

/**
 * Saves each best state, each `every`-th one (none if it is 0), and the last.
 *
 * @param before Called before each save. A log that ended before its checkpoint would have a gap.
 */
export function saving(saver: Saver, { settings }: Run, every: number, before: () => void): Observer {
  const save = (state: TrainingState): void => {
    before();
    saver.save(state);
  };
  return {
    step: (step) => {
      if (step.evaluation?.improved) {
        before();
        saver.saveBest(step.state());
      }
      if (every > 0 && step.t % every === 0 && step.t < settings.steps) save(step.state());
    },
    end: (state) => {
      if (state !== undefined) save(state);
    },
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
function findBest(state: TrainingState, resumed: string): Checkpoint | undefined {
  const path = bestPath(resumed);
  let why: string;
  try {
    const found = decodeCheckpoint(Deno.readFileSync(path));
    if (isBestOf(found, state)) return found;
    why = "it belongs to another run";
  } catch (error) {
    why = error instanceof Deno.errors.NotFound ? "it is not there" : "it cannot be read";
  }
  console.error(`note: the best model so far, of step ${state.selection.bestT}, should be ${path}: ${why}`);
  return undefined;
}

/** Whether a model is the best so far of a run: from the step that the run says, and trained on the same data. */
export function isBestOf(
  found: Pick<Checkpoint, "t" | "dataHash">,
  { selection, dataHash }: Pick<TrainingState, "selection" | "dataHash">,
): boolean {
  return found.t === selection.bestT && found.dataHash === dataHash;
}

/**
 * Saving a run: the last state, and the best one beside it.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint, type TrainingState } from "../../mod.ts";
import { bestPath, milestonePath, previousPath } from "../files/beside.ts";
import { checkModelWritable, isModel, writeCheckpoint } from "../files/checkpoints.ts";
import { isSameFile } from "../files/paths.ts";
import { keepPrevious } from "../files/previous.ts";
import type { Observer } from "./observer.ts";
import type { Run } from "./run.ts";
import { tell } from "../cli/printable.ts";

/** Saves the states of a run. */
export type Saver = {
  /** As the model, where the run is saved. */
  readonly save: (state: TrainingState) => void;
  /** As the best model. */
  readonly saveBest: (state: TrainingState) => void;
  /** As the model after this step, which no later one replaces. */
  readonly keep: (state: TrainingState) => void;
  /** Where the best model is, if there is one. */
  readonly best: () => string | undefined;
  /** Where the model is that the run has replaced, if there was one. */
  readonly previous: () => string | undefined;
  /** Where the run was last saved, and after which step; undefined if it never was. */
  readonly last: () => { readonly path: string; readonly t: number } | undefined;
};

/**
 * What saves a run, after checking that it can. The best model of a resumed run is taken along to where the run is saved
 * now, with the first state that is saved there.
 *
 * @param resumed The checkpoint that the run is resumed from; "" if it is new.
 * @param keepEvery After how many steps it keeps the model; 0 for never.
 * @throws {Error} If a model cannot be written, or would replace a file that is not one.
 */
export function saverOf(run: Run, resumed: string, keepEvery: number): Saver {
  const { state, out } = run;
  const { bestLoss, bestT } = state.selection;
  const bestOut = bestPath(out);
  checkModelWritable(out);
  if (state.validation.length > 0 || bestLoss !== null) checkModelWritable(bestOut);
  if (out !== resumed && isModel(out)) {
    checkKept(previousPath(out), out, resumed !== "" ? resumed : run.from?.path);
    checkModelWritable(previousPath(out));
    checkModelWritable(bestPath(previousPath(out)));
  } else if (bestLoss === null && out !== resumed && state.validation.length === 0 && isThere(bestOut)) {
    tell(`note: ${bestOut} belongs to another run, and stays as it is`);
  }
  checkMilestones(run, keepEvery);
  const old = bestLoss === null || bestT === state.t ? undefined : findBest(state, resumed);
  return saverWith(run, resumed, old, writeCheckpoint, keepPrevious);
}

/** Refuses to replace the model that a run begins from by the one that it replaces. */
function checkKept(previous: string, out: string, begins: string | undefined): void {
  if (begins === undefined || !isSameFile(begins, previous)) return;
  throw new Error(`the run begins from ${begins}, in whose place it would keep ${out}: name another file with --out`);
}

/** Refuses to keep a model in the place of a file that is none, and says so if it takes the place of one. */
function checkMilestones({ state, settings, out }: Run, every: number): void {
  const first = (Math.floor(state.t / every) + 1) * every;
  let replaced = 0;
  for (let t = first; t <= settings.steps; t += every) {
    const path = milestonePath(out, t);
    if (!isThere(path)) continue;
    checkModelWritable(path);
    replaced++;
  }
  if (replaced > 0) {
    const models = replaced === 1 ? "a model" : `${replaced} models`;
    tell(`note: --keep-every replaces ${models} kept by a run before, beside ${out}`);
  }
}

/**
 * What saves a run, given how to write a checkpoint, and how to keep the one that is there.
 *
 * @param resumed The checkpoint that the run is resumed from; "" if it is new.
 * @param old The best model beside that checkpoint, if there is one and the run goes on from a later step.
 */
export function saverWith(
  { state, settings, engine, data, out }: Run,
  resumed: string,
  old: Checkpoint | undefined,
  write: (path: string, checkpoint: Checkpoint, before?: () => void) => void,
  keepPrevious: (path: string) => string | undefined = () => undefined,
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
  let isOwn = out === resumed;
  let previous: string | undefined;
  const replace = (path: string, checkpoint: Checkpoint): void =>
    write(path, checkpoint, () => {
      if (!isOwn) previous = keepPrevious(out);
      isOwn = true;
    });
  return {
    save: (state) => {
      if (pending !== undefined) replace(bestOut, pending);
      pending = undefined;
      replace(out, checkpointOf(state));
      last = { path: out, t: state.t };
    },
    saveBest: (state) => {
      pending = undefined;
      best = bestOut;
      replace(bestOut, checkpointOf(state));
    },
    keep: (state) => write(milestonePath(out, state.t), checkpointOf(state)),
    best: () => best,
    previous: () => previous,
    last: () => last,
  };
}

/** When to save, in steps and in milliseconds since it was last saved, and when to keep what is saved; 0 for never. */
export type SavingTimes = { readonly save: number; readonly milliseconds: number; readonly keep: number };

/**
 * Saves each best state, each as often as asked for, and the last.
 *
 * @param before Called before each save. A log that ended before its checkpoint would have a gap.
 * @param now A clock, in milliseconds.
 */
export function saving(
  saver: Saver,
  { settings }: Run,
  every: SavingTimes,
  before: () => void,
  now = () => performance.now(),
): Observer {
  let saved = now();
  const save = (state: TrainingState): void => {
    before();
    saver.save(state);
    saved = now();
  };
  return {
    step: (step) => {
      if (step.evaluation?.improved) {
        before();
        saver.saveBest(step.state());
      }
      const isTurn = (steps: number): boolean => steps > 0 && step.t % steps === 0;
      // First what is kept: a run that is killed between the two and resumed would not come by this step again.
      if (isTurn(every.keep)) {
        before();
        saver.keep(step.state());
      }
      const isTime = every.milliseconds > 0 && now() - saved >= every.milliseconds;
      if ((isTurn(every.save) || isTime) && step.t < settings.steps) save(step.state());
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
  tell(`note: the best model so far, of step ${state.selection.bestT}, should be ${path}: ${why}`);
  return undefined;
}

/** Whether a model is the best so far of a run: from the step that the run says, and trained on the same data. */
export function isBestOf(
  found: Pick<Checkpoint, "t" | "dataHash">,
  { selection, dataHash }: Pick<TrainingState, "selection" | "dataHash">,
): boolean {
  return found.t === selection.bestT && found.dataHash === dataHash;
}

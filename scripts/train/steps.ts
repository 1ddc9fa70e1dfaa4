/**
 * The steps of a run, and what is kept of them.
 *
 * @module
 */

import {
  type Communicator,
  type Engine,
  messageWith,
  settingError,
  type StepEvaluation,
  type TrainingState,
  type TrainingStep,
  trainSteps,
} from "../../mod.ts";
import type { Interruption } from "../cli/interruption.ts";
import type { TrainFlags } from "./flags.ts";
import { logging, type RunLog } from "./log.ts";
import type { Observer } from "./observer.ts";
import type { Run } from "./run.ts";
import { type Saver, saving } from "./saving.ts";
import { snapshots } from "./snapshots.ts";

/** Who keeps a run, in the order in which they see a step: a checkpoint is saved when the log has all steps before it. */
export function keeping(
  run: Run,
  saver: Saver,
  log: RunLog | undefined,
  values: Pick<TrainFlags, "checkpoint-every" | "checkpoint-seconds" | "keep-every" | "snapshot-every">,
): Observer[] {
  const every = {
    save: values["checkpoint-every"],
    milliseconds: values["checkpoint-seconds"] * 1000,
    keep: values["keep-every"],
  };
  const saves = saving(saver, run, every, () => log?.flush());
  return log ? [logging(log), snapshots(log, run, values["snapshot-every"]), saves] : [saves];
}

/** The run after its last step, or after the one in which it was interrupted. */
export type Outcome = {
  readonly state: TrainingState;
  /** The evaluation after the last step, if there was one. */
  readonly evaluation?: StepEvaluation;
  /** What to exit with, if it was interrupted. */
  readonly exitCode?: number;
};

/**
 * Takes the steps, and shows each to the observers, in their order. After each it asks whether to stop.
 *
 * @param lastSaved Where the run was last saved, for the error if it fails.
 * @param communicator The processes that share the steps, if there are several.
 * @throws {RangeError} If a number is no longer finite; the message says which step was saved last.
 */
export function takeSteps(
  run: Run,
  engine: Engine,
  observers: readonly Observer[],
  interruption: Interruption,
  lastSaved: () => { path: string; t: number } | undefined,
  communicator?: Communicator,
): Outcome {
  let outcome: Outcome;
  try {
    let last: TrainingStep | undefined;
    let exitCode: number | undefined;
    for (const step of trainSteps(run.state, { ...run.settings, engine, communicator })) {
      last = step;
      for (const observer of observers) observer.step(step);
      exitCode = interruption.requested();
      if (exitCode !== undefined) break;
    }
    outcome = { state: last?.state() ?? run.state, evaluation: last?.evaluation, exitCode };
  } catch (error) {
    for (const { end } of observers) end?.();
    if (!(error instanceof RangeError)) throw error;
    const saved = lastSaved();
    const last = saved ? `${saved.path} has the run after step ${saved.t}` : "no checkpoint of this run was saved yet";
    throw settingError((nameOf) => `${messageWith(error, nameOf)}; ${last}`);
  }
  for (const { end } of observers) end?.(outcome.state);
  return outcome;
}

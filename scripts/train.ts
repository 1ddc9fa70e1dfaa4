/**
 * `deno task train`: trains a model on a text file, saves it, and prints new documents.
 *
 * @module
 */

import {
  type Engine,
  engine,
  messageWith,
  settingError,
  type StepEvaluation,
  type TrainingState,
  type TrainingStep,
  trainSteps,
} from "../mod.ts";
import { isExhausted } from "../src/train/mod.ts";
import { type Interruption, listenForInterruption } from "./cli/interruption.ts";
import { runTask } from "./cli/task.ts";
import { lossCurve } from "./terminal/plot.ts";
import { plainProgress, type Progress, terminalProgress } from "./terminal/progress.ts";
import { say, stdoutTerminal } from "./terminal/stdout.ts";
import { announce } from "./train/announcement.ts";
import { baselinesOf, finalEvaluation } from "./train/figures.ts";
import { checkFlags, FLAGS, resumeCommand, type TrainFlags } from "./train/flags.ts";
import { logging, openRunLog } from "./train/log.ts";
import type { Observer } from "./train/observer.ts";
import { prepareRun, type Run } from "./train/run.ts";
import { saverOf, saving } from "./train/saving.ts";
import { snapshots } from "./train/snapshots.ts";
import { summarize } from "./train/summary.ts";

async function train(values: TrainFlags, given: ReadonlySet<string>): Promise<number | void> {
  const listening = listenForInterruption();
  const run = await prepareRun(values, given);
  const interruption = await listening;
  const { settings, out } = run;
  const chosen = engine(run.engine.name, run.engine);
  const saver = saverOf(run, values.resume);
  const log = values.log === "" ? undefined : openRunLog(values.log, run, values.resume !== "");
  const announced = values.quiet ? undefined : announce(run, chosen, values.resume);

  const curve = lossCurve(run.state.t + 1, Math.max(run.state.t + 1, settings.steps));
  const observers: Observer[] = [
    progressOf(run, values),
    { step: ({ t, loss }) => curve.add(t, loss) },
    ...(log ? [logging(log), snapshots(log, run, values["snapshot-every"])] : []),
    saving(saver, run, values["checkpoint-every"], () => log?.flush()), // last: it saves what the log already has
  ];
  const { state, evaluation, exitCode } = takeSteps(run, chosen, observers, interruption, saver.last);
  if (exitCode !== undefined) {
    console.error(`interrupted after step ${state.t}: saved ${out}; go on with ${resumeCommand(out, values, given)}`);
    return exitCode;
  }
  interruption.end();

  const isEarly = isExhausted(state.selection, settings.patience);
  const final = values.quiet && log === undefined ? undefined : finalEvaluation(run, state, evaluation);
  if (final) {
    log?.write({ type: "end", t: state.t, reason: isEarly ? "early stop" : "all steps", ...final, time: Date.now() });
  }
  log?.flush();
  if (isEarly && !values.quiet) {
    const { patience } = settings;
    say(`stopped early: no better validation loss in ${patience} evaluations since step ${state.selection.bestT}`);
  }
  const unlogged = log?.failure();
  if (final && !values.quiet) {
    const baselines = announced ?? baselinesOf(run);
    summarize(run, { state, final, baselines, curve, best: saver.best() });
  }
  if (unlogged === undefined) return;
  console.error(`error: ${unlogged}; the model is saved: ${out}`);
  return 1;
}

/** The run after its last step, or after the one in which it was interrupted. */
type Outcome = {
  readonly state: TrainingState;
  /** The evaluation after the last step, if there was one. */
  readonly evaluation?: StepEvaluation;
  /** What to exit with, if it was interrupted. */
  readonly exitCode?: number;
};

/** Takes the steps, and shows each to the observers, in their order. */
function takeSteps(
  run: Run,
  engine: Engine,
  observers: readonly Observer[],
  interruption: Interruption,
  lastSaved: () => { path: string; t: number } | undefined,
): Outcome {
  let outcome: Outcome;
  try {
    let last: TrainingStep | undefined;
    let exitCode: number | undefined;
    for (const step of trainSteps(run.state, { ...run.settings, engine })) {
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

/** How a run shows its steps: on a terminal in one line, unless every N-th step is asked for. */
function progressOf({ state, settings }: Run, { quiet, "log-every": every }: TrainFlags): Progress {
  if (quiet) return { step: () => {}, end: () => {} };
  if (every === undefined && Deno.stdout.isTerminal()) return terminalProgress(settings.steps, stdoutTerminal);
  return plainProgress(state.t + 1, settings.steps, every ?? Math.ceil(settings.steps / 10));
}

if (import.meta.main) {
  await runTask({
    name: "train",
    summary: "Trains a GPT on a text file, saves it, and prints documents drawn from it.",
    flags: FLAGS,
    check: checkFlags,
    run: train,
  });
}

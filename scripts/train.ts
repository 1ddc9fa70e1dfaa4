/**
 * `deno task train`: trains a model on a text file, saves it, and prints new documents.
 *
 * @module
 */

import {
  type Baselines,
  countRepeats,
  engine,
  evaluate,
  evaluateBaselines,
  type Evaluation,
  isExhausted,
  type LogStep,
  type StepEvaluation,
  type TrainingDocument,
  type TrainingState,
  type TrainingStep,
  trainSteps,
} from "../mod.ts";
import { type Interruption, listenForInterruption } from "./cli/interruption.ts";
import { type LossCurve, lossCurve, lossPlot } from "./terminal/plot.ts";
import {
  baselineLine,
  baselineRows,
  evaluationLine,
  evaluationTable,
  shortEvaluationLine,
} from "./terminal/evaluation.ts";
import {
  plainProgress,
  type Progress,
  say,
  stdoutTerminal,
  terminalColumns,
  terminalProgress,
} from "./terminal/progress.ts";
import { drawSamples, printSamples } from "./terminal/samples.ts";
import { runTask } from "./cli/task.ts";
import { checkFlags, FLAGS, type TrainFlags } from "./train/flags.ts";
import { openRunLog, type RunLog, snapshot } from "./train/log.ts";
import { prepareRun, type Run } from "./train/run.ts";
import { type Saver, saverOf } from "./train/saving.ts";

async function train(values: TrainFlags, given: ReadonlySet<string>): Promise<number | void> {
  const listening = listenForInterruption();
  const run = await prepareRun(values, given);
  const interruption = await listening;
  const { state: initial, settings, out } = run;
  const chosen = engine(run.engine.name, run.engine);
  const saver = saverOf(run, values.resume);

  const log = values.log === "" ? undefined : openRunLog(values.log, run, values.resume !== "");

  const tell = values.quiet ? () => {} : say;
  tell(`num docs: ${settings.documents === "whole" ? 1 : run.data.documents.length}`);
  tell(`vocab size: ${initial.config.vocabSize}`);
  tell(`num params: ${initial.params.length}`);
  tell(`engine: ${chosen.name} (${chosen.about})`);
  tellAboutData(run, tell);
  if (values.resume !== "") tell(`resumed: ${values.resume}, after step ${initial.t} of ${settings.steps}`);

  const evaluates = settings.evalEvery > 0 || initial.validation.length > 0;
  const baselines = evaluates && !values.quiet ? baselinesOf(run) : undefined;
  if (baselines) tell(baselineLine(baselines));

  const curve = lossCurve(initial.t + 1, Math.max(initial.t + 1, settings.steps));
  const { state, evaluation, exitCode } = takeSteps(run, interruption, saver, values, log, curve);
  log?.flush();
  saver.save(state);
  if (exitCode !== undefined) {
    console.error(`interrupted after step ${state.t}: saved ${out}; go on with ${resumeCommand(run, values, given)}`);
    return exitCode;
  }
  interruption.end();
  const early = isExhausted(state.selection, settings.patience);
  const final = values.quiet && log === undefined ? undefined : finalEvaluation(run, state, evaluation);
  if (final) {
    log?.write({ type: "end", t: state.t, reason: early ? "early stop" : "all steps", ...final, time: Date.now() });
  }
  log?.flush();
  if (early) {
    tell(
      `stopped early: no better validation loss in ${settings.patience} evaluations since step ${state.selection.bestT}`,
    );
  }
  const unlogged = log?.failure();
  if (!values.quiet && final !== undefined) tellResult(run, state, final, baselines, saver, curve);
  if (unlogged === undefined) return;
  console.error(`error: ${unlogged}; the model is saved: ${out}`);
  return 1;
}

/** Prints what a run has come to. */
function tellResult(
  run: Run,
  state: TrainingState,
  final: FinalEvaluation,
  baselines: Baselines | undefined,
  saver: Saver,
  curve: LossCurve,
): void {
  const { settings, out, state: initial } = run;
  const { samples, temperature } = settings;
  if (samples > 0) {
    say("--- inference (new, hallucinated names) ---");
    printSamples(drawSamples(state, state.random, { samples, temperature }));
  }
  say(finalTable(final, baselines ?? baselinesOf(run)));
  if (state.validation.length === 0) {
    say("(on docs that it was trained on, and the baselines too: --val-fraction 0.1 holds some back)");
  }
  const columns = terminalColumns();
  const plot = columns === undefined ? "" : lossPlot(curve, initial.t + 1, state.t, columns, !Deno.noColor);
  if (plot !== "") say(plot);
  const best = saver.best();
  if (best !== undefined) say(`best: ${best} (after step ${state.selection.bestT})`);
  say(`saved: ${out}`);
}

/** What the reference does not say of its data: repeats, and what is held back. */
function tellAboutData({ state, data, settings }: Run, tell: (line: string) => void): void {
  const { documents, validation, config } = state;
  if (settings.documents !== "line") {
    tell(`blocks: ${documents.length + validation.length}, of ${config.blockSize} characters at most`);
  }
  const repeats = settings.documents === "whole" ? 0 : countRepeats(data.documents);
  if (repeats > 0) tell(`repeats: ${repeats} docs repeat an earlier one`);
  if (validation.length === 0) return;
  const what = settings.documents === "line" ? "docs" : "blocks";
  tell(
    `split: ${documents.length} ${what} to train on, ${validation.length} different ones held back ` +
      `(seed ${settings.seed})`,
  );
}

/** What counting the training documents reaches on those that are evaluated. */
function baselinesOf({ state, settings }: Run): Baselines {
  return evaluateBaselines(state, state.documents, evaluated(state, settings.evalDocuments));
}

/** The documents that figures are compared on: held back, where there are such. */
function evaluated({ documents, validation }: TrainingState, most: number): readonly TrainingDocument[] {
  return (validation.length > 0 ? validation : documents).slice(0, most);
}

/** The figures at the end. */
type FinalEvaluation = { readonly training: Evaluation; readonly validation?: Evaluation };

/** The evaluation after the last step, made now if training has not made it. */
function finalEvaluation(
  { settings, engine: { name } }: Run,
  state: TrainingState,
  evaluation: StepEvaluation | undefined,
): FinalEvaluation {
  const most = settings.evalDocuments;
  const chosen = { engine: engine(name) };
  const training = evaluation?.training ?? evaluate(state, state.documents.slice(0, most), chosen);
  if (state.validation.length === 0) return { training };
  return { training, validation: evaluation?.validation ?? evaluate(state, evaluated(state, most), chosen) };
}

function finalTable({ training, validation }: FinalEvaluation, baselines: Baselines): string {
  return evaluationTable([
    ["training", training],
    ...(validation ? [["validation", validation] as const] : []),
    ...baselineRows(baselines),
  ], terminalColumns());
}

/** The run after its last step, or after the one in which it was interrupted. */
type Outcome = {
  readonly state: TrainingState;
  /** The evaluation after the last step, if there was one. */
  readonly evaluation?: StepEvaluation;
  /** What to exit with, if it was interrupted. */
  readonly exitCode?: number;
};

/** Takes the steps, shows how it goes, and saves what is due. */
function takeSteps(
  run: Run,
  interruption: Interruption,
  saver: Saver,
  values: TrainFlags,
  log: RunLog | undefined,
  curve: LossCurve,
): Outcome {
  const { settings, out } = run;
  const { "checkpoint-every": saveEvery, "snapshot-every": snapshotEvery } = values;
  const progress = progressOf(run, values);
  let { state } = run;
  let evaluation: StepEvaluation | undefined;
  let saved = values.resume === "" ? undefined : { path: values.resume, t: state.t };
  const clock = stopwatch();
  let current: (() => TrainingState) | undefined;
  try {
    for (const step of trainSteps(state, { ...settings, engine: engine(run.engine.name, run.engine) })) {
      current = step.state;
      evaluation = step.evaluation;
      progress.show(step);
      curve.add(step.t, step.loss);
      log?.write(logStep(step, clock()));
      if (evaluation) {
        progress.note(evaluationLine(step.t, settings.steps, evaluation), shortEvaluationLine(step.t, evaluation));
        log?.write({ type: "evaluation", t: step.t, ...evaluation });
      }
      if (log && snapshotEvery > 0 && step.t % snapshotEvery === 0) log.write(snapshot(step.state(), run));
      if (evaluation?.improved) {
        log?.flush(); // a log that ends before its checkpoint would have a gap
        saver.saveBest(step.state());
      }
      const exitCode = interruption.requested();
      if (exitCode !== undefined) return { state: step.state(), exitCode };
      if (saveEvery > 0 && step.t % saveEvery === 0 && step.t < settings.steps) {
        log?.flush();
        saver.save(step.state());
        saved = { path: out, t: step.t };
      }
    }
    state = current?.() ?? state;
    return { state, evaluation };
  } catch (error) {
    log?.flush();
    if (!(error instanceof RangeError)) throw error;
    const last = saved === undefined
      ? "no checkpoint of this run was saved yet"
      : `${saved.path} has the run after step ${saved.t}`;
    throw new RangeError(`${error.message}; ${last}`);
  } finally {
    progress.end();
  }
}

/** A step as the log has it, after so many seconds since the one before. */
function logStep({ t, loss, learningRate, gradNorm, tokens }: TrainingStep, seconds: number): LogStep {
  return {
    type: "step",
    t,
    loss,
    learningRate,
    gradNorm,
    tokensPerSecond: Math.round(tokens / seconds),
    time: Date.now(),
  };
}

/** Gives the seconds since it was last asked; never 0, which a coarse clock may say. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = Math.max(now - last, 0.001) / 1000;
    last = now;
    return seconds;
  };
}

function progressOf({ state, settings }: Run, { quiet, "log-every": every }: TrainFlags): Progress {
  if (quiet) return { show: () => {}, note: () => {}, end: () => {} };
  if (every === undefined && Deno.stdout.isTerminal()) return terminalProgress(settings.steps, stdoutTerminal());
  return plainProgress(state.t + 1, settings.steps, every ?? Math.ceil(settings.steps / 10));
}

/** Flags that a checkpoint does not remember. */
const FORGOTTEN = ["data", "checkpoint-every", "log-every", "log", "snapshot-every", "quiet"] as const;

/** The command that goes on with a run. */
function resumeCommand({ out }: Run, values: TrainFlags, given: ReadonlySet<string>): string {
  const quoted = (text: string): string => /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const flags = FORGOTTEN.filter((flag) => given.has(flag)).map((flag) =>
    flag === "quiet" ? "--quiet" : `--${flag} ${quoted(String(values[flag]))}`
  );
  return ["deno task train --resume", quoted(out), ...flags].join(" ");
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

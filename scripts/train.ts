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
  isExhausted,
  type StepEvaluation,
  type TrainingState,
  trainSteps,
} from "../mod.ts";
import { bestPath, checkWritable, copyBest, writeCheckpoint } from "./files.ts";
import { type Interruption, listenForInterruption } from "./interruption.ts";
import { baselineLine, baselineRows, evaluationLine, evaluationTable } from "./metrics.ts";
import { plainProgress, type Progress, say, stdoutTerminal, terminalProgress } from "./progress.ts";
import { drawSamples, printSamples } from "./samples.ts";
import { runTask } from "./task.ts";
import { checkFlags, FLAGS, type TrainFlags } from "./train/flags.ts";
import { prepareRun, type Run } from "./train/run.ts";

async function train(values: TrainFlags, given: ReadonlySet<string>): Promise<number | void> {
  const listening = listenForInterruption();
  const run = await prepareRun(values, given);
  const interruption = await listening;
  const { state: initial, settings, out } = run;
  const chosen = engine(run.engine.name, run.engine);
  checkWritable(out);
  if (initial.validation.length > 0) checkWritable(bestPath(out));
  if (values.resume !== "" && out !== values.resume) copyBest(values.resume, out);

  const tell = values.quiet ? () => {} : say;
  tell(`num docs: ${run.data.documents.length}`);
  tell(`vocab size: ${initial.config.vocabSize}`);
  tell(`num params: ${initial.params.length}`);
  tell(`engine: ${chosen.name} (${chosen.about})`);
  tellAboutData(run, tell);
  if (values.resume !== "") tell(`resumed: ${values.resume}, after step ${initial.t} of ${settings.steps}`);

  const evaluates = settings.evalEvery > 0 || initial.validation.length > 0;
  const baselines = evaluates && !values.quiet ? baselinesOf(run) : undefined;
  if (baselines) tell(baselineLine(baselines));

  const { state, evaluation, exitCode } = takeSteps(run, interruption, values);
  save(run, state);
  if (exitCode !== undefined) {
    console.error(`interrupted after step ${state.t}: saved ${out}; go on with ${resumeCommand(run, values, given)}`);
    return exitCode;
  }
  if (isExhausted(state.selection, settings.patience)) {
    tell(
      `stopped early: no better validation loss in ${settings.patience} evaluations since step ${state.selection.bestT}`,
    );
  }
  if (values.quiet) return;
  const { samples, temperature } = settings;
  if (samples > 0) {
    say("--- inference (new, hallucinated names) ---");
    printSamples(drawSamples(state, state.random, { samples, temperature }));
  }
  say(finalTable(run, state, evaluation, baselines ?? baselinesOf(run)));
  if (state.validation.length === 0) {
    say("(on docs that it was trained on, and the baselines too: --val-fraction 0.1 holds some back)");
  }
  if (state.selection.bestLoss !== null) say(`best: ${bestPath(out)} (after step ${state.selection.bestT})`);
  say(`saved: ${out}`);
}

/** What the reference does not say of its data: repeats, and what is held back. */
function tellAboutData({ state, data, settings }: Run, tell: (line: string) => void): void {
  const repeats = countRepeats(data.documents);
  if (repeats > 0) tell(`repeats: ${repeats} of the docs stand in the data before`);
  if (state.validation.length === 0) return;
  tell(
    `split: ${state.documents.length} docs to train on, ${state.validation.length} different ones held back ` +
      `(seed ${settings.seed})`,
  );
}

/** What counting the training documents reaches on those that are evaluated. */
function baselinesOf({ state, settings }: Run): Baselines {
  return evaluateBaselines(state, state.documents, evaluated(state, settings.evalDocuments));
}

/** The documents that figures are compared on: held back, where there are such. */
function evaluated({ documents, validation }: TrainingState, most: number): readonly string[] {
  return (validation.length > 0 ? validation : documents).slice(0, most);
}

function finalTable(
  { settings, engine: { name } }: Run,
  state: TrainingState,
  evaluation: StepEvaluation | undefined,
  baselines: Baselines,
): string {
  const most = settings.evalDocuments;
  const chosen = { engine: engine(name) };
  const training = evaluation?.training ?? evaluate(state, state.documents.slice(0, most), chosen);
  const validation = evaluation?.validation ??
    (state.validation.length > 0 ? evaluate(state, evaluated(state, most), chosen) : undefined);
  return evaluationTable([
    ["training", training],
    ...(validation ? [["validation", validation] as const] : []),
    ...baselineRows(baselines),
  ]);
}

function save({ settings, engine, out }: Run, state: TrainingState, path = out): void {
  writeCheckpoint(path, { ...state, hyperparameters: settings, engine });
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
function takeSteps(run: Run, interruption: Interruption, values: TrainFlags): Outcome {
  const { settings, out } = run;
  const { "checkpoint-every": saveEvery } = values;
  const progress = progressOf(run, values);
  let { state } = run;
  let evaluation: StepEvaluation | undefined;
  let savedT: number | undefined;
  let current: (() => TrainingState) | undefined;
  try {
    for (const step of trainSteps(state, { ...settings, engine: engine(run.engine.name, run.engine) })) {
      current = step.state;
      evaluation = step.evaluation;
      progress.show(step);
      if (evaluation) progress.note(evaluationLine(step.t, settings.steps, evaluation));
      if (evaluation?.improved) save(run, step.state(), bestPath(out));
      const exitCode = interruption.requested();
      if (exitCode !== undefined) return { state: step.state(), exitCode };
      if (saveEvery > 0 && step.t % saveEvery === 0 && step.t < settings.steps) {
        save(run, step.state());
        savedT = step.t;
      }
    }
    state = current?.() ?? state;
    return { state, evaluation };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const last = savedT === undefined
      ? "no checkpoint of this run was saved yet"
      : `${out} has the run after step ${savedT}`;
    throw new RangeError(`${error.message}; ${last}`);
  } finally {
    interruption.end();
    progress.end();
  }
}

function progressOf({ state, settings }: Run, { quiet, "log-every": every }: TrainFlags): Progress {
  if (quiet) return { show: () => {}, note: () => {}, end: () => {} };
  if (every === undefined && Deno.stdout.isTerminal()) return terminalProgress(settings.steps, stdoutTerminal());
  return plainProgress(state.t + 1, settings.steps, every ?? Math.ceil(settings.steps / 10));
}

/** Flags that a checkpoint does not remember. */
const FORGOTTEN = ["data", "checkpoint-every", "log-every", "quiet"] as const;

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

/**
 * `deno task train`: trains a model on a text file, saves it, and prints new documents.
 *
 * @module
 */

import { engine } from "../mod.ts";
import { isExhausted } from "../src/train/mod.ts";
import { lockFile } from "./files/lock.ts";
import { listenForInterruption, NO_INTERRUPTION } from "./cli/interruption.ts";
import { runTask } from "./cli/task.ts";
import { say } from "./terminal/stdout.ts";
import { announce, interruptedLine, noteChange, noteThreads, progressOf } from "./train/announcement.ts";
import { baselinesOf, finalEvaluation } from "./train/figures.ts";
import { checkFlags, FLAGS, GROUPS, type TrainFlags } from "./train/flags.ts";
import type { Ranks } from "./train/mpi.ts";
import { endEntry, openRunLog } from "./train/log.ts";
import type { Observer } from "./train/observer.ts";
import { checkSameRun, follow, sharedEngine, sharedInterruption, together } from "./train/ranks.ts";
import { isOverSoon, prepareRun, withEngine } from "./train/run.ts";
import { saverOf } from "./train/saving.ts";
import { keeping, takeSteps } from "./train/steps.ts";
import { curveOf, summarize } from "./train/summary.ts";
import { tell } from "./cli/printable.ts";

async function train(values: TrainFlags, given: ReadonlySet<string>): Promise<number | void> {
  if (!values.mpi) return await trainRun(values, given);
  const { mpiRanks } = await import("./train/mpi.ts");
  const ranks = await mpiRanks(values["mpi-library"]);
  return await together(ranks, () => trainRun(values, given, ranks));
}

/** Trains alone, or as one of several processes. */
async function trainRun(values: TrainFlags, given: ReadonlySet<string>, ranks?: Ranks): Promise<number | void> {
  const prepared = await prepareRun(values, given);
  let interruption = isOverSoon(prepared) ? NO_INTERRUPTION : await listenForInterruption(values["end-with-stdin"]);
  const products = values.blas === undefined
    ? undefined
    : (await import("./train/products.ts")).productsFor(prepared, values.blas);
  const own = engine(prepared.engine.name, { ...prepared.engine, now: () => performance.now(), products });
  const chosen = ranks === undefined ? own : sharedEngine(own, ranks);
  const run = { ...withEngine(prepared, chosen), ...(ranks && { ranks: ranks.size }) };
  if (ranks !== undefined) {
    await checkSameRun(run, ranks);
    interruption = sharedInterruption(interruption, run, ranks);
    if (ranks.rank > 0) return follow(run, chosen, interruption, ranks);
  }
  const { settings, out } = run;
  lockFile(out, "model", "--out");
  if (values.log !== "") lockFile(values.log, "log", "--log");
  const saver = saverOf(run, values.resume, values["keep-every"]);
  const log = values.log === "" ? undefined : openRunLog(values.log, run, values.resume !== "");
  noteChange(run);
  noteThreads(run, navigator.hardwareConcurrency);
  const announced = values.quiet ? undefined : announce(run, chosen, values.resume, ranks?.members);

  const curve = curveOf(run);
  const observers: Observer[] = [
    progressOf(run, values),
    { step: ({ t, loss }) => curve.add(t, loss) },
    ...keeping(run, saver, log, values),
  ];
  const { state, evaluation, exitCode } = takeSteps(run, chosen, observers, interruption, saver.last, ranks);
  if (exitCode !== undefined) {
    tell(interruptedLine(state.t, run, values, given, saver.previous()));
    return exitCode;
  }
  interruption.end();

  const isEarly = isExhausted(state.selection, settings.patience);
  const final = values.quiet && log === undefined ? undefined : finalEvaluation(run, chosen, state, evaluation);
  const baselines = final && (announced ?? baselinesOf(run));
  if (final) log?.write(endEntry(state, settings, { ...final, baselines }));
  log?.flush();
  if (isEarly && !values.quiet) {
    const { patience } = settings;
    say(`stopped early: no better validation loss in ${patience} evaluations since step ${state.selection.bestT}`);
  }
  const unlogged = log?.failure();
  if (final && baselines && !values.quiet) {
    summarize(run, { state, final, baselines, curve, best: saver.best(), previous: saver.previous() });
  }
  if (unlogged === undefined) return;
  tell(`error: ${unlogged}; the model is saved: ${out}`);
  return 1;
}

if (import.meta.main) {
  await runTask({
    name: "train",
    summary: "Trains a GPT on a text file, saves it, and prints documents drawn from it.",
    examples: [
      "deno task train",
      "deno task train --data my.txt --documents line-blocks --val-fraction 0.1",
      "deno task train --resume out/model.safetensors --steps 2000",
    ],
    flags: FLAGS,
    groups: GROUPS,
    check: checkFlags,
    run: train,
  });
}

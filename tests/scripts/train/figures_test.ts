/**
 * The figures that a run is judged by.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { engine, evaluate, evaluateBaselines, hyperparameters, initTraining, names } from "../../../mod.ts";
import { evaluationTable } from "../../../scripts/terminal/evaluation.ts";
import { baselinesOf, finalEvaluation } from "../../../scripts/train/figures.ts";
import type { Run } from "../../../scripts/train/run.ts";
import { curveOf, finalTable } from "../../../scripts/train/summary.ts";
import { dataWith } from "../training.ts";

const DOCUMENTS = names.slice(0, 200);

function runOf(valFraction: number, evalDocuments: number): Run {
  const settings = hyperparameters({ valFraction, evalDocuments });
  const state = initTraining(DOCUMENTS, { nEmbd: 4, nHead: 1, ...settings });
  return { state, settings, data: dataWith(DOCUMENTS), engine: { name: "array", threads: 1 }, out: "m" };
}

Deno.test("figures: baselines are fitted to all that is trained on, and measured on what is held back, as the model is", () => {
  const run = runOf(0.3, 20);
  const { state } = run;
  assertEquals([state.documents.length > 100, state.validation.length], [true, 60]);
  const held = state.validation.slice(0, 20);
  const baselines = baselinesOf(run);
  assertEquals(baselines, evaluateBaselines(state, state.documents, held));
  // Fitted or measured elsewhere they would be others.
  for (const [fitted, measured] of [[held, held], [state.documents, state.documents.slice(0, 20)], [DOCUMENTS, held]]) {
    assert(evaluateBaselines(state, fitted, measured).trigram.loss !== baselines.trigram.loss);
  }
  const { training, validation } = finalEvaluation(run, engine("array"), state, undefined);
  assertEquals(training, evaluate(state, state.documents.slice(0, 20)));
  assertEquals(validation, evaluate(state, held));
  assertEquals([training.documents, validation!.documents, baselines.trigram.documents], [20, 20, 20]);
});

Deno.test("figures: where nothing is held back, what is trained on is measured, by baselines too", () => {
  const run = runOf(0, 1000);
  const { state } = run;
  assertEquals(baselinesOf(run), evaluateBaselines(state, state.documents, state.documents));
  assertEquals(finalEvaluation(run, engine("array"), state, undefined), { training: evaluate(state, state.documents) });
});

Deno.test("figures: the run's own engine evaluates it", () => {
  const run = runOf(0.3, 20);
  const [simd, array] = (["simd", "array"] as const).map((name) =>
    evaluate(run.state, run.state.validation.slice(0, 20), { engine: engine(name) })
  );
  assertEquals(finalEvaluation(run, engine("simd"), run.state, undefined).validation, simd);
  assert(simd.loss !== array.loss, "float32 is told from float64");
});

Deno.test("figures: what training has evaluated after the last step is not evaluated again", () => {
  const run = runOf(0.3, 20);
  const [training, validation] = [1, 2].map((loss) => ({ ...evaluate(run.state, ["anna"]), loss }));
  assertEquals(finalEvaluation(run, engine("array"), run.state, { training, validation, improved: true }), {
    training,
    validation,
  });
});

Deno.test("figures: the final table has each part in its own row, then baselines from the best on", () => {
  const run = runOf(0.3, 20);
  const [final, baselines] = [finalEvaluation(run, engine("array"), run.state, undefined), baselinesOf(run)];
  const { uniform, unigram, bigram, trigram } = baselines;
  const rows = { training: final.training, validation: final.validation!, trigram, bigram, unigram, uniform };
  assertEquals(finalTable(final, baselines), evaluationTable(Object.entries(rows)));
  assertEquals(
    finalTable(final, baselines).split("\n").map((line) => line.split(/ +/).slice(0, 3)),
    [
      ["evaluation", "docs", "nats/char"],
      ...Object.entries(rows).map(([name, { loss }]) => [name, "20", loss.toFixed(4)]),
    ],
  );
  const { validation: _, ...alone } = final;
  assertEquals(finalTable(alone, baselines).split("\n")[2].split(" ")[0], "trigram");
});

Deno.test("figures: the losses of a resumed run are gathered from its first step on", () => {
  const run = runOf(0, 20);
  for (const t of [0, 400, 900]) {
    const curve = curveOf({ ...run, state: { ...run.state, t }, settings: { ...run.settings, steps: 1000 } });
    for (let step = t + 1; step <= 1000; step++) curve.add(step, step);
    const means = curve.means(10);
    // Tenths of the steps taken, each but for a step at its edges.
    means.forEach((mean, i) => assert(Math.abs(mean - (t + (1000 - t) * (i + 0.5) / 10)) <= 2, `${t}: ${means}`));
    assertEquals(means.length, 10);
  }
  assertEquals(curveOf({ ...run, state: { ...run.state, t: 1000 } }).means(10), []);
});

/**
 * Runs that are evaluated on the way, keep the best model in mind, and stop when patience ends.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Engine,
  engine,
  evaluate,
  initTraining,
  type StepEvaluation,
  type TrainingState,
  trainSteps,
} from "../../mod.ts";
import { checkSelection, isExhausted, NOTHING_SELECTED, select } from "../../src/train/mod.ts";
import { law } from "../property.ts";

const losses = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });

law("selection: the first of the lowest losses, and how long ago it was", [losses], (all) => {
  const selection = all.reduce((before, loss, i) => select(before, i + 1, loss), NOTHING_SELECTED);
  const best = Math.min(...all);
  const at = all.indexOf(best) + 1;
  assertEquals(selection, { bestLoss: best, bestT: at, waited: all.length - at });
});

Deno.test("selection: a loss that is not finite is refused", () => {
  for (const loss of [Infinity, NaN]) {
    for (const selection of [NOTHING_SELECTED, { bestLoss: 2, bestT: 1, waited: 0 }]) {
      assertThrows(() => select(selection, 2, loss), RangeError, `the validation loss ${loss} cannot be used`);
    }
  }
});

Deno.test("trainSteps: an evaluation that is not finite ends the run, and says after which step", () => {
  const array = engine("array");
  let evaluations = 0;
  const broken: Engine = {
    ...array,
    totalLoss: (...given) => ++evaluations > 3 ? Infinity : array.totalLoss(...given),
  };
  const steps = trainSteps(overfitting(), { ...OPTIONS, patience: 5, engine: broken });
  const taken: number[] = [];
  assertThrows(
    () => steps.forEach(({ t }) => taken.push(t)),
    RangeError,
    "after step 20 the loss on 2 documents is Infinity: it must be finite",
  );
  assertEquals(taken.at(-1), 19);
});

law("selection: patience ends after so many evaluations without a better one, never if it is 0", [losses], (all) => {
  for (const patience of [0, 1, 3]) {
    let selection = NOTHING_SELECTED;
    const end = all.findIndex((loss, i) => isExhausted(selection = select(selection, i + 1, loss), patience));
    const last = all.slice(end - patience, end + 1);
    if (end >= 0) assert(patience > 0 && Math.min(...last.slice(1)) >= Math.min(...all.slice(0, end + 1 - patience)));
    if (patience === 0) assertEquals(end, -1);
  }
});

/** A run that soon learns its five documents by heart, so that its validation loss rises. */
const overfitting = (): TrainingState =>
  initTraining(["anna", "bob", "eve", "ida", "leo", "mia", "noah"], { valFraction: 0.3, nEmbd: 8 });

const OPTIONS = { steps: 400, evalEvery: 10, learningRate: 0.05 };

function evaluations(patience: number, steps = OPTIONS.steps): { t: number; evaluation: StepEvaluation }[] {
  const found: { t: number; evaluation: StepEvaluation }[] = [];
  for (const { t, evaluation } of trainSteps(overfitting(), { ...OPTIONS, steps, patience })) {
    if (evaluation) found.push({ t, evaluation });
  }
  return found;
}

Deno.test("trainSteps: evaluates every so many steps and at the end, on the same documents, without changing the run", () => {
  const state = overfitting();
  const plain = [...trainSteps({ ...state, validation: [] }, { steps: 25 })];
  const evaluated = [...trainSteps(state, { steps: 25, evalEvery: 10 })];
  assertEquals(
    evaluated.map(({ loss, gradNorm }) => [loss, gradNorm]),
    plain.map(({ loss, gradNorm }) => [loss, gradNorm]),
  );
  assertEquals(evaluated.filter(({ evaluation }) => evaluation).map(({ t }) => t), [10, 20, 25]);
  assertEquals([...trainSteps(state, { steps: 5 })].map(({ evaluation }) => evaluation !== undefined).indexOf(true), 4);
  for (const { t, evaluation } of trainSteps(state, { steps: 25, evalEvery: 10, evalDocuments: 1 })) {
    if (t % 10 === 0) assertEquals([evaluation!.training.documents, evaluation!.validation!.documents], [1, 1]);
  }
  let last = state;
  for (const step of trainSteps(state, { steps: 20, evalEvery: 10 })) {
    last = step.state();
    if (!step.evaluation) continue;
    assertEquals(step.evaluation.training, evaluate(last, last.documents));
    assertEquals(step.evaluation.validation, evaluate(last, last.validation));
  }
  assert(last.selection.bestLoss !== null);
});

Deno.test("trainSteps: stops when patience ends, at the best so far and so many evaluations", () => {
  const all = evaluations(0);
  assertEquals(all.length, 40);
  const early = evaluations(3);
  assert(early.length < 40);
  assertEquals(early, all.slice(0, early.length));
  const best = early.findLastIndex(({ evaluation }) => evaluation.improved);
  assertEquals(best, early.length - 1 - 3);
  assertThrows(() => [...trainSteps(initTraining(["a", "b"]), { patience: 1 })], RangeError, "patience 1 has nothing");
  assertThrows(() => [...trainSteps(overfitting(), { patience: 1 })], RangeError, "patience 1 has nothing");
});

Deno.test("checkSelection: whole numbers from 0, and a loss from 0 or none", () => {
  const fine = { bestLoss: 2.5, bestT: 3, waited: 1 };
  assertEquals(checkSelection(fine), fine);
  assertEquals(checkSelection(NOTHING_SELECTED), NOTHING_SELECTED);
  for (
    const [name, value] of [["bestT", 1.5], ["bestT", -1], ["waited", 0.5], ["waited", -1], ["bestLoss", NaN]] as const
  ) {
    assertThrows(() => checkSelection({ ...fine, [name]: value }), RangeError, `${name} ${value}`);
  }
});

Deno.test("patience: without held-back documents, or without evaluations, there is nothing to wait for", () => {
  const documents = ["anna", "bob", "eve", "ida"];
  for (const [valFraction, evalEvery] of [[0, 5], [0.3, 0], [0, 0]]) {
    const state = initTraining(documents, { valFraction });
    assertThrows(
      () => [...trainSteps(state, { steps: 2, patience: 1, evalEvery })],
      RangeError,
      "patience 1 has nothing to wait for",
    );
  }
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Engine, engine, initTraining, trainSteps } from "../../mod.ts";
import { checkGradients, finiteDifference } from "../../src/engines/mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { law } from "../property.ts";
import { copyOf, tensorOf } from "../tensors.ts";
import { modelsWithBatch } from "./laws.ts";

/** Relative to the largest gradient: central differences, of models as they begin and of any; rounding of the engines. */
const ERRORS = { differences: 1e-6, wild: 1e-5, float64: 1e-12, float32: 1e-5 };
/** An error that rounding does not explain. */
const WRONG = 1e-3;
/** Where a model is sure, gradients are differences of almost equal numbers. */
const SURE = { differences: 1e-5, float64: 1e-9, float32: 1e-3 };

law(
  "finiteDifference: the array engine's gradient",
  [modelsWithBatch, fc.nat()],
  ({ parameters, batch }, n) => {
    const index = n % parameters.params.length;
    const slope = finiteDifference(parameters, batch, index);
    const { grads } = engine("array").lossAndGrad(parameters, batch);
    if (slope !== undefined) assertAlmostEquals(slope, grads[index], ERRORS.wild * Math.max(1, ...grads.map(Math.abs)));
  },
  { numRuns: 60 },
);

const model = initTraining(["anna", "bob"]);
const BATCH = [[4, 0, 3, 3, 0, 4], [4, 1, 2, 1, 4]];
const options = {
  expected: engine("scalar"),
  others: [engine("array"), engine("simd")],
  checks: 4,
  random: seedRandom(1),
};

Deno.test("finiteDifference: none at the kink of a ReLU", () => {
  const flat = copyOf(model);
  tensorOf(flat, "layer0.mlp_fc1").forEach((row) => row.fill(0));
  const { offset } = parameterLayout(model.config).find(({ name }) => name === "layer0.mlp_fc1")!;
  assertEquals(finiteDifference(flat, BATCH, offset), undefined);
  assert(finiteDifference(model, BATCH, offset) !== undefined);
});

Deno.test("checkGradients: small errors for right engines, in every tensor", () => {
  const checks = checkGradients(model, BATCH, options);
  assertEquals(checks.length, 9);
  for (const { checked, finiteDifferences, engines: [array, simd] } of checks) {
    assertEquals(checked, 4);
    assert(finiteDifferences < ERRORS.differences && array < ERRORS.float64 && simd < ERRORS.float32);
  }
});

Deno.test("checkGradients: a wrong gradient shows in its tensor, and only there", () => {
  const array = engine("array");
  const spoiled = (index: number, change: number): Engine => ({
    ...array,
    lossAndGrad: (parameters, batch) => {
      const { loss, grads } = array.lossAndGrad(parameters, batch);
      return { loss, grads: grads.with(index, grads[index] + change) };
    },
  });
  const checks = checkGradients(model, BATCH, { ...options, others: [spoiled(0, 0.01), spoiled(100, NaN)] });
  const tensors = (which: number): string[] =>
    checks.filter(({ engines }) => !(engines[which] < WRONG)).map(({ tensor }) => tensor);
  assertEquals([tensors(0), tensors(1)], [["wte"], ["wpe"]]);
  const wrong = checkGradients(model, BATCH, { ...options, expected: spoiled(0, 10), others: [] });
  assert(wrong[0].finiteDifferences > 0.5 && wrong[1].finiteDifferences < ERRORS.differences);
});

Deno.test("checkGradients: a model that knows its text by heart is no false alarm; a loss that is not finite is refused", () => {
  let state = initTraining(["ab", "cd"]);
  for (const step of trainSteps(state, { steps: 1500, batch: 2, schedule: "constant" })) {
    if (step.t === 1500) state = step.state();
  }
  for (
    const { finiteDifferences, engines: [array, simd] } of checkGradients(state, [[4, 0, 1, 4], [4, 2, 3, 4]], options)
  ) {
    assert(finiteDifferences < SURE.differences && array < SURE.float64 && simd < SURE.float32);
  }
  const broken = { ...model, params: model.params.map(() => NaN) };
  assertThrows(() => checkGradients(broken, BATCH, options), RangeError, "the loss is NaN, and has no gradient");
  assertThrows(() => checkGradients(model, BATCH, { ...options, checks: NaN }), RangeError, "checks NaN");
});

Deno.test("finiteDifference: what does not fit the config is refused", () => {
  const model = initTraining(["ab"], { nEmbd: 4 });
  assertThrows(() => finiteDifference(model, [], 0), RangeError, "a batch of 0 documents");
  assertThrows(
    () => finiteDifference({ ...model, params: new Float64Array(5) }, [[2, 0, 2]], 0),
    RangeError,
    "5 parameters",
  );
  for (const index of [-1, model.params.length, 0.5]) {
    assertThrows(() => finiteDifference(model, [[2, 0, 2]], index), RangeError, `index ${index}`);
  }
});

Deno.test("checkGradients: finds the largest gradient of each tensor, and checks others that it draws", () => {
  const model = initTraining(["anna", "bob"], { nEmbd: 8 });
  const batch = [[4, 0, 3, 3, 0, 4]];
  const array = engine("array");
  const { grads } = array.lossAndGrad(model, batch);
  const largestOf = (offset: number, size: number): number =>
    grads.subarray(offset, offset + size).reduce((most, g, i, all) => Math.abs(g) > Math.abs(all[most]) ? i : most, 0) +
    offset;
  const layout = parameterLayout(model.config);
  const largest = layout.map(({ offset, rows, columns }) => largestOf(offset, rows * columns));
  // Right where a tensor's gradient is largest; of the wrong sign everywhere else.
  const wrong: Engine = {
    ...array,
    lossAndGrad: (...args) => {
      const result = array.lossAndGrad(...args);
      return { ...result, grads: result.grads.map((g, i) => largest.includes(i) ? g : -g) };
    },
  };
  const check = (checks: number) =>
    checkGradients(model, batch, { expected: wrong, others: [array], checks, random: seedRandom(1) });
  check(1).forEach(({ checked, finiteDifferences }) => assert(checked <= 1 && finiteDifferences < 1e-5));
  check(12).forEach(({ checked, finiteDifferences }) => assert(checked > 1 && finiteDifferences > 1e-2));
});

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  documentLoss,
  engine,
  type EngineName,
  modelConfig,
  numberTransformer,
  parameterCount,
  type Parameters,
  scalarEngine,
} from "../../../mod.ts";
import { textbookEngine } from "../../../scripts/bench/textbook.ts";
import { configs, modelsWithTokens, parametersOf, tokensOf } from "../../arbitraries.ts";
import { law } from "../../property.ts";

/** Sums in another order, of float64 numbers of everyday size. */
const REORDERED = 1e-12;

/** A model with a batch of documents. */
const modelsWithBatch = configs.chain((config) =>
  fc.record({
    parameters: parametersOf(config),
    batch: fc.array(tokensOf(config), { minLength: 1, maxLength: 4 }),
  })
);

law("scalar: the loss is that of plain numbers, to the last bit", modelsWithTokens, ({ parameters, tokens }) => {
  assertEquals(
    scalarEngine().lossAndGrad(parameters, [tokens]).loss,
    documentLoss(numberTransformer(parameters), tokens),
  );
});

law("scalar: equals the textbook, one object a number", modelsWithTokens, ({ parameters, tokens }) => {
  const actual = scalarEngine().lossAndGrad(parameters, [tokens]);
  const expected = textbookEngine().lossAndGrad(parameters, [tokens]);
  const scale = Math.max(1, ...expected.grads.map(Math.abs));
  assertAlmostEquals(actual.loss, expected.loss, REORDERED * Math.max(1, expected.loss));
  actual.grads.forEach((g, i) => assertAlmostEquals(g, expected.grads[i], REORDERED * scale));
});

law(
  "scalar: a batch is the mean over its documents, whatever their order",
  modelsWithBatch,
  ({ parameters, batch }) => {
    const scalar = scalarEngine();
    const whole = scalar.lossAndGrad(parameters, batch);
    const reversed = scalar.lossAndGrad(parameters, batch.toReversed());
    const single = batch.map((tokens) => scalar.lossAndGrad(parameters, [tokens]));
    const mean = (xs: number[]): number => xs.reduce((sum, x) => sum + x) / xs.length;
    const scale = Math.max(1, ...whole.grads.map(Math.abs));
    assertAlmostEquals(whole.loss, mean(single.map(({ loss }) => loss)), REORDERED * Math.max(1, whole.loss));
    whole.grads.forEach((g, i) => {
      assertAlmostEquals(g, mean(single.map(({ grads }) => grads[i])), REORDERED * scale);
      assertAlmostEquals(g, reversed.grads[i], REORDERED * scale);
    });
  },
  { numRuns: 50 },
);

law("scalar: nothing is kept from one call to the next", fc.tuple(modelsWithBatch, modelsWithBatch), ([a, b]) => {
  const used = scalarEngine();
  used.lossAndGrad(b.parameters, b.batch);
  const before = a.parameters.params.slice();
  const first = used.lossAndGrad(a.parameters, a.batch);
  assertEquals(first, scalarEngine().lossAndGrad(a.parameters, a.batch));
  assertEquals(a.parameters.params, before);
}, { numRuns: 30 });

law("scalar: new parameters of the same config are used", modelsWithBatch, ({ parameters, batch }) => {
  const { config, params } = parameters;
  const halved = { config, params: params.map((p) => p / 2) };
  const used = scalarEngine();
  used.lossAndGrad(parameters, batch);
  assertEquals(used.lossAndGrad(halved, batch), scalarEngine().lossAndGrad(halved, batch));
}, { numRuns: 30 });

Deno.test("scalar: what does not fit the config is refused", () => {
  const config = modelConfig(3, { nEmbd: 4 });
  const parameters: Parameters = { config, params: new Float64Array(parameterCount(config)) };
  const scalar = scalarEngine();
  assertThrows(() => scalar.lossAndGrad(parameters, []), RangeError, "a batch of 0 documents");
  assertThrows(() => scalar.lossAndGrad(parameters, [[2]]), RangeError, "1 tokens");
  assertThrows(() => scalar.lossAndGrad(parameters, [[2, 3, 2]]), RangeError, "token 3");
  const short = { config, params: new Float64Array(5) };
  assertThrows(() => scalar.lossAndGrad(short, [[2, 0, 2]]), RangeError, "5 parameters do not fit");
  assertThrows(() => numberTransformer(short), RangeError, "5 parameters do not fit");
  assertThrows(() => scalarEngine().lossAndGrad(short, [[2, 0, 2]]), RangeError, "5");
});

Deno.test("engine: a name that does not exist is refused", () => {
  assertEquals(engine("scalar").name, "scalar");
  for (const name of ["simd2", "", "toString"]) {
    assertThrows(() => engine(name as EngineName), RangeError, `engine "${name}" does not exist`);
  }
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { documentTokens, initTraining, modelConfig, trainSteps } from "../../../mod.ts";
import { arrayEngine, scalarEngine } from "../../../src/engines/mod.ts";
import { documentDropout, documentLoss, numberTransformer } from "../../../src/model/mod.ts";
import { modelsWithTokens, parametersOf, tokensOf, trainings } from "../../arbitraries.ts";
import { assertSame, dropouts, engineLaws, extremeLaw, modelsWithBatch } from "../laws.ts";
import { law } from "../../property.ts";

/** What the issue of trust asks for: float64 sums in another order stay far below it. */
const FLOAT64 = 1e-10;

/** Numbers rounded to float32 (6e-8) on the way, in models as wild as these. */
const FLOAT32 = 1e-4;

/** Sums of gradients in another order. */
const REORDERED = 1e-12;

law("array: loss and every gradient are the scalar graph's", [modelsWithBatch], (example) => {
  assertSame(arrayEngine(), scalarEngine(), example, FLOAT64);
}, { numRuns: 200 });

law("array: the loss is that of plain numbers, to the last bit", [modelsWithTokens], ({ parameters, tokens }) => {
  assertEquals(
    arrayEngine().lossAndGrad(parameters, [tokens]).loss,
    documentLoss(numberTransformer(parameters), tokens),
  );
});

law("array: with dropout, loss and every gradient are the scalar graph's", [modelsWithBatch, dropouts], (
  example,
  dropout,
) => {
  assertSame(arrayEngine(), scalarEngine(), example, FLOAT64, { dropout });
  const { parameters, batch: [tokens] } = example;
  assertEquals(
    arrayEngine().lossAndGrad(parameters, [tokens], { dropout }).loss,
    documentLoss(numberTransformer(parameters), tokens, documentDropout(dropout, 0)),
  );
});

/** Wider and longer than the shapes that are cheap for a graph, odd and even. */
const wider = fc
  .record({
    nLayer: fc.integer({ min: 1, max: 2 }),
    nHead: fc.integer({ min: 1, max: 5 }),
    headDim: fc.integer({ min: 1, max: 5 }),
    blockSize: fc.integer({ min: 15, max: 40 }),
    vocabSize: fc.integer({ min: 2, max: 30 }),
  })
  .map(({ headDim, vocabSize, ...shape }) => modelConfig(vocabSize, { ...shape, nEmbd: shape.nHead * headDim }))
  .chain((config) =>
    fc.record({ parameters: parametersOf(config), batch: fc.array(tokensOf(config), { minLength: 1, maxLength: 2 }) })
  );

law("array: the same for wide models and long blocks", [wider], (example) => {
  assertSame(arrayEngine(), scalarEngine(), example, FLOAT64);
}, { numRuns: 15 });

law("array: float32 is float64, rounded", [modelsWithBatch], (example) => {
  // At a kink of the ReLU the two may take different sides; everyday weights of this size keep away from it.
  assertSame(arrayEngine("float32"), arrayEngine("float64"), example, FLOAT32);
});

engineLaws("array", arrayEngine, modelsWithBatch, REORDERED);
extremeLaw("array", arrayEngine, scalarEngine, FLOAT64);

engineLaws("array in float32", () => arrayEngine("float32"), modelsWithBatch, FLOAT32);

law("array: trains as the scalar graph does", [trainings], ({ state }) => {
  const train = (engine: ReturnType<typeof arrayEngine>): number[] =>
    Array.from(trainSteps(state, { steps: 6, batch: 2, engine }), ({ loss }) => loss);
  const expected = train(scalarEngine());
  train(arrayEngine()).forEach((loss, i) => assertEquals(loss.toFixed(8), expected[i].toFixed(8)));
}, { numRuns: 20 });

Deno.test("array: an engine that has seen short documents takes long ones", () => {
  const state = initTraining(["abcd".repeat(10), "ab"], { blockSize: 70, nEmbd: 8 });
  const used = arrayEngine();
  for (const length of [1, 14, 15, 16, 17, 30, 31, 32, 33, 63, 64, 65]) { // every position more than there was room for
    const batch = [documentTokens(state.tokenizer, "abcd".repeat(20).slice(0, length))];
    assertEquals(used.lossAndGrad(state, batch), arrayEngine().lossAndGrad(state, batch));
    const dropout = { rate: 0.1, seed: 1, step: length };
    assertEquals(used.lossAndGrad(state, batch, { dropout }), arrayEngine().lossAndGrad(state, batch, { dropout }));
    assertEquals(used.totalLoss(state, batch), arrayEngine().totalLoss(state, batch));
    assertSame(used, scalarEngine(), { parameters: state, batch }, FLOAT64);
  }
});

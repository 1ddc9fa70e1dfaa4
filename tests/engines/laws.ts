/**
 * What holds for every engine, whatever is inside.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc, { type Arbitrary } from "fast-check";
import {
  type Batch,
  type Engine,
  type GradientOptions,
  modelConfig,
  type Parameters,
  type StepDropout,
} from "../../mod.ts";
import { parameterCount } from "../../src/model/mod.ts";
import { configs, parametersOf, tokensOf } from "../arbitraries.ts";
import { law } from "../property.ts";
import { activations } from "../../src/engines/array/mod.ts";
import { copyOf, tensorOf } from "../tensors.ts";

/** A model with a batch of documents. */
export type Example = { readonly parameters: Parameters; readonly batch: Batch };

/** Models of all shapes with batches of all sizes. */
export const modelsWithBatch: Arbitrary<Example> = configs.chain((config) =>
  fc.record({
    parameters: parametersOf(config),
    batch: fc.array(tokensOf(config), { minLength: 1, maxLength: 5 }),
  })
);

/** The largest absolute value, or 0.1: where a model is sure, gradients are differences of almost equal numbers. */
export const scaleOf = (xs: Float64Array): number => xs.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0.1);

/** What a step drops. More than half makes logits of hundreds, and probabilities that float32 does not hold. */
export const dropouts: Arbitrary<StepDropout> = fc.record({
  rate: fc.constantFrom(0.1, 0.5, 0.9),
  seed: fc.maxSafeNat(),
  step: fc.nat(1e6),
  first: fc.nat(100),
});

/** Fails unless two engines agree within a tolerance: of the loss, or 1; and of the largest gradient. */
export function assertSame(
  actual: Engine,
  expected: Engine,
  { parameters, batch }: Example,
  tolerance: number,
  options?: GradientOptions,
): void {
  const a = actual.lossAndGrad(parameters, batch, options);
  const e = expected.lossAndGrad(parameters, batch, options);
  assertAlmostEquals(a.loss, e.loss, tolerance * Math.max(1, e.loss));
  const allowed = tolerance * scaleOf(e.grads);
  a.grads.forEach((g, i) => {
    if (!(Math.abs(g - e.grads[i]) <= allowed)) assertAlmostEquals(g, e.grads[i], allowed, `gradient ${i}`);
  });
}

/** float32's rounding of a loss of everyday size. */
const FLOAT32_LOSS = 1e-6;

/** float32's rounding of logits, which adds up over layers; a term of the loss may be the difference of two of them. */
const FLOAT32_LOGITS = 1e-4;

/** The mean over positions of the largest logit minus the target's: the loss without what is added by the other logits. */
function lossBound(parameters: Parameters, tokens: readonly number[]): number {
  const { data, width } = activations(parameters, tokens).at(-1)!.rows;
  const positions = Math.min(parameters.config.blockSize, tokens.length - 1);
  const terms = Array.from({ length: positions }, (_, i) => {
    const row = data.subarray(i * width, (i + 1) * width);
    return Math.max(...row) - row[tokens[i + 1]];
  });
  return terms.reduce((sum, term) => sum + term, 0) / positions;
}

/** The laws; `reordered` is how far sums in another order may be apart. */
export function engineLaws(name: string, create: () => Engine, examples: Arbitrary<Example>, reordered: number): void {
  law(`${name}: a batch is the mean over its documents, whatever their order`, [examples], ({ parameters, batch }) => {
    const engine = create();
    const whole = engine.lossAndGrad(parameters, batch);
    const reversed = engine.lossAndGrad(parameters, batch.toReversed());
    const single = batch.map((tokens) => engine.lossAndGrad(parameters, [tokens]));
    const mean = (xs: number[]): number => xs.reduce((sum, x) => sum + x) / xs.length;
    const scale = Math.max(scaleOf(whole.grads), ...single.map(({ grads }) => scaleOf(grads)));
    assertAlmostEquals(whole.loss, mean(single.map(({ loss }) => loss)), reordered * Math.max(1, whole.loss));
    whole.grads.forEach((g, i) => {
      assertAlmostEquals(g, mean(single.map(({ grads }) => grads[i])), reordered * scale);
      assertAlmostEquals(g, reversed.grads[i], reordered * scale);
    });
  }, { numRuns: 40 });

  law(
    `${name}: nothing is kept from one call to the next, and nothing given is changed`,
    [examples, examples],
    (a, b) => {
      const used = create();
      used.lossAndGrad(b.parameters, b.batch);
      const before = structuredClone(a);
      const first = used.lossAndGrad(a.parameters, a.batch);
      const grads = first.grads.slice();
      assertEquals(first, create().lossAndGrad(a.parameters, a.batch));
      assertEquals(structuredClone(a), before);
      used.lossAndGrad(b.parameters, b.batch);
      assertEquals(first.grads, grads);
    },
    { numRuns: 30 },
  );

  law(
    `${name}: new parameters of the same config are used`,
    [examples],
    ({ parameters: { config, params }, batch }) => {
      const halved = { config, params: params.map((p) => p / 2) };
      const used = create();
      used.lossAndGrad({ config, params }, batch);
      assertEquals(used.lossAndGrad(halved, batch), create().lossAndGrad(halved, batch));
      for (const parameters of [halved, { config, params }, halved]) {
        assertEquals(used.totalLoss(parameters, batch), create().totalLoss(parameters, batch));
      }
    },
    { numRuns: 30 },
  );

  law(
    `${name}: losses and gradients of shares add up to those of the batch`,
    [examples, fc.nat()],
    ({ parameters, batch }, n) => {
      const engine = create();
      const cut = n % (batch.length + 1);
      const whole = engine.lossAndGrad(parameters, batch);
      const shares = [batch.slice(0, cut), batch.slice(cut)].filter(({ length }) => length > 0)
        .map((share) => engine.lossAndGrad(parameters, share, { documents: batch.length }));
      const sum = (xs: number[]): number => xs.reduce((total, x) => total + x);
      assertAlmostEquals(sum(shares.map(({ loss }) => loss)), whole.loss, reordered * Math.max(1, whole.loss));
      const scale = Math.max(scaleOf(whole.grads), ...shares.map(({ grads }) => scaleOf(grads)));
      whole.grads.forEach((g, i) => assertAlmostEquals(sum(shares.map(({ grads }) => grads[i])), g, reordered * scale));
    },
    { numRuns: 30 },
  );

  law(
    `${name}: from finite logits a finite loss and gradient, however unlikely the target`,
    [examples, fc.integer({ min: 0, max: 8 })],
    ({ parameters, batch }, exponent) => {
      const sure = copyOf(parameters);
      tensorOf(sure, "lm_head").forEach((row) => row.forEach((w, i) => row[i] = w * 10 ** exponent));
      const engine = create();
      const { loss, grads } = engine.lossAndGrad(sure, batch);
      assert(loss >= 0 && Number.isFinite(loss) && grads.every(Number.isFinite));
      assert(Number.isFinite(engine.totalLoss(sure, batch)));
      // ln Σ exp(x) is between the largest logit and that plus ln vocabSize.
      const expected = batch.reduce((sum, tokens) => sum + lossBound(sure, tokens), 0) / batch.length;
      const slack = Math.log(parameters.config.vocabSize) + FLOAT32_LOGITS * (1 + expected);
      assert(loss >= expected - slack && loss <= expected + slack, `${loss} is not about ${expected}`);
    },
    { numRuns: 40 },
  );

  law(
    `${name}: with dropout, shares drop what the batch does, and nothing is dropped after it`,
    [examples, fc.nat(), dropouts],
    ({ parameters, batch }, n, dropout) => {
      const engine = create();
      const cut = n % (batch.length + 1);
      const whole = engine.lossAndGrad(parameters, batch, { dropout });
      const shares = [batch.slice(0, cut), batch.slice(cut)].map((share, i) =>
        share.length === 0 ? { loss: 0, grads: whole.grads.map(() => 0) } : engine.lossAndGrad(parameters, share, {
          documents: batch.length,
          dropout: { ...dropout, first: dropout.first! + (i === 0 ? 0 : cut) },
        })
      );
      const scale = Math.max(scaleOf(whole.grads), ...shares.map(({ grads }) => scaleOf(grads)));
      assertAlmostEquals(shares[0].loss + shares[1].loss, whole.loss, reordered * Math.max(1, whole.loss));
      whole.grads.forEach((g, i) => assertAlmostEquals(shares[0].grads[i] + shares[1].grads[i], g, reordered * scale));
      assertEquals(engine.lossAndGrad(parameters, batch, { dropout }), whole);

      const none = create().lossAndGrad(parameters, batch);
      assertEquals(engine.lossAndGrad(parameters, batch), none);
      assertEquals(engine.lossAndGrad(parameters, batch, { dropout: { ...dropout, rate: 0 } }), none);
      engine.lossAndGrad(parameters, batch, { dropout });
      assertEquals(engine.totalLoss(parameters, batch), create().totalLoss(parameters, batch));
    },
    { numRuns: 30 },
  );

  law(`${name}: what no document reaches has a gradient of exactly 0`, [examples], ({ parameters, batch }) => {
    const { config } = parameters;
    const { grads } = create().lossAndGrad(parameters, batch);
    const seen = batch.map((tokens) => tokens.slice(0, Math.min(config.blockSize, tokens.length - 1)));
    const [tokens, positions] = [new Set(seen.flat()), Math.max(...seen.map(({ length }) => length))];
    const gradients = { config, params: grads };
    tensorOf(gradients, "wte").forEach((row, token) => assert(tokens.has(token) || row.every((g) => g === 0)));
    tensorOf(gradients, "wpe").forEach((row, position) => assert(position < positions || row.every((g) => g === 0)));
  }, { numRuns: 30 });

  law(`${name}: a gradient can be written where the caller wants it`, [examples], ({ parameters, batch }) => {
    const engine = create();
    const into = new Float64Array(parameters.params.length).fill(NaN);
    const { loss, grads } = engine.lossAndGrad(parameters, batch, { into });
    assert(grads === into);
    assertEquals({ loss, grads }, create().lossAndGrad(parameters, batch));
  }, { numRuns: 20 });

  law(`${name}: the total loss is the sum over all positions of all documents`, [examples], ({ parameters, batch }) => {
    const engine = create();
    const before = structuredClone({ parameters, batch });
    const expected = batch.reduce((total, tokens) => {
      const { loss } = engine.lossAndGrad(parameters, [tokens]);
      return total + loss * Math.min(parameters.config.blockSize, tokens.length - 1);
    }, 0);
    assertAlmostEquals(engine.totalLoss(parameters, batch), expected, reordered * Math.max(1, expected));
    assertEquals(structuredClone({ parameters, batch }), before);
    assertEquals(engine.totalLoss(parameters, []), 0);
    assertEquals(engine.totalLoss(parameters, batch), create().totalLoss(parameters, batch));
    const [first] = batch;
    assertEquals(engine.lossAndGrad(parameters, [first]), create().lossAndGrad(parameters, [first])); // and goes on
  }, { numRuns: 40 });

  Deno.test(`${name}: what does not fit the config is refused`, () => {
    const config = modelConfig(3, { nEmbd: 4 });
    const parameters: Parameters = { config, params: new Float64Array(parameterCount(config)) };
    const engine = create();
    const refuses = (batch: number[][], sentence: string, given = parameters): void => {
      assertThrows(() => engine.lossAndGrad(given, batch), RangeError, sentence);
    };
    refuses([], "a batch of 0 documents");
    refuses([[2, 0, 2], [2]], "1 tokens");
    refuses([[2, 0, 2], [2, 3, 2]], "token 3");
    refuses([[2, 0, -1]], "token -1");
    refuses([[2, 0, 2]], "5 parameters do not fit", { config, params: new Float64Array(5) });
    assertThrows(
      () => engine.lossAndGrad(parameters, [[2, 0, 2]], { into: new Float64Array(5) }),
      RangeError,
      "a gradient of length 5 does not fit",
    );
    for (const documents of [0, 1, 1.5, NaN]) {
      assertThrows(
        () => engine.lossAndGrad(parameters, [[2, 0, 2], [2, 1, 2]], { documents }),
        RangeError,
        `a batch of ${documents} documents cannot have a share of 2`,
      );
    }
    assertThrows(
      () => engine.lossAndGrad(parameters, [[2, 0, 2]], { dropout: { rate: 1, seed: 1, step: 1 } }),
      RangeError,
      "dropout 1 cannot be used",
    );
    assertThrows(() => engine.totalLoss(parameters, [[2, 0, 2], [2, 3, 2]]), RangeError, "token 3");
    assertThrows(() => engine.totalLoss(parameters, [[2]]), RangeError, "1 tokens");
    assertThrows(() => engine.totalLoss({ config, params: new Float64Array(5) }, []), RangeError, "5 parameters");
    assertAlmostEquals(engine.lossAndGrad(parameters, [[2, 0, 2]]).loss, Math.log(3), FLOAT32_LOSS); // and goes on
  });
}

/** Models whose logits and attention scores are near ±1000, where an exponential of them overflows. */
const extremeModels: Arbitrary<Example> = modelsWithBatch.map(({ parameters: { config, params }, batch }) => {
  const extreme = { config, params: params.slice() };
  // The same large row for every token moves all logits of a position alike, to either side.
  tensorOf(extreme, "lm_head").forEach((row) => row.forEach((x, i) => row[i] = x / 10 + (i % 2 === 0 ? 600 : -500)));
  for (let layer = 0; layer < config.nLayer; layer++) {
    for (const name of ["attn_wq", "attn_wk"]) {
      tensorOf(extreme, `layer${layer}.${name}`).forEach((row) => row.forEach((x, i) => row[i] = 30 * x));
    }
  }
  return { parameters: extreme, batch };
});

/** Logits and scores of ±1000: loss and gradient are finite, and those of another engine. */
export function extremeLaw(name: string, create: () => Engine, expected: () => Engine, tolerance: number): void {
  law(`${name}: logits and scores near ±1000 overflow nowhere`, [extremeModels], (example) => {
    const { loss, grads } = create().lossAndGrad(example.parameters, example.batch);
    assert(Number.isFinite(loss) && grads.every(Number.isFinite), `the loss is ${loss}`);
    const reference = expected().lossAndGrad(example.parameters, example.batch);
    assertAlmostEquals(loss, reference.loss, tolerance * Math.max(1, reference.loss));
    const scale = Math.max(scaleOf(grads), scaleOf(reference.grads));
    reference.grads.forEach((g, i) => assertAlmostEquals(grads[i], g, tolerance * scale));
  }, { numRuns: 60 });
}

/**
 * Every engine trains as the parts that the library offers do, whatever the options.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  adamInit,
  type AdamState,
  adamStep,
  clipGradient,
  documentTokens,
  type Engine,
  engine,
  ENGINE_NAMES,
  initParameters,
  initTraining,
  learningRateAt,
  modelConfig,
  names,
  type StepOptions,
  type Trainer,
  type TrainingState,
  type TrainingStep,
  trainSteps,
} from "../../mod.ts";
import { arrayEngine, plainTrainer } from "../../src/engines/mod.ts";
import { gradientNorm, SCHEDULES } from "../../src/optim/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { tensorOf } from "../tensors.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { dropouts } from "./laws.ts";

/** Every engine that is listed; simd on two threads sums the gradient in two parts. */
const ENGINES: Readonly<Record<string, () => Engine>> = {
  ...Object.fromEntries(ENGINE_NAMES.map((name) => [name, () => engine(name)])),
  "simd, 2 threads": () => engine("simd", { threads: 2 }),
};

/** float32 against itself in another order of sums, over a few steps: relative to the largest. */
const FLOAT32 = 1e-4;

/** float64 likewise. */
const FLOAT64 = 1e-9;
/** Where all moments are smaller, they are compared as if the largest were this. */
const SMALLEST = 1e-6;
/** A few multiplications in float32 of parameters of everyday size. */
const FLOAT32_PARAMETER = 1e-6;

const options = fc.record({
  schedule: fc.constantFrom(...SCHEDULES),
  warmup: fc.nat(2),
  minLearningRate: fc.constantFrom(0, 0.001),
  weightDecay: fc.constantFrom(0, 0.1, 3),
  clipNorm: fc.constantFrom(0, 0.01, 0.5, 1000),
  batch: fc.integer({ min: 1, max: 2 }),
});

function steps(state: TrainingState, options: StepOptions): { all: TrainingStep[]; final: TrainingState } {
  const all: TrainingStep[] = [];
  let final = state;
  for (const step of trainSteps(state, options)) {
    all.push(step);
    final = step.state();
  }
  return { all, final };
}

/** The same steps from the parts that the library offers. */
function byHand(
  state: TrainingState,
  { lossAndGrad }: Engine,
  given: Required<Pick<StepOptions, "steps">> & StepOptions,
) {
  const { warmup, minLearningRate, schedule, clipNorm = 0, weightDecay, batch = 1 } = given;
  let current = { params: state.params, m: state.m, v: state.v };
  const norms: number[] = [];
  for (let t = 1; t <= given.steps; t++) {
    const { length } = state.documents;
    const tokens = Array.from({ length: batch }, (_, i) => {
      const document = state.documents.at(((t - 1) * batch + i) % length)!;
      return documentTokens(state.tokenizer, document);
    });
    const { grads, norm } = clipGradient(
      lossAndGrad({ config: state.config, params: current.params }, tokens).grads,
      clipNorm,
    );
    norms.push(norm);
    const learningRate = learningRateAt(t - 1, {
      schedule,
      warmup,
      minLearningRate,
      learningRate: 0.01,
      steps: given.steps,
    });
    current = adamStep(current, grads, t, { learningRate, weightDecay });
  }
  return { ...current, norms };
}

for (const [name, create] of Object.entries(ENGINES)) {
  law(
    `${name}: schedule, decay and clipping as adamStep and clipGradient do them`,
    [trainings, options],
    ({ state }, given) => {
      const all = { ...given, steps: 4 };
      const isNarrow = create().precision === "float32";
      const reference = isNarrow ? arrayEngine("float32") : engine("array");
      const tolerance = isNarrow ? FLOAT32 : FLOAT64;
      const { all: taken, final } = steps(state, { ...all, engine: create() });
      const expected = byHand(state, reference, all);
      const scale = (values: ArrayLike<number>): number => Math.max(SMALLEST, ...Array.from(values, Math.abs));
      // Parameters may part where a gradient near 0 has either sign, by which Adam's first steps go; moments hardly do.
      for (const moment of ["m", "v"] as const) {
        const allowed = 10 * tolerance * scale(expected[moment]);
        final[moment].forEach((x, i) => assertAlmostEquals(x, expected[moment][i], allowed));
      }
      taken.forEach(({ gradNorm }, i) =>
        assertAlmostEquals(gradNorm, expected.norms[i], 10 * tolerance * expected.norms[i] + tolerance)
      );
    },
    { numRuns: 25 },
  );

  Deno.test(`${name}: zero decay, no clipping and no warm-up are the plain run, bit for bit`, () => {
    const state = initTraining(["anna", "bob", "eve"], { nEmbd: 8 });
    const plain = steps(state, { steps: 5, batch: 2, engine: create() }).final;
    const zeros = { weightDecay: 0, clipNorm: 0, warmup: 0, minLearningRate: 0, schedule: "linear" as const };
    assertEquals(steps(state, { steps: 5, batch: 2, ...zeros, engine: create() }).final, plain);
    const unreached = steps(state, { steps: 5, batch: 2, clipNorm: 1e6, engine: create() }).final;
    assertEquals(unreached, plain);
  });

  Deno.test(`${name}: the norm is that of the whole gradient, before clipping`, () => {
    const state = initTraining(names, { nEmbd: 12, nHead: 3, nLayer: 2 });
    const tokens = state.documents.slice(0, 4).map((document) => documentTokens(state.tokenizer, document));
    const expected = gradientNorm(engine("array").lossAndGrad(state, tokens).grads);
    for (const clipNorm of [0, 0.001]) {
      const [{ gradNorm }] = trainSteps(state, { batch: 4, clipNorm, steps: 1, engine: create() });
      assertAlmostEquals(gradNorm, expected, FLOAT32 * expected);
    }
  });

  Deno.test(`${name}: decay shrinks what no gradient reaches, by its share at each step`, () => {
    const state = initTraining(["ab", "ba"], { nEmbd: 4, blockSize: 8 });
    const { final } = steps(state, {
      steps: 3,
      weightDecay: 2,
      schedule: "constant",
      learningRate: 0.1,
      engine: create(),
    });
    const [before, after] = [state, final].map((model) => tensorOf(model, "wpe"));
    for (let position = 4; position < 8; position++) { // documents of two letters do not reach so far
      after[position].forEach((p, i) => {
        assertAlmostEquals(p, before[position][i] * (1 - 0.1 * 2) ** 3, FLOAT32_PARAMETER);
      });
    }
  });
}

/** Gradients that stand in for others: of everyday size, none so small that float32 flushes it. */
const givenGradient = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.fround(((i * 7) % 11 - 5) / 4));

const STEP = { learningRate: 0.01, beta1: 0.85, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 };

for (const [name, create] of Object.entries({ ...ENGINES, "simd, 3 threads": () => engine("simd", { threads: 3 }) })) {
  const tolerance = create().precision === "float32" ? FLOAT32 : FLOAT64;
  const tokensOf = ({ documents, tokenizer, config }: TrainingState): number[][] =>
    documents.slice().map((document) => documentTokens(tokenizer, document, config.blockSize + 1));
  const bitsOf = (numbers: AdamState): unknown => structuredClone([numbers.params, numbers.m, numbers.v]);
  /** Works with a trainer, and disposes of it. */
  const using = <T>(state: TrainingState, work: (trainer: Trainer) => T): T => {
    const trainer = create().trainer(state);
    try {
      return work(trainer);
    } finally {
      trainer.dispose();
    }
  };

  law(`${name}: a trainer's gradient is the engine's, and writing it back changes no bit`, [
    trainings,
    fc.constantFrom(0, 0.01),
  ], ({ state }, clipNorm) => {
    const batch = tokensOf(state);
    const expected = create().lossAndGrad(state, batch);
    const [left, rewritten] = [false, true].map((rewrites) =>
      using(state, (trainer) => {
        const loss = trainer.gradient(batch);
        const grads = trainer.readGradient();
        if (rewrites) trainer.writeGradient(trainer.readGradient());
        const updated = trainer.update(1, { ...STEP, clipNorm });
        return { loss, grads, updated, numbers: trainer.state() };
      })
    );
    assertEquals(bitsOf(rewritten.numbers), bitsOf(left.numbers));
    assertEquals(rewritten.updated, left.updated);
    assertAlmostEquals(left.loss, expected.loss, tolerance * Math.max(1, expected.loss));
    const scale = Math.max(0.1, ...expected.grads.map(Math.abs));
    left.grads.forEach((g, i) => assertAlmostEquals(g, expected.grads[i], tolerance * scale));
  }, { numRuns: 20 });

  law(`${name}: gradients of shares add up, and update as that of the whole batch`, [trainings], ({ state }) => {
    const batch = tokensOf(state);
    const shares = [batch.slice(0, 1), batch.slice(1)];
    const parts = shares.map((share) =>
      using(state, (trainer) => ({ loss: trainer.gradient(share, batch.length), grads: trainer.readGradient() }))
    );
    const whole = using(state, (trainer) => ({ loss: trainer.gradient(batch), grads: trainer.readGradient() }));
    assertAlmostEquals(parts[0].loss + parts[1].loss, whole.loss, tolerance * Math.max(1, whole.loss));
    const scale = Math.max(0.1, ...parts.flatMap(({ grads }) => [...grads]).map(Math.abs));
    whole.grads.forEach((g, i) => assertAlmostEquals(parts[0].grads[i] + parts[1].grads[i], g, tolerance * scale));
  }, { numRuns: 20 });

  law(`${name}: the update is adamStep on the gradient that was written, also before the first batch`, [
    trainings,
    fc.boolean(),
  ], ({ state }, first) => {
    const grads = givenGradient(state.params.length);
    const expected = adamStep(state, grads, 1, STEP);
    const { numbers, gradNorm } = using(state, (trainer) => {
      if (!first) trainer.gradient(tokensOf(state));
      trainer.writeGradient(grads);
      assertEquals(trainer.readGradient(), grads);
      return { ...trainer.update(1, STEP), numbers: trainer.state() };
    });
    assertAlmostEquals(gradNorm, gradientNorm(grads), tolerance * (1 + gradientNorm(grads)));
    for (const buffer of ["params", "m", "v"] as const) {
      expected[buffer].forEach((x, i) =>
        assertAlmostEquals(numbers[buffer][i], x, tolerance * Math.max(1, Math.abs(x)))
      );
    }
  }, { numRuns: 20 });

  Deno.test(`${name}: a state is a copy, what is given stays as it is, and wrong lengths are refused`, () => {
    const state = initTraining(["anna", "bob", "eve"], { nEmbd: 8 });
    const before = bitsOf(state);
    const batch = tokensOf(state);
    using(state, (trainer) => {
      assertEquals(trainer.readGradient(), new Float64Array(state.params.length));
      trainer.gradient(batch);
      trainer.update(1, STEP);
      const kept = trainer.state();
      const keptBits = bitsOf(kept);
      trainer.gradient(batch);
      trainer.update(2, STEP);
      assertEquals(bitsOf(kept), keptBits);
      assertEquals(bitsOf(state), before);
      assertThrows(() => trainer.writeGradient([1]), RangeError, "a gradient of length 1 does not fit");
      assertThrows(() => trainer.gradient([]), RangeError, "a batch of 0 documents");
      assertThrows(
        () => trainer.gradient(batch, 3, { rate: 1, seed: 1, step: 1 }),
        RangeError,
        "dropout 1 cannot be used: it must be a number from 0 and below 1",
      );
      assertThrows(() => trainer.gradient(batch, 2), RangeError, "a batch of 2 documents cannot have a share of 3");
      assertThrows(() => trainer.update(0, STEP), RangeError, "t 0");
      for (const clipNorm of [-1, NaN]) {
        assertThrows(() => trainer.update(3, { ...STEP, clipNorm }), RangeError, `clipNorm ${clipNorm}`);
      }
      const last = trainer.state();
      trainer.dispose();
      assertThrows(() => trainer.gradient(batch), Error, "disposed");
      assertThrows(() => trainer.update(3, STEP), Error, "disposed");
      assertThrows(() => trainer.writeGradient(last.params), Error, "disposed");
      assertEquals(bitsOf(trainer.state()), bitsOf(last));
    });
    assertThrows(() => create().trainer({ ...state, m: new Float64Array(3) }), RangeError, "3 parameters do not fit");
  });
}

/** Shapes with batches whose documents are as uneven as can be, and blocks that begin with any token. */
const unevenBatches = fc
  .record({
    nHead: fc.integer({ min: 1, max: 3 }),
    headDim: fc.integer({ min: 1, max: 4 }),
    blockSize: fc.integer({ min: 1, max: 16 }),
    vocabSize: fc.integer({ min: 2, max: 9 }),
    seed: fc.nat(),
  })
  .map(({ headDim, vocabSize, seed, ...shape }) => {
    const config = modelConfig(vocabSize, { ...shape, nEmbd: shape.nHead * headDim });
    const { params } = initParameters(config, seedRandom(seed), 0.4)[0];
    return { config, ...adamInit(params) };
  })
  .chain((state) => {
    const { vocabSize, blockSize } = state.config;
    const document = fc.oneof(fc.constant(2), fc.constant(blockSize + 1), fc.integer({ min: 2, max: blockSize + 3 }))
      .chain((length) => fc.array(fc.nat(vocabSize - 1), { minLength: length, maxLength: length }));
    const batch = fc.array(document, { minLength: 1, maxLength: 5 });
    return fc.record({ state: fc.constant(state), batches: fc.array(batch, { minLength: 1, maxLength: 5 }) });
  });

const THREADED = Object.fromEntries(
  [3, 4].map((threads) => [`simd, ${threads} threads`, () => engine("simd", { threads })]),
);

for (const [name, create] of Object.entries({ ...ENGINES, ...THREADED })) {
  const isNarrow = create().precision === "float32";
  const tolerance = isNarrow ? FLOAT32 : FLOAT64;

  law(`${name}: after batches of any length each gradient is that of its batch alone, with dropout and without`, [
    unevenBatches,
    fc.array(fc.option(dropouts, { nil: undefined }), { minLength: 5, maxLength: 5 }),
  ], ({ state, batches }, dropped) => {
    const reference = isNarrow ? arrayEngine("float32") : engine("scalar");
    const trainer = create().trainer(state);
    try {
      for (const [i, batch] of batches.entries()) {
        const dropout = dropped[i];
        const expected = reference.lossAndGrad(state, batch, { dropout });
        const loss = trainer.gradient(batch, batch.length, dropout);
        assertAlmostEquals(loss, expected.loss, tolerance * Math.max(1, expected.loss));
        const scale = Math.max(0.1, ...expected.grads.map(Math.abs));
        trainer.readGradient().forEach((g, i) => {
          if (!(Math.abs(g - expected.grads[i]) <= tolerance * scale)) {
            assertAlmostEquals(g, expected.grads[i], tolerance * scale, `gradient ${i}`);
          }
        });
        for (const clipNorm of [0, 1e6]) { // with clipping the norm is taken before the update, without it along with it
          const { gradNorm } = trainer.update(1, { learningRate: 0, clipNorm });
          const norm = gradientNorm(expected.grads);
          assertAlmostEquals(gradNorm, norm, tolerance * (1 + norm));
        }
      }
    } finally {
      trainer.dispose();
    }
  }, { numRuns: 40 });

  law(`${name}: one parameter that overflows in the update is seen, wherever it is`, [unevenBatches, fc.nat()], (
    { state, batches: [batch] },
    place,
  ) => {
    // A moment without a gradient, and eps 0: the update divides it by 0.
    const trainer = create().trainer({ ...state, m: state.m.with(place % state.m.length, 1) });
    try {
      trainer.gradient(batch);
      trainer.writeGradient(new Float64Array(state.params.length));
      assertEquals(trainer.update(1, { eps: 0 }), { gradNorm: 0, finite: false });
    } finally {
      trainer.dispose();
    }
  }, { numRuns: 40 });

  law(`${name}: one NaN or infinity anywhere in a gradient is seen`, [
    unevenBatches,
    fc.nat(),
    fc.constantFrom(NaN, Infinity, -Infinity),
  ], ({ state, batches: [batch] }, place, value) => {
    const trainer = create().trainer(state);
    try {
      trainer.gradient(batch);
      assert(trainer.update(1, { learningRate: 0 }).finite);
      const grads = trainer.readGradient();
      grads[place % grads.length] = value;
      trainer.writeGradient(grads);
      assertEquals(trainer.update(2, { learningRate: 0.01, clipNorm: place % 2 }).finite, false);
    } finally {
      trainer.dispose();
    }
  }, { numRuns: 40 });
}

Deno.test("plainTrainer: an engine may make a new gradient each time", () => {
  const state = initTraining(["anna", "bob"], { nEmbd: 8 });
  const array = engine("array");
  const wasteful: Engine = {
    ...array,
    lossAndGrad: (parameters, batch, options = {}) =>
      array.lossAndGrad(parameters, batch, { documents: options.documents }),
    trainer: (initial) => plainTrainer(wasteful, initial),
  };
  const final = (engine: Engine) => steps(state, { steps: 3, engine }).final;
  assertEquals(final(wasteful), final(array));
});

Deno.test("simd: after a batch for all threads, the gradient of a batch for fewer has nothing of it, in any tensor", () => {
  const state = initTraining(["abcdefgh", "bcdefgha", "cdefghab", "d"], { nEmbd: 8 });
  const all = state.documents.slice().map((document) => documentTokens(state.tokenizer, document));
  const trainer = engine("simd", { threads: 3 }).trainer(state);
  try {
    for (const batch of [all, all.slice(0, 2), all, all.slice(0, 1), all]) {
      trainer.gradient(batch);
      const { grads } = arrayEngine("float32").lossAndGrad(state, batch);
      const read = trainer.readGradient();
      read.forEach((g, i) => assertAlmostEquals(g, grads[i], FLOAT32, `gradient ${i}`));
      trainer.writeGradient(read);
      assertEquals(trainer.readGradient(), read);
    }
  } finally {
    trainer.dispose();
  }
});

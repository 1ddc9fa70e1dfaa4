import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type ModelConfig, modelConfig, type Parameters } from "../../mod.ts";
import {
  attention,
  documentLoss,
  type Dropout,
  DROPOUT_SITES,
  dropoutAt,
  dropoutFactor,
  dropoutSite,
  emptyCache,
  gpt,
  linear,
  mlp,
  numberOps,
  numberTransformer,
  type Ops,
  parameterCount,
  RMS_EPS,
  rmsNorm,
  softmax,
  type Transformer,
  weights,
} from "../../src/model/mod.ts";
import { configs, modelsWithTokens, parametersOf, tokensOf, vectors } from "../arbitraries.ts";
import { assertGradient, axes } from "../gradients.ts";
import { law } from "../property.ts";
import { copyOf, tensorOf } from "../tensors.ts";
import { type Factors, fullSequenceLogits } from "./full_sequence.ts";

/** Rounding of a few hundred float64 operations on numbers of everyday size. */
const ROUNDING = 1e-12;
/** The same, where probabilities as small as 1e-17 make logarithms out of it. */
const LOGIT_ROUNDING = 1e-9;

const sum = (xs: readonly number[]): number => xs.reduce((total, x) => total + x, 0);

/** The logits at each position of the document. */
function allLogits(parameters: Parameters, tokens: readonly number[], dropout?: Dropout): number[][] {
  const transformer = numberTransformer(parameters);
  let cache = emptyCache<number>(parameters.config);
  return tokens.slice(0, parameters.config.blockSize).map((token) => {
    const step = gpt(transformer, token, cache, dropout);
    cache = step.cache;
    return step.logits;
  });
}

/** A transformer whose parameters are scalars of any kind. */
function transformerOf<T>(ops: Ops<T>, config: ModelConfig, params: T[]): Transformer<T> {
  return { ops, config, weights: weights(config, (start, end) => params.slice(start, end)) };
}

// Softmax

const shifts = fc.double({ min: -100, max: 100, noNaN: true });

law("softmax: sums to one, each from 0 to 1", [vectors(1, 8)], (logits) => {
  const ps = softmax(numberOps, logits);
  assertAlmostEquals(sum(ps), 1, ROUNDING);
  assert(ps.every((p) => p >= 0 && p <= 1));
});

law("softmax: ignores a shift", [vectors(1, 8), shifts], (logits, shift) => {
  const shifted = softmax(numberOps, logits.map((x) => x + shift));
  softmax(numberOps, logits).forEach((p, i) => assertAlmostEquals(shifted[i], p, ROUNDING));
});

// Multiples of the spacing of doubles near 1e308, so that adding a shift rounds nothing.
const SPACING = 2 ** 971;
const huge = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });

law(
  "softmax: sums to one and ignores shifts also where numbers are near ±1e308",
  [fc.array(huge, { minLength: 1, maxLength: 6 }), huge],
  (multiples, shift) => {
    const ps = softmax(numberOps, multiples.map((k) => k * SPACING));
    const shifted = softmax(numberOps, multiples.map((k) => (k + shift) * SPACING));
    assertAlmostEquals(sum(ps), 1, ROUNDING);
    assertEquals(shifted, ps);
    const max = Math.max(...multiples);
    const ties = multiples.filter((k) => k === max).length;
    assertEquals(ps, multiples.map((k) => k === max ? 1 / ties : 0));
  },
);

law("softmax: gradient", [vectors(2, 6), vectors(6)], (logits, cs) => {
  const f = <T>(ops: Ops<T>, xs: T[]): T => ops.sum(softmax(ops, xs).map((p, i) => ops.mul(p, ops.constant(cs[i]))));
  assertGradient(f, logits, axes(logits.length));
});

// RMSNorm

law("rmsNorm: a root mean square of 1, up to eps", [vectors(1, 8)], (x) => {
  const meanSquare = sum(x.map((xi) => xi * xi)) / x.length;
  const y = rmsNorm(numberOps, x);
  assertAlmostEquals(sum(y.map((yi) => yi * yi)) / y.length, meanSquare / (meanSquare + RMS_EPS), ROUNDING);
});

/** What eps 1e-5 adds to a mean square of at least 0.01 · 1e6 / 8, halved by the root. */
const DWARFED_EPS = 1e-8;
const scales = fc.double({ min: 1e3, max: 1e6, noNaN: true });

law("rmsNorm: ignores the scale where it dwarfs eps", [vectors(1, 8), scales], (x, scale) => {
  fc.pre(x.some((xi) => Math.abs(xi) > 0.1));
  const large = rmsNorm(numberOps, x.map((xi) => xi * 1e3));
  const larger = rmsNorm(numberOps, x.map((xi) => xi * 1e3 * scale));
  large.forEach((y, i) => assertAlmostEquals(larger[i], y, DWARFED_EPS));
});

law("rmsNorm: gradient", [vectors(2, 6), vectors(6)], (x, cs) => {
  const f = <T>(ops: Ops<T>, xs: T[]): T => ops.sum(rmsNorm(ops, xs).map((y, i) => ops.mul(y, ops.constant(cs[i]))));
  assertGradient(f, x, axes(x.length));
});

// Linear, attention, MLP

law("linear: gradient of matrix and vector", [vectors(6), vectors(3), vectors(2)], (w, x, cs) => {
  const f = <T>(ops: Ops<T>, xs: T[]): T => {
    const y = linear(ops, [xs.slice(0, 3), xs.slice(3, 6)], xs.slice(6));
    return ops.sum(y.map((yi, i) => ops.mul(yi, ops.constant(cs[i]))));
  };
  assertGradient(f, [...w, ...x], axes(9));
});

/** Parameters of a model, and vectors to run through one of its layers. */
const layers = configs.chain((config) =>
  fc.record({
    parameters: parametersOf(config),
    inputs: fc.array(vectors(config.nEmbd), { minLength: 1, maxLength: 3 }),
    cs: vectors(config.nEmbd),
    direction: vectors(parameterCount(config)),
  })
);

law("attention: gradient of the last of several positions", [layers], ({ parameters, inputs, cs, direction }) => {
  const { config, params } = parameters;
  const f = <T>(ops: Ops<T>, ps: T[]): T => {
    const transformer = transformerOf(ops, config, ps);
    const layer = transformer.weights.layers[0];
    let result = attention(transformer, layer, inputs[0].map(ops.constant), { keys: [], values: [] });
    for (const x of inputs.slice(1)) result = attention(transformer, layer, x.map(ops.constant), result.cache);
    return ops.sum(result.output.map((y, i) => ops.mul(y, ops.constant(cs[i]))));
  };
  assertGradient(f, Array.from(params), [unit(direction)]);
}, { numRuns: 50 });

law("mlp: gradient", [layers], ({ parameters, inputs, cs, direction }) => {
  const { config, params } = parameters;
  const f = <T>(ops: Ops<T>, ps: T[]): T => {
    const layer = transformerOf(ops, config, ps).weights.layers[0];
    const y = mlp(ops, layer, inputs[0].map(ops.constant));
    return ops.sum(y.map((yi, i) => ops.mul(yi, ops.constant(cs[i]))));
  };
  assertGradient(f, Array.from(params), [unit(direction)]);
}, { numRuns: 50 });

/** A direction of length 1, so that a step along it is no longer than one along an axis. */
function unit(direction: readonly number[]): number[] {
  const length = Math.hypot(...direction);
  return direction.map((d) => length === 0 ? 0 : d / length);
}

// The whole model

const derivatives = modelsWithTokens.chain(({ parameters, tokens }) =>
  fc.record({
    parameters: fc.constant(parameters),
    tokens: fc.constant(tokens),
    direction: vectors(parameters.params.length),
    axis: fc.array(fc.nat(parameters.params.length - 1), { maxLength: 8 }),
  })
);

law("the whole model: gradient of the loss", [derivatives], ({ parameters, tokens, direction, axis }) => {
  const { config, params } = parameters;
  const f = <T>(ops: Ops<T>, ps: T[]): T => documentLoss(transformerOf(ops, config, ps), tokens);
  const single = axis.map((i) => Array.from(params, (_, j) => i === j ? 1 : 0));
  assertGradient(f, Array.from(params), [unit(direction), ...single]);
}, { numRuns: 60 });

law("gpt: one position at a time with a cache equals the whole sequence at once", [modelsWithTokens], (example) => {
  const { parameters, tokens } = example;
  const cached = allLogits(parameters, tokens);
  const full = fullSequenceLogits(parameters, tokens.slice(0, cached.length));
  cached.forEach((logits, t) => logits.forEach((x, i) => assertAlmostEquals(x, full[t][i], LOGIT_ROUNDING)));
});

const dropouts = fc.record({ rate: fc.constantFrom(0.1, 0.5, 0.9), key: fc.nat() });

law("gpt: drops the units of its four sites, and no others", [modelsWithTokens, dropouts], (example, dropout) => {
  const { parameters, tokens } = example;
  const factor: Factors = (site, layer, ...place) => {
    const index = site === "input" ? DROPOUT_SITES.input : dropoutSite(layer, site);
    return dropoutFactor(dropoutAt(dropout, index, ...place.slice(0, -1)), place.at(-1)!);
  };
  const cached = allLogits(parameters, tokens, dropout);
  const full = fullSequenceLogits(parameters, tokens.slice(0, cached.length), factor);
  cached.forEach((logits, t) =>
    logits.forEach((x, i) => assertAlmostEquals(x, full[t][i], LOGIT_ROUNDING * Math.max(1, Math.abs(x))))
  );
});

law(
  "documentLoss with dropout: gradient",
  [derivatives, dropouts],
  ({ parameters, tokens, direction, axis }, dropout) => {
    const { config, params } = parameters;
    const f = <T>(ops: Ops<T>, ps: T[]): T => documentLoss(transformerOf(ops, config, ps), tokens, dropout);
    const single = axis.map((i) => Array.from(params, (_, j) => i === j ? 1 : 0));
    assertGradient(f, Array.from(params), [unit(direction), ...single]);
  },
  { numRuns: 60 },
);

law(
  "gpt: causal, a later token never changes an earlier logit",
  [modelsWithTokens.chain(({ parameters, tokens }) =>
    fc.record({
      parameters: fc.constant(parameters),
      tokens: fc.constant(tokens),
      other: tokensOf(parameters.config),
      from: fc.nat(tokens.length),
    })
  )],
  ({ parameters, tokens, other, from }) => {
    const changed = [...tokens.slice(0, from), ...other];
    assertEquals(allLogits(parameters, changed).slice(0, from), allLogits(parameters, tokens).slice(0, from));
  },
);

law("gpt: the cache it is given stays as it is, and can be gone on from twice", [modelsWithTokens], (example) => {
  const { parameters, tokens } = example;
  const transformer = numberTransformer(parameters);
  const empty = emptyCache<number>(parameters.config);
  const once = gpt(transformer, tokens[0], empty);
  assertEquals(empty, emptyCache<number>(parameters.config));
  assertEquals(gpt(transformer, tokens[0], empty), once);
});

law("documentLoss: uniform logits give ln(vocabSize), whatever the document", [modelsWithTokens], (example) => {
  const { parameters, tokens } = example;
  const uniform = copyOf(parameters);
  tensorOf(uniform, "lm_head").forEach((row) => row.fill(0));
  const loss = documentLoss(numberTransformer(uniform), tokens);
  assertAlmostEquals(loss, Math.log(parameters.config.vocabSize), ROUNDING);
});

law(
  "documentLoss: the mean surprise at the tokens that come, as far as the block goes",
  [modelsWithTokens],
  (example) => {
    const { parameters, tokens } = example;
    const positions = Math.min(parameters.config.blockSize, tokens.length - 1);
    const losses = fullSequenceLogits(parameters, tokens.slice(0, positions)).map((logits, t) => {
      const logSum = Math.log(sum(logits.map((x) => Math.exp(x))));
      return logSum - logits[tokens[t + 1]];
    });
    assertAlmostEquals(
      documentLoss(numberTransformer(parameters), tokens),
      sum(losses) / positions,
      LOGIT_ROUNDING,
    );
  },
);

Deno.test("gpt: a token outside the vocabulary and a position past the block are refused", () => {
  const config = modelConfig(3, { blockSize: 1, nEmbd: 4 });
  const transformer = numberTransformer({ config, params: new Float64Array(parameterCount(config)) });
  for (const token of [3, -1, 0.5, NaN]) {
    assertThrows(() => gpt(transformer, token, emptyCache(config)), RangeError, `token ${token}`);
    assertThrows(() => documentLoss(transformer, [2, token]), RangeError, `token ${token}`);
  }
  assertThrows(() => gpt(transformer, 0, gpt(transformer, 2, emptyCache(config)).cache), RangeError, "past the block");
  assertThrows(() => documentLoss(transformer, [2]), RangeError, "1 tokens");
});

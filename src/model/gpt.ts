/**
 * The forward pass of a GPT, written once over {@linkcode Ops}: the specification that every engine is held against.
 *
 * The architecture is that of GPT-2 (Radford et al. 2019) with the reference's changes: RMSNorm instead of LayerNorm,
 * ReLU instead of GELU, no biases, and a norm right after the embeddings. Source: microgpt.py, `linear` to `gpt`.
 *
 * @module
 */

import { inRange } from "../range.ts";
import type { ModelConfig } from "./config.ts";
import { numberOps, type Ops } from "./ops.ts";
import {
  checkParameters,
  type LayerWeights,
  type Matrix,
  type Parameters,
  type Weights,
  weights,
} from "./parameters.ts";

/**
 * Keeps the norm of a zero vector finite; the reference's value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberOps, RMS_EPS, rmsNorm } from "@microgpt/microgpt";
 *
 * assertEquals(rmsNorm(numberOps, [1]), [(1 + RMS_EPS) ** -0.5]);
 * ```
 */
export const RMS_EPS = 1e-5;

/**
 * A model over some kind of scalar: numbers to evaluate and sample, graph nodes to train.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initParameters, modelConfig, numberTransformer, seedRandom, type Transformer } from "@microgpt/microgpt";
 *
 * const [parameters] = initParameters(modelConfig(27), seedRandom(42), 0.08);
 * const transformer: Transformer<number> = numberTransformer(parameters);
 * assertEquals(transformer.weights.layers.length, 1);
 * ```
 */
export type Transformer<T> = {
  /** The arithmetic of the scalars. */
  readonly ops: Ops<T>;
  /** The model's shape. */
  readonly config: ModelConfig;
  /** The model's matrices. */
  readonly weights: Weights<T>;
};

/**
 * A model's parameters as a {@linkcode Transformer} over plain numbers. The rows are views: nothing is copied.
 *
 * @throws {RangeError} If the number of parameters is not the config's.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyCache, gpt, initParameters, modelConfig, numberTransformer, seedRandom } from "@microgpt/microgpt";
 *
 * const [parameters] = initParameters(modelConfig(27), seedRandom(42), 0.08);
 * const { logits } = gpt(numberTransformer(parameters), 26, emptyCache(parameters.config));
 * assertEquals(logits.length, 27);
 * ```
 */
export function numberTransformer({ config, params }: Parameters): Transformer<number> {
  checkParameters({ config, params });
  return { ops: numberOps, config, weights: weights(config, (start, end) => params.subarray(start, end)) };
}

/**
 * The keys and values of one layer for all positions so far, `[positions][nHead][nEmbd / nHead]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyCache, type LayerCache, modelConfig } from "@microgpt/microgpt";
 *
 * const layer: LayerCache<number> = emptyCache<number>(modelConfig(27)).layers[0];
 * assertEquals(layer.keys.length, 0);
 * ```
 */
export type LayerCache<T> = {
  /** What each position offers to be found by. */
  readonly keys: readonly T[][][];
  /** What each position gives when it is found. */
  readonly values: readonly T[][][];
};

/**
 * What the model remembers of the positions so far. {@linkcode gpt} returns a longer one and leaves its own as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyCache, type KVCache, modelConfig } from "@microgpt/microgpt";
 *
 * const cache: KVCache<number> = emptyCache(modelConfig(27, { nLayer: 2 }));
 * assertEquals(cache.layers.length, 2);
 * ```
 */
export type KVCache<T> = {
  /** Number of positions so far, and so the index of the next one. */
  readonly position: number;
  /** One cache for each layer. */
  readonly layers: readonly LayerCache<T>[];
};

/**
 * The cache before the first position.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyCache, modelConfig } from "@microgpt/microgpt";
 *
 * assertEquals(emptyCache(modelConfig(27)).position, 0);
 * ```
 */
export function emptyCache<T>({ nLayer }: ModelConfig): KVCache<T> {
  return { position: 0, layers: Array.from({ length: nLayer }, () => ({ keys: [], values: [] })) };
}

/**
 * Matrix times vector: `y[i] = w[i] · x`.
 *
 * Source: microgpt.py, `linear`.
 *
 * @param w `[outputs, inputs]`
 * @param x `[inputs]`
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linear, numberOps } from "@microgpt/microgpt";
 *
 * assertEquals(linear(numberOps, [[1, 2], [3, 4], [5, 6]], [10, 1]), [12, 34, 56]);
 * ```
 */
export function linear<T>(ops: Ops<T>, w: Matrix<T>, x: ArrayLike<T>): T[] {
  return w.map((row) => ops.dot(row, x));
}

/**
 * Probabilities from logits: `exp(x[i]) / Σ exp(x[j])`. The largest logit is subtracted first, so that nothing
 * overflows; it cancels, and so has no gradient.
 *
 * Source: microgpt.py, `softmax`.
 *
 * @param logits One or more finite numbers.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberOps, softmax } from "@microgpt/microgpt";
 *
 * assertEquals(softmax(numberOps, [5, 5]), [0.5, 0.5]);
 * ```
 */
export function softmax<T>(ops: Ops<T>, logits: readonly T[]): T[] {
  const max = logits.reduce((largest, x) => Math.max(largest, ops.value(x)), -Infinity);
  const shift = ops.constant(-max);
  const exps = logits.map((x) => ops.exp(ops.add(x, shift)));
  const scale = ops.pow(ops.sum(exps), -1);
  return exps.map((e) => ops.mul(e, scale));
}

/**
 * A vector scaled to a root mean square of (almost) 1: `x / sqrt(mean(x²) + 1e-5)`.
 *
 * Source: Zhang & Sennrich 2019, equation 4, without its weights; microgpt.py, `rmsnorm`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { numberOps, rmsNorm } from "@microgpt/microgpt";
 *
 * const [x, y] = rmsNorm(numberOps, [30, -40]);
 * assertAlmostEquals((x * x + y * y) / 2, 1);
 * ```
 */
export function rmsNorm<T>(ops: Ops<T>, x: readonly T[]): T[] {
  const meanSquare = ops.mul(ops.dot(x, x), ops.constant(1 / x.length));
  const scale = ops.pow(ops.add(meanSquare, ops.constant(RMS_EPS)), -0.5);
  return x.map((xi) => ops.mul(xi, scale));
}

/** Elementwise sum of two vectors. */
function addVectors<T>(ops: Ops<T>, xs: ArrayLike<T>, ys: ArrayLike<T>): T[] {
  const sums: T[] = [];
  for (let i = 0; i < xs.length; i++) sums.push(ops.add(xs[i], ys[i]));
  return sums;
}

/** A vector cut into `nHead` equal pieces. */
function splitHeads<T>(x: readonly T[], nHead: number): T[][] {
  const headDim = x.length / nHead;
  const heads: T[][] = [];
  for (let start = 0; start < x.length; start += headDim) heads.push(x.slice(start, start + headDim));
  return heads;
}

/**
 * Multi-head causal self-attention for one position, which looks at itself and at the positions in the cache.
 * For each head, with d its width: `softmax(q · k[t] / sqrt(d))` weighs the values `v[t]`.
 *
 * Source: Vaswani et al. 2017, equation 1 and section 3.2.2; microgpt.py, `gpt`, part 1.
 *
 * @param transformer Gives the arithmetic and the number of heads.
 * @param layer The layer's matrices.
 * @param x `[nEmbd]`, normalized.
 * @param cache The layer's keys and values so far.
 * @returns The output, `[nEmbd]`, and the cache with this position's key and value.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { attention, initParameters, modelConfig, numberTransformer, seedRandom } from "@microgpt/microgpt";
 *
 * const transformer = numberTransformer(initParameters(modelConfig(3, { nEmbd: 4 }), seedRandom(1), 0.08)[0]);
 * const layer = transformer.weights.layers[0];
 * const { cache } = attention(transformer, layer, [1, 0, 0, 1], { keys: [], values: [] });
 * assertEquals(cache.keys.length, 1);
 * ```
 */
export function attention<T>(
  { ops, config: { nHead } }: Transformer<T>,
  layer: LayerWeights<T>,
  x: readonly T[],
  cache: LayerCache<T>,
): { output: T[]; cache: LayerCache<T> } {
  const queries = splitHeads(linear(ops, layer.attn_wq, x), nHead);
  const keys = [...cache.keys, splitHeads(linear(ops, layer.attn_wk, x), nHead)];
  const values = [...cache.values, splitHeads(linear(ops, layer.attn_wv, x), nHead)];

  const scale = ops.constant(1 / Math.sqrt(x.length / nHead));
  const heads = queries.flatMap((q, h) => {
    const attentionWeights = softmax(ops, keys.map((k) => ops.mul(ops.dot(q, k[h]), scale)));
    return q.map((_, j) => ops.dot(attentionWeights, values.map((v) => v[h][j])));
  });
  return { output: linear(ops, layer.attn_wo, heads), cache: { keys, values } };
}

/**
 * The MLP of a layer for one position: `fc2 relu(fc1 x)`, four times as wide inside.
 *
 * Source: microgpt.py, `gpt`, part 2.
 *
 * @param x `[nEmbd]`, normalized.
 * @returns `[nEmbd]`
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initParameters, mlp, modelConfig, numberTransformer, seedRandom } from "@microgpt/microgpt";
 *
 * const { ops, weights } = numberTransformer(initParameters(modelConfig(3), seedRandom(1), 0.08)[0]);
 * assertEquals(mlp(ops, weights.layers[0], new Array(16).fill(1)).length, 16);
 * ```
 */
export function mlp<T>(ops: Ops<T>, layer: LayerWeights<T>, x: readonly T[]): T[] {
  const hidden = linear(ops, layer.mlp_fc1, x).map((h) => ops.relu(h));
  return linear(ops, layer.mlp_fc2, hidden);
}

/**
 * Refuses a token that is not in the vocabulary.
 *
 * @throws {RangeError} If it is not a whole number from 0 and below `vocabSize`.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkToken, modelConfig } from "@microgpt/microgpt";
 *
 * assertThrows(() => checkToken(27, modelConfig(27)), RangeError, "token 27 cannot be used");
 * ```
 */
export function checkToken(tokenId: number, { vocabSize }: ModelConfig): void {
  // Every token of every step comes by here; the sentence is for the few that are wrong.
  if (Number.isInteger(tokenId) && tokenId >= 0 && tokenId < vocabSize) return;
  inRange("token", tokenId, { whole: true, from: 0, below: vocabSize });
}

/**
 * How many positions the loss of a document is the mean of: one for each token that has a next one, as far as the block
 * has room.
 *
 * Source: microgpt.py, training loop: `n = min(block_size, len(tokens) - 1)`.
 *
 * @param tokens BOS, the document, BOS: two or more tokens.
 * @throws {RangeError} If there are fewer than two tokens, or one that counts is not in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lossPositions, modelConfig } from "@microgpt/microgpt";
 *
 * assertEquals(lossPositions(modelConfig(27), [26, 0, 1, 26]), 3);
 * ```
 */
export function lossPositions(config: ModelConfig, tokens: readonly number[]): number {
  const n = Math.min(config.blockSize, tokens.length - 1);
  if (n < 1) throw new RangeError(`a document of ${tokens.length} tokens has no next token: it must have at least 2`);
  for (let i = 0; i <= n; i++) checkToken(tokens[i], config);
  return n;
}

/**
 * One position of the model: the logits of the token that comes after `tokenId`.
 *
 * Source: microgpt.py, `gpt`.
 *
 * @param transformer The model.
 * @param tokenId The token at this position, 0 to `vocabSize` - 1.
 * @param cache The positions before this one.
 * @returns The logits, `[vocabSize]`, and the cache with this position.
 * @throws {RangeError} If the token is not in the vocabulary, or the block is full.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { emptyCache, gpt, initParameters, modelConfig, numberTransformer, seedRandom } from "@microgpt/microgpt";
 *
 * const transformer = numberTransformer(initParameters(modelConfig(27), seedRandom(42), 0.08)[0]);
 * const first = gpt(transformer, 26, emptyCache(transformer.config));
 * const second = gpt(transformer, 0, first.cache);
 * assertEquals(second.cache.position, 2);
 * ```
 */
export function gpt<T>(
  transformer: Transformer<T>,
  tokenId: number,
  cache: KVCache<T>,
): { logits: T[]; cache: KVCache<T> } {
  const { ops, weights, config } = transformer;
  checkToken(tokenId, config);
  if (cache.position >= config.blockSize) {
    throw new RangeError(
      `position ${cache.position} is past the block: it must be below blockSize ${config.blockSize}`,
    );
  }

  let x = rmsNorm(ops, addVectors(ops, weights.wte[tokenId], weights.wpe[cache.position]));
  const layers = weights.layers.map((layer, i) => {
    const attended = attention(transformer, layer, rmsNorm(ops, x), cache.layers[i]);
    x = addVectors(ops, attended.output, x);
    x = addVectors(ops, mlp(ops, layer, rmsNorm(ops, x)), x);
    return attended.cache;
  });
  return { logits: linear(ops, weights.lm_head, x), cache: { position: cache.position + 1, layers } };
}

/**
 * The mean loss of a document, in nats a token: cross-entropy of each next token, over as many positions as the block
 * has room for.
 *
 * Source: microgpt.py, training loop: `loss = (1 / n) * sum(losses)`.
 *
 * @param tokens BOS, the document, BOS: two or more tokens.
 * @throws {RangeError} If there are fewer than two tokens, or one is not in the vocabulary.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { documentLoss, modelConfig, numberTransformer, parameterCount } from "@microgpt/microgpt";
 *
 * const config = modelConfig(27);
 * const zeros = numberTransformer({ config, params: new Float64Array(parameterCount(config)) });
 * assertAlmostEquals(documentLoss(zeros, [26, 0, 26]), Math.log(27)); // it knows nothing yet
 * ```
 */
export function documentLoss<T>(transformer: Transformer<T>, tokens: readonly number[]): T {
  const { ops, config } = transformer;
  const n = lossPositions(config, tokens);
  let cache = emptyCache<T>(config);
  const losses: T[] = [];
  for (let position = 0; position < n; position++) {
    const step = gpt(transformer, tokens[position], cache);
    cache = step.cache;
    const likelihood = softmax(ops, step.logits)[tokens[position + 1]];
    losses.push(ops.mul(ops.log(likelihood), ops.constant(-1)));
  }
  return ops.mul(ops.sum(losses), ops.constant(1 / n));
}

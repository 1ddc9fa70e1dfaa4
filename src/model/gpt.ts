/**
 * The forward pass of a GPT, written once over {@linkcode Ops}: the specification that every engine is held against.
 *
 * The architecture is that of GPT-2 (Radford et al. 2019) with the reference's changes: RMSNorm instead of LayerNorm,
 * ReLU instead of GELU, no biases, and a norm right after the embeddings. Source: microgpt.py, `linear` to `gpt`.
 *
 * @module
 */

import { type Dropout, DROPOUT_SITES, dropoutAt, dropoutFactor, dropoutSite } from "./dropout.ts";
import type { Ops } from "./ops.ts";
import type { LayerWeights, Matrix } from "./parameters.ts";
import { checkPosition, checkToken, lossPositions } from "./tokens.ts";
import { emptyCache, type KVCache, type LayerCache, type Transformer } from "./transformer.ts";

/** Keeps the norm of a zero vector finite; the reference's value. */
export const RMS_EPS = 1e-5;

/**
 * The mean loss of a document, in nats a token: the cross-entropy of each next token, over as many positions as the block
 * has room for.
 *
 * Source: microgpt.py, training loop: `loss = (1 / n) * sum(losses)`.
 *
 * @param transformer The model.
 * @param tokens BOS, the document, BOS: two or more tokens.
 * @param dropout What the document drops, in a step of training; by default nothing.
 * @throws {RangeError} If there are fewer than two tokens, or one is not in the vocabulary.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { model } from "@microgpt/microgpt";
 *
 * const config = model.modelConfig(27);
 * const zeros = model.numberTransformer({ config, params: new Float64Array(model.parameterCount(config)) });
 * assertAlmostEquals(model.documentLoss(zeros, [26, 0, 26]), Math.log(27)); // it knows nothing yet
 * ```
 */
export function documentLoss<T>(transformer: Transformer<T>, tokens: readonly number[], dropout?: Dropout): T {
  const { ops, config } = transformer;
  const n = lossPositions(config, tokens);
  let cache = emptyCache<T>(config);
  const losses: T[] = [];
  for (let position = 0; position < n; position++) {
    const step = gpt(transformer, tokens[position], cache, dropout);
    cache = step.cache;
    losses.push(crossEntropy(ops, step.logits, tokens[position + 1]));
  }
  return ops.mul(ops.sum(losses), ops.constant(1 / n));
}

/**
 * One position of the model: the logits of the token that comes after `tokenId`. Source: microgpt.py, `gpt`.
 *
 * @param transformer The model.
 * @param tokenId The token at this position, from 0 and below `vocabSize`.
 * @param cache The positions before this one.
 * @param dropout What the document drops; by default nothing.
 * @returns The logits, `[vocabSize]`, and the cache with this position.
 * @throws {RangeError} If the token is not in the vocabulary, or the block is full.
 */
export function gpt<T>(
  transformer: Transformer<T>,
  tokenId: number,
  cache: KVCache<T>,
  dropout?: Dropout,
): { logits: T[]; cache: KVCache<T> } {
  const { ops, weights, config } = transformer;
  checkToken(tokenId, config);
  const { position } = cache;
  checkPosition(position, config);
  const dropped = (site: number, xs: readonly T[]): readonly T[] => drop(ops, xs, dropoutAt(dropout, site, position));
  let x = dropped(DROPOUT_SITES.input, rmsNorm(ops, addVectors(ops, weights.wte[tokenId], weights.wpe[position])));
  const layers = weights.layers.map((layer, i) => {
    const weightsDropout = dropoutAt(dropout, dropoutSite(i, "weights"));
    const attended = attention(transformer, layer, rmsNorm(ops, x), cache.layers[i], weightsDropout);
    x = addVectors(ops, dropped(dropoutSite(i, "attention"), attended.output), x);
    x = addVectors(ops, dropped(dropoutSite(i, "mlp"), mlp(ops, layer, rmsNorm(ops, x))), x);
    return attended.cache;
  });
  return { logits: linear(ops, weights.lm_head, x), cache: { position: position + 1, layers } };
}

/**
 * Multi-head causal self-attention for one position, which looks at itself and at the positions in the cache. For each
 * head, with d its width: `softmax(q · k[t] / sqrt(d))` weighs the values `v[t]`.
 *
 * Source: Vaswani et al. 2017, equation 1 and section 3.2.2; microgpt.py, `gpt`, part 1.
 *
 * @param transformer Gives the arithmetic and the number of heads.
 * @param layer The layer's matrices.
 * @param x `[nEmbd]`, normalized.
 * @param cache The layer's keys and values so far.
 * @param dropout What the layer drops of its attention weights; by default nothing.
 * @returns The output, `[nEmbd]`, and the cache with this position's key and value.
 */
export function attention<T>(
  { ops, config: { nHead } }: Transformer<T>,
  layer: LayerWeights<T>,
  x: readonly T[],
  cache: LayerCache<T>,
  dropout?: Dropout,
): { output: T[]; cache: LayerCache<T> } {
  const queries = splitHeads(linear(ops, layer.attn_wq, x), nHead);
  const keys = [...cache.keys, splitHeads(linear(ops, layer.attn_wk, x), nHead)];
  const values = [...cache.values, splitHeads(linear(ops, layer.attn_wv, x), nHead)];
  const scale = ops.constant(1 / Math.sqrt(x.length / nHead));
  const heads = queries.flatMap((q, h) => {
    const shares = softmax(ops, keys.map((k) => ops.mul(ops.dot(q, k[h]), scale)));
    const attentionWeights = drop(ops, shares, dropoutAt(dropout, h, cache.keys.length));
    return q.map((_, j) => ops.dot(attentionWeights, values.map((v) => v[h][j])));
  });
  return { output: linear(ops, layer.attn_wo, heads), cache: { keys, values } };
}

/**
 * The MLP of a layer for one position: `fc2 relu(fc1 x)`. Source: microgpt.py, `gpt`, part 2.
 *
 * @param ops The arithmetic.
 * @param layer The layer's matrices.
 * @param x `[nEmbd]`, normalized; inside it is four times as wide.
 */
export function mlp<T>(ops: Ops<T>, layer: LayerWeights<T>, x: readonly T[]): T[] {
  return linear(ops, layer.mlp_fc2, linear(ops, layer.mlp_fc1, x).map((h) => ops.relu(h)));
}

/**
 * Matrix times vector: `y[i] = w[i] · x`. Source: microgpt.py, `linear`.
 *
 * @param ops The arithmetic.
 * @param w `[outputs, inputs]`
 * @param x `[inputs]`
 */
export function linear<T>(ops: Ops<T>, w: Matrix<T>, x: ArrayLike<T>): T[] {
  return w.map((row) => ops.dot(row, x));
}

/**
 * Probabilities from logits: `exp(x[i]) / Σ exp(x[j])`. The largest logit is subtracted first, so that nothing overflows;
 * it cancels, and so has no gradient. Source: microgpt.py, `softmax`.
 *
 * @param ops The arithmetic.
 * @param logits One or more finite numbers.
 */
export function softmax<T>(ops: Ops<T>, logits: readonly T[]): T[] {
  const shift = ops.constant(-largest(ops, logits));
  const exps = logits.map((x) => ops.exp(ops.add(x, shift)));
  const scale = ops.pow(ops.sum(exps), -1);
  return exps.map((e) => ops.mul(e, scale));
}

/**
 * The cross-entropy of a token, in nats: `-ln softmax(x)[target]`, taken as `ln Σ exp(x[j] - max) - (x[target] - max)`. That
 * is finite for finite logits, where a probability may be too small to have a logarithm.
 *
 * Source: Blanchard, Higham & Higham 2021, the shifted log-sum-exp; microgpt.py takes the logarithm of the softmax.
 *
 * @param ops The arithmetic.
 * @param logits One or more finite numbers.
 * @param target The index of the token that comes next.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crossEntropy, numberOps } from "@microgpt/microgpt/model";
 *
 * assertEquals(crossEntropy(numberOps, [1000, 0], 1), 1000); // softmax gives it a probability of 0
 * ```
 */
export function crossEntropy<T>(ops: Ops<T>, logits: readonly T[], target: number): T {
  const shift = ops.constant(-largest(ops, logits));
  const shifted = logits.map((x) => ops.add(x, shift));
  const logTotal = ops.log(ops.sum(shifted.map((x) => ops.exp(x))));
  return ops.add(logTotal, ops.mul(shifted[target], ops.constant(-1)));
}

/** The largest of some numbers. */
function largest<T>(ops: Ops<T>, xs: readonly T[]): number {
  return xs.reduce((most, x) => Math.max(most, ops.value(x)), -Infinity);
}

/**
 * A vector scaled to a root mean square of (almost) 1: `x / sqrt(mean(x²) + 1e-5)`.
 *
 * Source: Zhang & Sennrich 2019, equation 4, without its weights; microgpt.py, `rmsnorm`.
 *
 * @param ops The arithmetic.
 * @param x `[width]`
 */
export function rmsNorm<T>(ops: Ops<T>, x: readonly T[]): T[] {
  const meanSquare = ops.mul(ops.dot(x, x), ops.constant(1 / x.length));
  const scale = ops.pow(ops.add(meanSquare, ops.constant(RMS_EPS)), -0.5);
  return x.map((xi) => ops.mul(xi, scale));
}

/**
 * A vector with some of its units 0 and the others scaled so that its mean over all draws is the vector. Source: Srivastava
 * et al. 2014, section 4 and, for the scale, section 10.
 *
 * @param ops The arithmetic.
 * @param x `[width]`
 * @param dropout What is dropped here; undefined gives the vector itself.
 */
export function drop<T>(ops: Ops<T>, x: readonly T[], dropout: Dropout | undefined): readonly T[] {
  return dropout === undefined ? x : x.map((xi, unit) => ops.mul(xi, ops.constant(dropoutFactor(dropout, unit))));
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

/**
 * A model over some kind of scalar, and what it remembers of a document.
 *
 * @module
 */

import type { ModelConfig } from "./config.ts";
import { numberOps, type Ops } from "./ops.ts";
import { checkParameters, type Parameters, type Weights, weights } from "./parameters.ts";

/** A model over some kind of scalar: numbers to evaluate and sample, graph nodes to train. */
export type Transformer<T> = {
  /** The arithmetic of the scalars. */
  readonly ops: Ops<T>;
  /** The model's shape. */
  readonly config: ModelConfig;
  /** The model's matrices. */
  readonly weights: Weights<T>;
};

/**
 * A model over plain numbers. Its rows are views: nothing is copied.
 *
 * @param parameters The model's shape and numbers.
 * @param ops The arithmetic; by default {@linkcode numberOps}.
 * @throws {RangeError} If the number of parameters is not the config's.
 * @example One position of a model that knows nothing yet
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { model, random } from "@microgpt/microgpt";
 *
 * const config = model.modelConfig(27);
 * const [parameters] = model.initParameters(config, random.seedRandom(42), 0.08);
 * const { logits, cache } = model.gpt(model.numberTransformer(parameters), 26, model.emptyCache(config));
 * assertEquals([logits.length, cache.position], [27, 1]);
 * ```
 */
export function numberTransformer({ config, params }: Parameters, ops: Ops<number> = numberOps): Transformer<number> {
  checkParameters({ config, params });
  return { ops, config, weights: weights(config, (start, end) => params.subarray(start, end)) };
}

/** The keys and values of one layer for all positions so far, `[positions][nHead][nEmbd / nHead]`. */
export type LayerCache<T> = {
  /** What each position offers to be found by. */
  readonly keys: readonly T[][][];
  /** What each position gives when it is found. */
  readonly values: readonly T[][][];
};

/** What the model remembers of the positions so far. `gpt` returns a longer one and leaves its own as it is. */
export type KVCache<T> = {
  /** Number of positions so far, and so the index of the next one. */
  readonly position: number;
  /** One cache for each layer. */
  readonly layers: readonly LayerCache<T>[];
};

/**
 * The cache before the first position.
 *
 * @param config The model's shape.
 */
export function emptyCache<T>({ nLayer }: ModelConfig): KVCache<T> {
  return { position: 0, layers: Array.from({ length: nLayer }, () => ({ keys: [], values: [] })) };
}

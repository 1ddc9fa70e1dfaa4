/**
 * What an engine is: one way to compute a model's loss and its gradient.
 *
 * @module
 */

import type { Parameters } from "../model/parameters.ts";

/**
 * A loss with its gradient.
 *
 * @example
 * ```ts
 * import { engine, type LossAndGrad, modelConfig, parameterCount } from "@microgpt/microgpt";
 *
 * const config = modelConfig(3);
 * const zeros = { config, params: new Float64Array(parameterCount(config)) };
 * const result: LossAndGrad = engine("scalar").lossAndGrad(zeros, [[2, 0, 2]]);
 * ```
 */
export type LossAndGrad = {
  /** Mean over documents of the mean over positions of the cross-entropy, in nats. */
  readonly loss: number;
  /** The derivative of the loss with respect to each parameter. */
  readonly grads: Float64Array;
};

/**
 * A way to compute losses and gradients. It keeps its working memory from call to call, and nothing else.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Engine, engine } from "@microgpt/microgpt";
 *
 * const scalar: Engine = engine("scalar");
 * assertEquals(scalar.name, "scalar");
 * ```
 */
export type Engine = {
  /** The name it is asked for by. */
  readonly name: string;
  /**
   * The loss of a batch and its gradient.
   *
   * @param parameters The model's numbers; never written to.
   * @param batch The tokens of each document, from BOS to BOS.
   * @throws {RangeError} If the batch is empty, or the buffer, a token or a document does not fit the config.
   */
  readonly lossAndGrad: (parameters: Parameters, batch: readonly (readonly number[])[]) => LossAndGrad;
};

/**
 * What an engine is: one way to compute a model's loss and its gradient.
 *
 * @module
 */

import type { ModelConfig } from "../model/config.ts";
import { lossPositions } from "../model/gpt.ts";
import { checkParameters, type Parameters } from "../model/parameters.ts";

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
 * The tokens of the documents of a step, each from BOS to BOS.
 *
 * @example
 * ```ts
 * import type { Batch } from "@microgpt/microgpt";
 *
 * const batch: Batch = [[26, 0, 13, 13, 0, 26], [26, 1, 14, 1, 26]]; // anna, bob
 * ```
 */
export type Batch = readonly (readonly number[])[];

/**
 * Refuses what {@linkcode Engine.lossAndGrad} cannot work with.
 *
 * @throws {RangeError} If the batch is empty, or a buffer, a token or a document does not fit the config.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkWork, initTraining } from "@microgpt/microgpt";
 *
 * assertThrows(() => checkWork(initTraining(["anna"]), []), RangeError, "a batch of 0 documents");
 * ```
 */
export function checkWork({ config, params }: Parameters, batch: Batch, into?: Float64Array): void {
  checkDocuments({ config, params }, batch);
  if (into !== undefined && into.length !== params.length) {
    throw new RangeError(`a gradient of length ${into.length} does not fit: the model has ${params.length} parameters`);
  }
  if (batch.length === 0) throw new RangeError("a batch of 0 documents has no loss: it must have at least 1");
}

/**
 * Refuses what {@linkcode Engine.totalLoss} cannot work with.
 *
 * @throws {RangeError} If the buffer, a token or a document does not fit the config.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkDocuments, initTraining } from "@microgpt/microgpt";
 *
 * assertThrows(() => checkDocuments(initTraining(["anna"]), [[9, 0]]), RangeError, "token 9 cannot be used");
 * ```
 */
export function checkDocuments({ config, params }: Parameters, documents: Batch): void {
  checkParameters({ config, params });
  for (let i = 0; i < documents.length; i++) lossPositions(config, documents[i]);
}

/**
 * How many positions a document that {@linkcode checkWork} has passed is trained on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelConfig, positionsOf } from "@microgpt/microgpt";
 *
 * assertEquals(positionsOf(modelConfig(27), [26, 0, 1, 26]), 3);
 * ```
 */
export function positionsOf({ blockSize }: ModelConfig, tokens: readonly number[]): number {
  return Math.min(blockSize, tokens.length - 1);
}

/**
 * Adam's hyperparameters at one step, all of them: see `AdamOptions` in train/adam.ts, and `clipNorm` in clip.ts.
 *
 * @example
 * ```ts
 * import type { StepNumbers } from "@microgpt/microgpt";
 *
 * const plain: StepNumbers = { learningRate: 0.01, beta1: 0.85, beta2: 0.99, eps: 1e-8, weightDecay: 0, clipNorm: 0 };
 * ```
 */
export type StepNumbers = {
  /** Step size. */
  readonly learningRate: number;
  /** Decay of the first moment. */
  readonly beta1: number;
  /** Decay of the second moment. */
  readonly beta2: number;
  /** Keeps the division finite. */
  readonly eps: number;
  /** Decoupled weight decay; 0 for none. */
  readonly weightDecay: number;
  /** The largest norm that the gradient may have; 0 for any. */
  readonly clipNorm: number;
};

/**
 * Parameters and moments that an engine keeps to itself from step to step, where they need not be copied.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { engine, initTraining, type Stepper } from "@microgpt/microgpt";
 *
 * const state = initTraining(["anna", "bob"]);
 * const stepper: Stepper | undefined = engine("array").stepper?.(state);
 * assertEquals(stepper, undefined); // the array engine is pure: every step makes new parameters
 * ```
 */
export type Stepper = {
  /**
   * One step: loss, gradient, clipping, Adam. Where the loss is not finite it ends there, and no number has changed.
   *
   * @param batch The tokens of each document.
   * @param t Number of the step, from 1.
   * @param numbers Adam's hyperparameters at this step.
   * @returns The loss before the update, the norm of the gradient before clipping (NaN where the loss is not finite), and
   * whether all numbers are finite after it.
   * @throws {RangeError} If a token or a document does not fit the config, or the batch not the memory.
   * @throws {Error} If the stepper is closed.
   */
  readonly step: (
    batch: Batch,
    t: number,
    numbers: StepNumbers,
  ) => { readonly loss: number; readonly gradNorm: number; readonly finite: boolean };
  /** A copy of the parameters and moments as they are now. */
  readonly read: () => { readonly params: Float64Array; readonly m: Float64Array; readonly v: Float64Array };
  /** Ends the engine's threads, if it has any. */
  readonly close: () => void;
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
  /** What it computes in, and on what: `"float32, relaxed SIMD, 2 threads"`. */
  readonly about: string;
  /**
   * The loss of a batch and its gradient.
   *
   * @param parameters The model's numbers; never written to.
   * @param batch The tokens of each document, from BOS to BOS.
   * @param into Where to write the gradient, as long as the parameters; by default a new array.
   * @throws {RangeError} If the batch is empty, or a buffer, a token or a document does not fit the config.
   */
  readonly lossAndGrad: (parameters: Parameters, batch: Batch, into?: Float64Array) => LossAndGrad;
  /**
   * The sum of the cross-entropy over all positions of all documents, in nats: the forward pass alone, to evaluate with.
   *
   * @param parameters The model's numbers; never written to.
   * @param documents The tokens of each, from BOS to BOS; as many as there are.
   * @throws {RangeError} If a buffer, a token or a document does not fit the config.
   */
  readonly totalLoss: (parameters: Parameters, documents: Batch) => number;
  /**
   * A faster way to train, if the engine has one: it takes a state over, and is to be closed at the end.
   *
   * @param state Parameters and moments; never written to.
   * @throws {RangeError} If a buffer does not fit the config, or the model does not fit the engine's memory.
   */
  readonly stepper?: (state: Parameters & { readonly m: Float64Array; readonly v: Float64Array }) => Stepper;
};

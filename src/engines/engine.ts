/**
 * What an engine is: one way to compute a model's loss and its gradient.
 *
 * @module
 */

import type { ModelConfig } from "../model/config.ts";
import { checkDropout, type StepDropout } from "../model/dropout.ts";
import { checkParameters, type Parameters } from "../model/parameters.ts";
import { lossPositions } from "../model/tokens.ts";
import type { AdamOptions, AdamState } from "../optim/adam.ts";
import type { ClipSettings } from "../optim/clip.ts";

/** A loss with its gradient. */
export type LossAndGrad = {
  /** Mean over documents of the mean over positions of the cross-entropy, in nats. */
  readonly loss: number;
  /** The derivative of the loss with respect to each parameter, `[n]`. */
  readonly grads: Float64Array;
};

/** The tokens of the documents of a step, each from BOS to BOS. */
export type Batch = readonly (readonly number[])[];

/** Parameters with their moments: what training changes. */
export type TrainableParameters = Parameters & AdamState;

/** How to compute a gradient. */
export type GradientOptions = {
  /**
   * Number of documents in the whole batch, of which these may be a share: losses and gradients of the shares then simply
   * add up. By default as many as there are.
   */
  readonly documents?: number;
  /** Which units these documents drop, in a step of training; by default none. */
  readonly dropout?: StepDropout;
  /** Where to write the gradient, `[n]`; by default a new array. */
  readonly into?: Float64Array;
};

/** How to update: Adam's numbers at this step, and the norm to clip the gradient to. */
export type UpdateOptions = Omit<AdamOptions, "into"> & Partial<ClipSettings>;

/**
 * Takes training steps: a gradient, then an update. Whoever stands between the two may read the gradient, and replace it:
 * to add up those of many machines, to draw it, to check it.
 */
export type Trainer = {
  /**
   * Computes the gradient of a batch, and returns its loss; see {@linkcode Engine.lossAndGrad}.
   *
   * @param batch The tokens of each document, from BOS to BOS; at least one document.
   * @param documents Number of documents in the whole batch, of which these may be a share; by default as many as there are.
   * @param dropout Which units the step drops; by default none.
   * @throws {RangeError} If the batch is empty, a token or a document does not fit the config, or the batch not the memory.
   */
  readonly gradient: (batch: Batch, documents?: number, dropout?: StepDropout) => number;
  /** A copy of the gradient, `[n]`; all zeros before the first. */
  readonly readGradient: () => Float64Array;
  /**
   * Replaces the gradient.
   *
   * @param grads The new one, `[n]`.
   * @throws {RangeError} If it is not as long as the parameters.
   */
  readonly writeGradient: (grads: ArrayLike<number>) => void;
  /**
   * Lets the gradient be added to those of others, where and as the engine keeps it, without a copy. Trainers of the same
   * engine and shape keep it alike.
   *
   * @param sum Adds up in place; it is called once.
   */
  readonly reduceGradient: (sum: (values: Float32Array | Float64Array) => void) => void;
  /**
   * Clips the gradient and takes one step of Adam.
   *
   * @param t Number of the step, a whole number from 1.
   * @param options Adam's numbers at this step, and the norm to clip to.
   * @returns The norm of the gradient before clipping, and whether it and all numbers of the new state are finite; where
   * they are not, the state is of no more use.
   * @throws {RangeError} If t or an option is out of range.
   */
  readonly update: (t: number, options?: UpdateOptions) => { readonly gradNorm: number; readonly finite: boolean };
  /** A copy of the parameters and moments as they are now. */
  readonly state: () => AdamState;
  /** Ends the engine's threads, if it has any. The state can still be read; there are no more steps. */
  readonly dispose: () => void;
};

/** A way to compute losses and gradients. It keeps its working memory from call to call, and nothing else. */
export type Engine = {
  /** The name it is asked for by. */
  readonly name: string;
  /** The floats it computes in. */
  readonly precision: "float64" | "float32";
  /** Number of threads that share a step of training. */
  readonly threads: number;
  /** Which of several builds runs, where there are several. */
  readonly build?: string;
  /** Whether products are added without being rounded first, where that depends on the processor. */
  readonly fused?: boolean;
  /** Why there are fewer threads than were asked for. */
  readonly limit?: string;
  /**
   * The loss of a batch and its gradient.
   *
   * @param parameters The model's numbers; never written to.
   * @param batch The tokens of each document, from BOS to BOS; at least one document.
   * @throws {RangeError} If the batch is empty, an option is out of range, or a buffer, a token or a document does not fit
   * the config.
   */
  readonly lossAndGrad: (parameters: Parameters, batch: Batch, options?: GradientOptions) => LossAndGrad;
  /**
   * The sum of the cross-entropy over all positions of all documents, in nats: the forward pass alone, for evaluation.
   *
   * @param parameters The model's numbers; never written to.
   * @param documents The tokens of each, from BOS to BOS; any number of documents.
   * @throws {RangeError} If a buffer, a token or a document does not fit the config.
   */
  readonly totalLoss: (parameters: Parameters, documents: Batch) => number;
  /**
   * A trainer that begins at a state. Dispose of it at the end.
   *
   * @param state Parameters and moments; never written to.
   * @throws {RangeError} If a buffer does not fit the config, or the model does not fit the engine's memory.
   */
  readonly trainer: (state: TrainableParameters) => Trainer;
};

/**
 * What an engine runs on, in a few words: `"float32, relaxed SIMD, 2 threads"`.
 *
 * @param engine The engine.
 */
export function describeEngine({ precision, build, threads, limit }: Engine): string {
  if (build === undefined) return precision;
  const counted = threads === 1 ? "1 thread" : `${threads} threads`;
  return `${precision}, ${build}, ${counted}${limit === undefined ? "" : `: ${limit}`}`;
}

/**
 * Refuses what {@linkcode Engine.lossAndGrad} cannot work with.
 *
 * @param parameters The model's numbers.
 * @param batch The tokens of each document.
 * @param options How to compute the gradient.
 * @throws {RangeError} If the batch is empty or larger than the whole, an option is out of range, or a buffer, a token or a
 * document does not fit the config.
 */
export function checkBatch(parameters: Parameters, batch: Batch, options: GradientOptions = {}): void {
  checkDocuments(parameters, batch);
  const { documents, dropout, into } = options;
  if (dropout !== undefined) checkDropout(dropout);
  const { length } = parameters.params;
  if (into !== undefined && into.length !== length) {
    throw new RangeError(`a gradient of length ${into.length} does not fit: the model has ${length} parameters`);
  }
  if (batch.length === 0) throw new RangeError("a batch of 0 documents has no loss: it must have at least 1");
  if (documents !== undefined && !(Number.isInteger(documents) && documents >= batch.length)) {
    throw new RangeError(
      `a batch of ${documents} documents cannot have a share of ${batch.length}: it must be a whole number from there`,
    );
  }
}

/**
 * Refuses what {@linkcode Engine.totalLoss} cannot work with.
 *
 * @param parameters The model's numbers.
 * @param documents The tokens of each document.
 * @throws {RangeError} If the buffer, a token or a document does not fit the config.
 */
export function checkDocuments(parameters: Parameters, documents: Batch): void {
  checkParameters(parameters);
  for (let i = 0; i < documents.length; i++) lossPositions(parameters.config, documents[i]);
}

/**
 * The number of positions that a document, once checked by {@linkcode checkBatch}, is trained on.
 *
 * @param config The model's shape.
 * @param tokens From BOS to BOS.
 */
export function positionsOf({ blockSize }: ModelConfig, tokens: readonly number[]): number {
  return Math.min(blockSize, tokens.length - 1);
}

/**
 * Dropout: in a step of training a random share of units is 0, so that none comes to rely on another.
 *
 * Source: Srivastava et al. 2014, in the inverted form, which scales in training and leaves the model as it is elsewhere.
 *
 * @module
 */

import { wordAt } from "../random/counter.ts";
import { checkRange, type Range } from "../range.ts";

/** How much is dropped. */
export type DropoutSettings = {
  /** The share of units that a step of training drops; 0 for none. */
  readonly dropout: number;
};

/** The reference's: nothing is dropped. */
export const DROPOUT_DEFAULTS: DropoutSettings = { dropout: 0 };

/** The shares allowed. */
export const DROPOUT_RANGES: Readonly<Record<keyof DropoutSettings, Range>> = { dropout: { from: 0, below: 1 } };

/** What a step drops. The same numbers drop the same units, with every engine and however a batch is shared out. */
export type StepDropout = {
  /** The share of units to drop, from 0 and below 1. */
  readonly rate: number;
  /** Of the run: a whole number from 0. */
  readonly seed: number;
  /** Number of the step, a whole number from 0. */
  readonly step: number;
  /** Index in the whole batch of the first document of a share of it; by default 0. */
  readonly first?: number;
};

/** What is dropped at a place: the share, and the key of the stream that says which units. */
export type Dropout = {
  /** The share of units, above 0 and below 1. */
  readonly rate: number;
  /** See {@linkcode wordAt}. */
  readonly key: number;
};

/**
 * Where units are dropped, by their index in a document: in each layer after these, three more.
 *
 * Source: nanoGPT, `model.py`, `GPT` (`drop`), `CausalSelfAttention` (`attn_dropout`, `resid_dropout`) and `MLP`.
 */
export const DROPOUT_SITES = {
  /** The input of the first layer, a unit for each feature. After its norm, which would undo the scale. */
  input: 0,
  /** Attention's weights after the softmax, a unit for each head, query and key. */
  weights: 1,
  /** The output of attention, before the residual stream is added, a unit for each feature. */
  attention: 2,
  /** The output of the MLP, likewise. */
  mlp: 3,
} as const;

/**
 * The index of a layer's site among all of a document.
 *
 * @param layer The layer, from 0.
 * @param site One of its sites.
 */
export function dropoutSite(layer: number, site: "weights" | "attention" | "mlp"): number {
  return 3 * layer + DROPOUT_SITES[site];
}

/**
 * What one document of a step drops.
 *
 * @param step What the step drops, if anything.
 * @param index Of the document in its batch, or in a share of it that begins at `first`.
 * @returns Undefined if it drops nothing.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { documentDropout } from "@microgpt/microgpt/model";
 *
 * const step = { rate: 0.1, seed: 42, step: 1 };
 * assertEquals(documentDropout({ ...step, first: 2 }, 1), documentDropout(step, 3));
 * assertEquals(documentDropout({ ...step, rate: 0 }, 3), undefined);
 * ```
 */
export function documentDropout(step: StepDropout | undefined, index: number): Dropout | undefined {
  if (step === undefined || step.rate === 0) return undefined;
  const { rate, seed, step: t, first = 0 } = step;
  return dropoutAt({ rate, key: 0 }, seed % 2 ** 32, Math.floor(seed / 2 ** 32), t, first + index);
}

/**
 * What is dropped at a place inside of another.
 *
 * @param dropout What is dropped there.
 * @param place The way down, such as a site of a document, then a position: whole numbers from 0.
 */
export function dropoutAt(dropout: Dropout, ...place: readonly number[]): Dropout;
/** The same where there may be no dropout: undefined inside of undefined. */
export function dropoutAt(dropout: Dropout | undefined, ...place: readonly number[]): Dropout | undefined;
export function dropoutAt(dropout: Dropout | undefined, ...place: readonly number[]): Dropout | undefined {
  return dropout && { rate: dropout.rate, key: place.reduce(wordAt, dropout.key) };
}

/**
 * The words of dropped units are below this: the rate, to within 2^-32 of it.
 *
 * @param rate The share of units to drop.
 */
export function dropoutLimit(rate: number): number {
  return Math.floor(rate * 2 ** 32);
}

/**
 * What a unit is multiplied by: 0 if it is dropped, else 1 / (1 - rate), which keeps the mean.
 *
 * @param dropout What is dropped where the unit is.
 * @param unit Its index there, a whole number from 0.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dropoutFactor } from "@microgpt/microgpt/model";
 *
 * const factors = [0, 1, 2, 3, 4].map((unit) => dropoutFactor({ rate: 0.5, key: 42 }, unit));
 * assertEquals(factors, [0, 2, 0, 2, 0]);
 * ```
 */
export function dropoutFactor({ rate, key }: Dropout, unit: number): number {
  return wordAt(key, unit) < dropoutLimit(rate) ? 0 : 1 / (1 - rate);
}

/**
 * Refuses what no step can drop.
 *
 * @param step What it is to drop.
 * @throws {RangeError} If a number is out of range.
 */
export function checkDropout({ rate, seed, step, first = 0 }: StepDropout): void {
  checkRange("dropout", rate, DROPOUT_RANGES.dropout);
  checkRange("dropout seed", seed, { whole: true, from: 0 });
  checkRange("dropout step", step, { whole: true, from: 0 });
  checkRange("first document", first, { whole: true, from: 0 });
}

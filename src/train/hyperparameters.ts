/**
 * The numbers that a run is set by, besides the model's shape.
 *
 * @module
 */

import { SEED_RANGE } from "../random/mt19937.ts";
import { inRange, type Range } from "../range.ts";

/**
 * Everything that, with the data and the model's shape, determines a run to the last bit.
 *
 * Source: microgpt.py's variables of the same names; `batch` is 1 there.
 *
 * @example
 * ```ts
 * import { DEFAULT_HYPERPARAMETERS, type Hyperparameters } from "@microgpt/microgpt";
 *
 * const longer: Hyperparameters = { ...DEFAULT_HYPERPARAMETERS, steps: 5000 };
 * ```
 */
export type Hyperparameters = {
  /** Seed of the random stream. */
  readonly seed: number;
  /** Standard deviation of the initial parameters. */
  readonly initStd: number;
  /** Number of training steps, over which the learning rate decays. */
  readonly steps: number;
  /** Number of documents in a step. */
  readonly batch: number;
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Decay of Adam's first moment. */
  readonly beta1: number;
  /** Decay of Adam's second moment. */
  readonly beta2: number;
  /** Adam's eps. */
  readonly eps: number;
  /** Temperature of the samples after training. */
  readonly temperature: number;
  /** Number of samples after training. */
  readonly samples: number;
};

/**
 * The reference's values.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEFAULT_HYPERPARAMETERS } from "@microgpt/microgpt";
 *
 * assertEquals(DEFAULT_HYPERPARAMETERS.steps, 1000);
 * ```
 */
export const DEFAULT_HYPERPARAMETERS: Hyperparameters = {
  seed: 42,
  initStd: 0.08,
  steps: 1000,
  batch: 1,
  learningRate: 0.01,
  beta1: 0.85,
  beta2: 0.99,
  eps: 1e-8,
  temperature: 0.5,
  samples: 20,
};

/**
 * What each of them may be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HYPERPARAMETER_RANGES } from "@microgpt/microgpt";
 *
 * assertEquals(HYPERPARAMETER_RANGES.beta1, { from: 0, below: 1 });
 * ```
 */
export const HYPERPARAMETER_RANGES: Readonly<Record<keyof Hyperparameters, Range>> = {
  seed: SEED_RANGE,
  initStd: { above: 0, to: 100 },
  steps: { whole: true, from: 1, to: 1e12 },
  batch: { whole: true, from: 1, to: 1e9 },
  learningRate: { above: 0, to: 10 },
  beta1: { from: 0, below: 1 },
  beta2: { from: 0, below: 1 },
  eps: { from: 0, to: 1 },
  temperature: { from: 0, to: 1000 },
  samples: { whole: true, from: 0, to: 1e9 },
};

/**
 * Hyperparameters, each checked; what is not given is the reference's.
 *
 * @throws {RangeError} If one is out of {@linkcode HYPERPARAMETER_RANGES}.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { hyperparameters } from "@microgpt/microgpt";
 *
 * assertEquals(hyperparameters({ steps: 10 }).learningRate, 0.01);
 * assertThrows(() => hyperparameters({ steps: 0 }), RangeError, "steps 0 cannot be used");
 * ```
 */
export function hyperparameters(given: Partial<Hyperparameters> = {}): Hyperparameters {
  const names = Object.keys(DEFAULT_HYPERPARAMETERS) as (keyof Hyperparameters)[];
  const all: { -readonly [name in keyof Hyperparameters]: number } = { ...DEFAULT_HYPERPARAMETERS };
  for (const name of names) all[name] = inRange(name, given[name] ?? all[name], HYPERPARAMETER_RANGES[name]);
  return all;
}

/**
 * The numbers that a run is set by, besides the model's shape.
 *
 * @module
 */

import { DOCUMENT_KINDS, type DocumentKind } from "../corpus/dataset.ts";
import { FRACTION_RANGE } from "../corpus/split.ts";
import { SEED_RANGE } from "../random/mt19937.ts";
import { inRange, type Range, settingError } from "../range.ts";
import { checkSchedule, type Schedule } from "./schedule.ts";

/**
 * Everything that, with the data and the model's shape, determines a run to the last bit.
 *
 * Source: microgpt.py's variables of the same names; what it has no variable for is set so that nothing changes.
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
  /**
   * What a document of the data is. Of a line that is longer than the block its beginning is used; a longer paragraph and a
   * whole text are cut into blocks.
   */
  readonly documents: DocumentKind;
  /** Number of training steps, over which the learning rate decays. */
  readonly steps: number;
  /** Number of documents in a step. */
  readonly batch: number;
  /** The highest learning rate: that of the first step, or of the one after warm-up. */
  readonly learningRate: number;
  /** How the learning rate goes down. */
  readonly schedule: Schedule;
  /** Number of steps in which the learning rate rises first. */
  readonly warmup: number;
  /** The lowest learning rate. */
  readonly minLearningRate: number;
  /** Decay of Adam's first moment. */
  readonly beta1: number;
  /** Decay of Adam's second moment. */
  readonly beta2: number;
  /** Adam's eps. */
  readonly eps: number;
  /** Decoupled weight decay, as in AdamW; 0 for none. */
  readonly weightDecay: number;
  /** The largest norm of the gradient, past which it is clipped; 0 for any. */
  readonly clipNorm: number;
  /** Share of the distinct documents that is held back to validate with. */
  readonly valFraction: number;
  /** Number of steps from one evaluation to the next; 0 for the end only. */
  readonly evalEvery: number;
  /** The most documents of each part that are evaluated: always the same ones. */
  readonly evalDocuments: number;
  /** Number of evaluations without a better validation loss after which training ends; 0 for any. */
  readonly patience: number;
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
  documents: "line",
  steps: 1000,
  batch: 1,
  learningRate: 0.01,
  schedule: "linear",
  warmup: 0,
  minLearningRate: 0,
  beta1: 0.85,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  clipNorm: 0,
  valFraction: 0,
  evalEvery: 0,
  evalDocuments: 1000,
  patience: 0,
  temperature: 0.5,
  samples: 20,
};

/**
 * The hyperparameters that are numbers.
 *
 * @example
 * ```ts
 * import type { NumericHyperparameter } from "@microgpt/microgpt";
 *
 * const name: NumericHyperparameter = "learningRate";
 * ```
 */
export type NumericHyperparameter = Exclude<keyof Hyperparameters, "schedule" | "documents">;

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
export const HYPERPARAMETER_RANGES: Readonly<Record<NumericHyperparameter, Range>> = {
  seed: SEED_RANGE,
  initStd: { above: 0, to: 100 },
  steps: { whole: true, from: 1, to: 1e12 },
  batch: { whole: true, from: 1, to: 1e9 },
  learningRate: { above: 0, to: 10 },
  warmup: { whole: true, from: 0, to: 1e12 },
  minLearningRate: { from: 0, to: 10 },
  beta1: { from: 0, below: 1 },
  beta2: { from: 0, below: 1 },
  eps: { from: 0, to: 1 },
  weightDecay: { from: 0, to: 100 },
  clipNorm: { from: 0, to: 1e9 },
  valFraction: FRACTION_RANGE,
  evalEvery: { whole: true, from: 0, to: 1e12 },
  evalDocuments: { whole: true, from: 1, to: 1e9 },
  patience: { whole: true, from: 0, to: 1e9 },
  temperature: { from: 0, to: 1000 },
  samples: { whole: true, from: 0, to: 1e9 },
};

/**
 * Hyperparameters, each checked, and with each other; what is not given is the reference's.
 *
 * @throws {RangeError} If one is out of {@linkcode HYPERPARAMETER_RANGES}, or two do not fit: `minLearningRate` is above
 * `learningRate`, `warmup` not below `steps`.
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
  const all: { -readonly [name in keyof Hyperparameters]: Hyperparameters[name] } = {
    ...DEFAULT_HYPERPARAMETERS,
    schedule: checkSchedule(given.schedule ?? DEFAULT_HYPERPARAMETERS.schedule),
    documents: checkKind(given.documents ?? DEFAULT_HYPERPARAMETERS.documents),
  };
  for (const name of Object.keys(HYPERPARAMETER_RANGES) as NumericHyperparameter[]) {
    all[name] = inRange(name, given[name] ?? all[name], HYPERPARAMETER_RANGES[name]);
  }
  const { minLearningRate, learningRate, warmup, steps } = all;
  if (minLearningRate > learningRate) {
    throw settingError((nameOf) =>
      `${nameOf("minLearningRate")} ${minLearningRate} is above ` +
      `${nameOf("learningRate")} ${learningRate}: it must not be`
    );
  }
  if (warmup >= steps) {
    throw settingError((nameOf) =>
      `${nameOf("warmup")} ${warmup} leaves none of ${steps} steps to train at full rate: ` +
      `it must be below ${nameOf("steps")}`
    );
  }
  return all;
}

function checkKind(kind: string): DocumentKind {
  const found = DOCUMENT_KINDS.find((known) => known === kind);
  if (found === undefined) {
    throw settingError((nameOf) =>
      `${nameOf("documents")} ${JSON.stringify(kind)} do not exist: it must be one of ${DOCUMENT_KINDS.join(", ")}`
    );
  }
  return found;
}

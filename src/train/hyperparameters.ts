/**
 * The numbers that a run is set by, besides the model's shape. Each part of the library owns its own; here they come
 * together.
 *
 * @module
 */

import { ARRANGE_DEFAULTS, ARRANGE_RANGES, type ArrangeSettings } from "../corpus/arrange.ts";
import { checkDocumentKind } from "../corpus/documents.ts";
import { checkNormalization } from "../corpus/normalize.ts";
import { DROPOUT_DEFAULTS, DROPOUT_RANGES, type DropoutSettings } from "../model/dropout.ts";
import { INIT_DEFAULTS, INIT_RANGES, type InitSettings } from "../model/parameters.ts";
import { ADAM_DEFAULTS, ADAM_RANGES, type AdamSettings } from "../optim/adam.ts";
import { CLIP_DEFAULTS, CLIP_RANGES, type ClipSettings } from "../optim/clip.ts";
import { checkSchedule, SCHEDULE_DEFAULTS, SCHEDULE_RANGES, type ScheduleSettings } from "../optim/schedule.ts";
import { checkRange, type Range } from "../range.ts";
import { SAMPLING_DEFAULTS, SAMPLING_RANGES, type SamplingSettings } from "../sample/sample.ts";
import { EVALUATION_DEFAULTS, EVALUATION_RANGES, type EvaluationSettings } from "./early_stopping.ts";

/** The size of a step. */
export type BatchSettings = {
  /** Number of documents in a step. */
  readonly batch: number;
};

/** What decides a step of training. */
export type TrainingSettings =
  & BatchSettings
  & DropoutSettings
  & ScheduleSettings
  & AdamSettings
  & ClipSettings
  & EvaluationSettings;

/**
 * Everything that, with the data and the model's shape, determines a run to the last bit.
 *
 * Source: microgpt.py's variables of the same names; settings that it lacks are set so that nothing changes.
 */
export type Hyperparameters = ArrangeSettings & InitSettings & TrainingSettings & SamplingSettings;

/** The reference's values. */
export const DEFAULT_HYPERPARAMETERS: Hyperparameters = {
  ...ARRANGE_DEFAULTS,
  ...INIT_DEFAULTS,
  batch: 1,
  ...DROPOUT_DEFAULTS,
  ...SCHEDULE_DEFAULTS,
  ...ADAM_DEFAULTS,
  ...CLIP_DEFAULTS,
  ...EVALUATION_DEFAULTS,
  ...SAMPLING_DEFAULTS,
};

/** The hyperparameters that are numbers. */
export type NumericHyperparameter = Exclude<keyof Hyperparameters, "schedule" | "documentKind" | "normalize">;

/** The values allowed for each of them. */
export const HYPERPARAMETER_RANGES: Readonly<Record<NumericHyperparameter, Range>> = {
  ...ARRANGE_RANGES,
  ...INIT_RANGES,
  batch: { whole: true, from: 1, to: 1e9 },
  ...DROPOUT_RANGES,
  ...SCHEDULE_RANGES,
  ...ADAM_RANGES,
  ...CLIP_RANGES,
  ...EVALUATION_RANGES,
  ...SAMPLING_RANGES,
};

/**
 * Hyperparameters, each checked, and with each other.
 *
 * @param given What differs from {@linkcode DEFAULT_HYPERPARAMETERS}; other properties are ignored.
 * @throws {RangeError} If one is out of {@linkcode HYPERPARAMETER_RANGES}, or those of the schedule do not fit each other.
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
    schedule: given.schedule ?? DEFAULT_HYPERPARAMETERS.schedule,
    documentKind: checkDocumentKind(given.documentKind ?? DEFAULT_HYPERPARAMETERS.documentKind),
    normalize: checkNormalization(given.normalize ?? DEFAULT_HYPERPARAMETERS.normalize),
  };
  for (const name of Object.keys(HYPERPARAMETER_RANGES) as NumericHyperparameter[]) {
    all[name] = checkRange(name, given[name] ?? all[name], HYPERPARAMETER_RANGES[name]);
  }
  checkSchedule(all);
  return all;
}

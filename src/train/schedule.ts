/**
 * The learning rate as a function of the step.
 *
 * @module
 */

import { inRange, settingError } from "../range.ts";

/**
 * Linear decay from `learningRate` at step 0 to 0 after the last step.
 *
 * Source: microgpt.py, `lr_t = learning_rate * (1 - step / num_steps)`.
 *
 * @param step Counted from 0, up to `steps`.
 * @param options `learningRate`: the rate of the first step; `steps`: their number.
 * @throws {RangeError} If `steps` is not a whole number from 1, the step not one from 0 to `steps`, or `learningRate` not
 * finite.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearDecay } from "@microgpt/microgpt";
 *
 * assertEquals(linearDecay(250, { learningRate: 0.01, steps: 1000 }), 0.0075);
 * ```
 */
export function linearDecay(step: number, options: { learningRate: number; steps: number }): number {
  const { learningRate, steps } = options;
  inRange("steps", steps, { whole: true, from: 1 });
  inRange("learningRate", learningRate, {});
  inRange("step", step, { whole: true, from: 0, to: steps });
  return learningRate * (1 - step / steps);
}

/**
 * The schedules by name.
 *
 * @example
 * ```ts
 * import type { Schedule } from "@microgpt/microgpt";
 *
 * const schedule: Schedule = "cosine";
 * ```
 */
export type Schedule = "linear" | "cosine" | "constant";

/** How much of the way from the highest to the lowest rate is still ahead, after a share `p` of the steps. */
const REMAINING: Readonly<Record<Schedule, (p: number) => number>> = {
  linear: (p) => 1 - p,
  cosine: (p) => (1 + Math.cos(Math.PI * p)) / 2,
  constant: () => 1,
};

/**
 * The names of the schedules.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SCHEDULES } from "@microgpt/microgpt";
 *
 * assertEquals(SCHEDULES, ["linear", "cosine", "constant"]);
 * ```
 */
export const SCHEDULES: readonly Schedule[] = Object.keys(REMAINING) as Schedule[];

/**
 * What a schedule is set by.
 *
 * @example
 * ```ts
 * import type { ScheduleOptions } from "@microgpt/microgpt";
 *
 * const options: ScheduleOptions = { schedule: "cosine", learningRate: 0.01, warmup: 100, steps: 1000 };
 * ```
 */
export type ScheduleOptions = {
  /** By default `"linear"`. */
  readonly schedule?: Schedule;
  /** The highest rate. */
  readonly learningRate: number;
  /** The lowest rate, up to the highest; by default 0. */
  readonly minLearningRate?: number;
  /** Number of steps in which the rate rises, below `steps`; by default 0. */
  readonly warmup?: number;
  /** Number of steps in all. */
  readonly steps: number;
};

/**
 * The learning rate of a step: up in a straight line from `minLearningRate` over `warmup` steps, at `learningRate` right
 * after them, and from there down to `minLearningRate` after the last step, in a line (`linear`), along half a cosine
 * (`cosine`), or not at all (`constant`).
 *
 * With the defaults it is the reference's, to the last bit.
 *
 * Source: microgpt.py, `lr_t`; the cosine is Loshchilov & Hutter 2017, equation 5, without restarts.
 *
 * @param step Counted from 0, up to `steps`.
 * @throws {RangeError} If a number is out of range, or there is no such schedule.
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { learningRateAt } from "@microgpt/microgpt";
 *
 * const options = { schedule: "cosine", learningRate: 1, minLearningRate: 0.2, warmup: 3, steps: 13 } as const;
 * assertAlmostEquals(learningRateAt(0, options), 0.4);
 * assertEquals(learningRateAt(3, options), 1);
 * assertAlmostEquals(learningRateAt(8, options), 0.6);
 * assertEquals(learningRateAt(13, options), 0.2);
 * ```
 */
export function learningRateAt(step: number, options: ScheduleOptions): number {
  const { schedule = "linear", learningRate, minLearningRate = 0, warmup = 0, steps } = options;
  checkSchedule(schedule);
  inRange("steps", steps, { whole: true, from: 1 });
  inRange("learningRate", learningRate, {});
  inRange("minLearningRate", minLearningRate, { to: learningRate });
  inRange("warmup", warmup, { whole: true, from: 0, below: steps });
  inRange("step", step, { whole: true, from: 0, to: steps });
  const span = learningRate - minLearningRate;
  if (step < warmup) return minLearningRate + span * ((step + 1) / (warmup + 1));
  // span was rounded: the highest rate is met exactly all the same.
  const remaining = REMAINING[schedule]((step - warmup) / (steps - warmup));
  return remaining === 1 ? learningRate : minLearningRate + span * remaining;
}

/**
 * Refuses a schedule that does not exist.
 *
 * @throws {RangeError} If there is none of that name.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSchedule } from "@microgpt/microgpt";
 *
 * assertThrows(() => checkSchedule("sawtooth"), RangeError, "it must be one of linear, cosine, constant");
 * ```
 */
export function checkSchedule(name: string): Schedule {
  const found = SCHEDULES.find((known) => known === name);
  if (found === undefined) {
    throw settingError((nameOf) =>
      `${nameOf("schedule")} ${JSON.stringify(name)} does not exist: it must be one of ${SCHEDULES.join(", ")}`
    );
  }
  return found;
}

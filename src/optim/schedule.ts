/**
 * The learning rate as a function of the step.
 *
 * @module
 */

import { checkRange, type Range, settingError } from "../range.ts";

/** The schedules by name. */
export type Schedule = "linear" | "cosine" | "constant";

/** What a schedule is set by. */
export type ScheduleSettings = {
  /** Number of training steps, over which the learning rate decays. */
  readonly steps: number;
  /** The highest learning rate: that of the first step, or of the one after warm-up. */
  readonly learningRate: number;
  /** How the learning rate goes down. */
  readonly schedule: Schedule;
  /** Number of steps in which the learning rate rises first, below `steps`. */
  readonly warmup: number;
  /** The lowest learning rate, up to the highest. */
  readonly minLearningRate: number;
};

/** The reference's schedule. */
export const SCHEDULE_DEFAULTS: ScheduleSettings = {
  steps: 1000,
  learningRate: 0.01,
  schedule: "linear",
  warmup: 0,
  minLearningRate: 0,
};

/** The values allowed for each number; {@linkcode checkSchedule} checks them together. */
export const SCHEDULE_RANGES: Readonly<Record<Exclude<keyof ScheduleSettings, "schedule">, Range>> = {
  steps: { whole: true, from: 1, to: 1e12 },
  learningRate: { above: 0, to: 10 },
  warmup: { whole: true, from: 0, to: 1e12 },
  minLearningRate: { from: 0, to: 10 },
};

/** What {@linkcode learningRateAt} needs: a learning rate and a number of steps; the rest has defaults. */
export type ScheduleOptions = Partial<ScheduleSettings> & Pick<ScheduleSettings, "learningRate" | "steps">;

/**
 * Linear decay from `learningRate` at step 0 to 0 after the last step.
 *
 * Source: microgpt.py, `lr_t = learning_rate * (1 - step / num_steps)`.
 *
 * @param step Counted from 0, up to `steps`.
 * @param options `learningRate`: the rate of the first step, any finite number; `steps`: their number, from 1.
 * @throws {RangeError} If a number is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearDecay } from "@microgpt/microgpt/optim";
 *
 * assertEquals(linearDecay(250, { learningRate: 0.01, steps: 1000 }), 0.0075);
 * ```
 */
export function linearDecay(step: number, options: { learningRate: number; steps: number }): number {
  const { learningRate, steps } = options;
  checkRange("steps", steps, SCHEDULE_RANGES.steps);
  checkRange("learningRate", learningRate, {});
  checkRange("step", step, { whole: true, from: 0, to: steps });
  return learningRate * (1 - step / steps);
}

/** The part of the way from the highest to the lowest rate that is still ahead after a share `p` of the steps. */
const REMAINING: Readonly<Record<Schedule, (p: number) => number>> = {
  linear: (p) => 1 - p,
  cosine: (p) => (1 + Math.cos(Math.PI * p)) / 2,
  constant: () => 1,
};

/** The names of the schedules. */
export const SCHEDULES: readonly Schedule[] = Object.keys(REMAINING) as Schedule[];

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
 * @param options The schedule, with its two rates.
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
  const { learningRate, steps } = options;
  const {
    schedule = SCHEDULE_DEFAULTS.schedule,
    minLearningRate = SCHEDULE_DEFAULTS.minLearningRate,
    warmup = SCHEDULE_DEFAULTS.warmup,
  } = options;
  checkScheduleName(schedule);
  checkRange("steps", steps, SCHEDULE_RANGES.steps);
  checkRange("learningRate", learningRate, {});
  checkRange("minLearningRate", minLearningRate, { to: learningRate });
  checkRange("warmup", warmup, { whole: true, from: 0, below: steps });
  checkRange("step", step, { whole: true, from: 0, to: steps });
  const span = learningRate - minLearningRate;
  if (step < warmup) return minLearningRate + span * ((step + 1) / (warmup + 1));
  // span was rounded: the highest rate is met exactly all the same.
  const remaining = REMAINING[schedule]((step - warmup) / (steps - warmup));
  return remaining === 1 ? learningRate : minLearningRate + span * remaining;
}

/**
 * Settings of a schedule that fit each other.
 *
 * @param settings Each within {@linkcode SCHEDULE_RANGES}.
 * @returns The same.
 * @throws {RangeError} If there is no such schedule, `minLearningRate` is above `learningRate`, or `warmup` is not below
 * `steps`.
 */
export function checkSchedule(settings: ScheduleSettings): ScheduleSettings {
  const { schedule, minLearningRate, learningRate, warmup, steps } = settings;
  checkScheduleName(schedule);
  if (minLearningRate > learningRate) {
    throw settingError((nameOf) =>
      `${nameOf("minLearningRate")} ${minLearningRate} is above ${
        nameOf("learningRate")
      } ${learningRate}: it must be at most that`
    );
  }
  if (warmup >= steps) {
    throw settingError((nameOf) =>
      `${nameOf("warmup")} ${warmup} leaves none of ${steps} steps to train at full rate: ` +
      `it must be below ${nameOf("steps")}`
    );
  }
  return settings;
}

function checkScheduleName(name: string): void {
  if (SCHEDULES.some((known) => known === name)) return;
  throw settingError((nameOf) =>
    `${nameOf("schedule")} ${JSON.stringify(name)} does not exist: it must be one of ${SCHEDULES.join(", ")}`
  );
}

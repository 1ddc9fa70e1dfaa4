/**
 * The learning rate as a function of the step.
 *
 * @module
 */

import { inRange } from "../range.ts";

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

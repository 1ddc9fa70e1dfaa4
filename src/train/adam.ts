/**
 * The Adam optimizer as a pure function.
 *
 * @module
 */

import { inRange } from "../range.ts";

/**
 * Parameters with their moments: all that Adam carries from step to step.
 *
 * @example
 * ```ts
 * import { adamInit, type AdamState } from "@microgpt/microgpt";
 *
 * const state: AdamState = adamInit([0.1, 0.2]);
 * ```
 */
export type AdamState = {
  /** The parameters, of any length. */
  readonly params: Float64Array;
  /** First moment: the running mean of the gradient. As long as `params`. */
  readonly m: Float64Array;
  /** Second moment: the running mean of the squared gradient. As long as `params`. */
  readonly v: Float64Array;
};

/**
 * Adam's hyperparameters.
 *
 * @example
 * ```ts
 * import type { AdamOptions } from "@microgpt/microgpt";
 *
 * const options: AdamOptions = { learningRate: 0.001, beta1: 0.9, beta2: 0.999 };
 * ```
 */
export type AdamOptions = {
  /** Step size; by default 0.01. */
  readonly learningRate?: number;
  /** Decay of the first moment, from 0 and below 1; by default 0.85. */
  readonly beta1?: number;
  /** Decay of the second moment, from 0 and below 1; by default 0.99. */
  readonly beta2?: number;
  /** Keeps the division finite, from 0; by default 1e-8. */
  readonly eps?: number;
  /** Decoupled weight decay: at each step a parameter loses this share of itself, times the learning rate; by default 0. */
  readonly weightDecay?: number;
};

/**
 * The state before the first step: the parameters, copied, and moments of zero.
 *
 * Source: Kingma & Ba 2015, algorithm 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adamInit } from "@microgpt/microgpt";
 *
 * assertEquals(adamInit([1, 2]).m, new Float64Array([0, 0]));
 * ```
 */
export function adamInit(params: ArrayLike<number>): AdamState {
  return {
    params: Float64Array.from(params),
    m: new Float64Array(params.length),
    v: new Float64Array(params.length),
  };
}

/**
 * One step of Adam: new parameters and moments; what was given stays as it is.
 *
 * ```text
 * m ← beta1 m + (1 - beta1) g          m̂ = m / (1 - beta1^t)
 * v ← beta2 v + (1 - beta2) g²         v̂ = v / (1 - beta2^t)
 * params ← params - learningRate (m̂ / (√v̂ + eps) + weightDecay params)
 * ```
 *
 * Both moments start at 0 and so are biased towards it; dividing by 1 - beta^t takes the bias away at every t. Where
 * m̂ is 0 the update is 0, also with `eps` 0. With weight decay this is AdamW: the decay does not go through the moments.
 *
 * Source: Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; the defaults are microgpt.py's.
 *
 * @param state Parameters and moments, all of one length.
 * @param grads The gradient, of the same length.
 * @param t Number of the step, from 1.
 * @throws {RangeError} If t is not a whole number from 1, the lengths differ, or an option is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adamInit, adamStep } from "@microgpt/microgpt";
 *
 * const next = adamStep(adamInit([1, 1]), [0.5, -200], 1);
 * assertAlmostEquals(next.params[0], 0.99); // the first step is learningRate long, whatever the gradient
 * assertAlmostEquals(next.params[1], 1.01);
 * ```
 */
export function adamStep(
  state: Readonly<Record<keyof AdamState, ArrayLike<number>>>,
  grads: ArrayLike<number>,
  t: number,
  options: AdamOptions = {},
): AdamState {
  const { length } = state.params;
  const into = { params: new Float64Array(length), m: new Float64Array(length), v: new Float64Array(length) };
  return adamStepInto(into, state, grads, t, options);
}

/**
 * {@linkcode adamStep}, its result written over arrays that the caller has no more use for: `trainSteps` steps so where
 * nobody holds the state before the last.
 *
 * @param into Arrays as long as the parameters.
 * @returns `into`
 * @throws {RangeError} As {@linkcode adamStep}.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adamInit, adamStep, adamStepInto } from "@microgpt/microgpt";
 *
 * const into = adamInit([0]);
 * assertEquals(adamStepInto(into, adamInit([1]), [0.5], 1), adamStep(adamInit([1]), [0.5], 1));
 * ```
 */
export function adamStepInto(
  into: AdamState,
  state: Readonly<Record<keyof AdamState, ArrayLike<number>>>,
  grads: ArrayLike<number>,
  t: number,
  options: AdamOptions = {},
): AdamState {
  const { learningRate = 0.01, beta1 = 0.85, beta2 = 0.99, eps = 1e-8, weightDecay = 0 } = options;
  inRange("t", t, { whole: true, from: 1 });
  inRange("learningRate", learningRate, {});
  inRange("beta1", beta1, { from: 0, below: 1 });
  inRange("beta2", beta2, { from: 0, below: 1 });
  inRange("eps", eps, { from: 0 });
  inRange("weightDecay", weightDecay, { from: 0 });
  const { length } = state.params;
  checkLength("m", state.m, length);
  checkLength("v", state.v, length);
  checkLength("grads", grads, length);
  for (const values of [into.params, into.m, into.v]) checkLength("into", values, length);

  const unbias1 = 1 / (1 - beta1 ** t);
  const unbias2 = 1 / (1 - beta2 ** t);
  const decay = learningRate * weightDecay;
  const { params: oldParams, m: oldM, v: oldV } = state;
  const { params, m, v } = into;
  for (let i = 0; i < length; i++) {
    const grad = grads[i];
    const mNext = beta1 * oldM[i] + (1 - beta1) * grad;
    const vNext = beta2 * oldV[i] + (1 - beta2) * (grad * grad);
    m[i] = mNext;
    v[i] = vNext;
    const mHat = mNext * unbias1;
    const vHat = vNext * unbias2;
    const update = mHat === 0 ? 0 : learningRate * mHat / (Math.sqrt(vHat) + eps);
    params[i] = oldParams[i] - (update + decay * oldParams[i]);
  }
  return into;
}

function checkLength(name: string, { length }: ArrayLike<number>, expected: number): void {
  if (length !== expected) {
    throw new RangeError(`${name} of length ${length} does not fit params: it must be of length ${expected}`);
  }
}

/**
 * The Adam optimizer as a pure function.
 *
 * @module
 */

import { checkRange, type Range } from "../range.ts";

/** Parameters with their moments: all that Adam carries from step to step. */
export type AdamState = {
  /** The parameters, of any length. */
  readonly params: Float64Array;
  /** First moment: the running mean of the gradient. As long as `params`. */
  readonly m: Float64Array;
  /** Second moment: the running mean of the squared gradient. As long as `params`. */
  readonly v: Float64Array;
};

/** Adam's hyperparameters, except the learning rate, which the schedule sets. */
export type AdamSettings = {
  /** Decay of the first moment. */
  readonly beta1: number;
  /** Decay of the second moment. */
  readonly beta2: number;
  /** Keeps the division finite. */
  readonly eps: number;
  /** Decoupled weight decay, as in AdamW: each step takes this share of a parameter, times the learning rate. */
  readonly weightDecay: number;
};

/** The reference's values; it has no weight decay. */
export const ADAM_DEFAULTS: AdamSettings = { beta1: 0.85, beta2: 0.99, eps: 1e-8, weightDecay: 0 };

/** The values allowed for each. */
export const ADAM_RANGES: Readonly<Record<keyof AdamSettings, Range>> = {
  beta1: { from: 0, below: 1 },
  beta2: { from: 0, below: 1 },
  eps: { from: 0, to: 1 },
  weightDecay: { from: 0, to: 100 },
};

/** How to take a step; what is missing is taken from {@linkcode ADAM_DEFAULTS}. */
export type AdamOptions = Partial<AdamSettings> & {
  /** Step size, any finite number; by default 0.01. */
  readonly learningRate?: number;
  /** A state that the caller no longer needs, as long as the parameters: its arrays are overwritten and returned. */
  readonly into?: AdamState;
};

/** Adam's numbers at one step, each checked, with the two divisions of the bias correction done once. */
export type AdamNumbers = Required<Omit<AdamOptions, "into">> & {
  /** `1 / (1 - beta1^t)` */
  readonly unbias1: number;
  /** `1 / (1 - beta2^t)` */
  readonly unbias2: number;
};

/**
 * The state before the first step: a copy of the parameters, and moments of zero.
 *
 * Source: Kingma & Ba 2015, algorithm 1.
 *
 * @param params The parameters, `[n]`.
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
 * One step of Adam: new parameters and moments; the given ones stay as they are.
 *
 * ```text
 * m ← beta1 m + (1 - beta1) g          m̂ = m / (1 - beta1^t)
 * v ← beta2 v + (1 - beta2) g²         v̂ = v / (1 - beta2^t)
 * params ← params - learningRate (m̂ / (√v̂ + eps) + weightDecay params)
 * ```
 *
 * Both moments start at 0 and so are biased towards it; dividing by 1 - beta^t removes the bias at every t. Where m̂ is 0
 * the update is 0, even with `eps` 0. With weight decay this is AdamW: the decay does not go through the moments.
 *
 * Source: Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; the defaults are microgpt.py's.
 *
 * @param state Parameters and moments, `[n]` each.
 * @param grads The gradient, `[n]`.
 * @param t Number of the step, a whole number from 1.
 * @param options The learning rate and {@linkcode AdamSettings}, where they differ from the defaults.
 * @throws {RangeError} If t or an option is out of range, or the lengths differ.
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
  const { learningRate, beta1, beta2, eps, weightDecay, unbias1, unbias2 } = adamNumbers(t, options);
  const { length } = state.params;
  const { into = { params: new Float64Array(length), m: new Float64Array(length), v: new Float64Array(length) } } =
    options;
  checkLength("m", state.m, length);
  checkLength("v", state.v, length);
  checkLength("grads", grads, length);
  for (const values of [into.params, into.m, into.v]) checkLength("into", values, length);

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

/**
 * What the last step has added to each parameter, from the state that it led to.
 *
 * @param state Parameters and moments after the step, `[n]` each.
 * @param t Number of the step, a whole number from 1.
 * @param options What the step was taken with.
 * @throws {RangeError} If t or an option is out of range.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { adamInit, adamStep } from "@microgpt/microgpt";
 * import { lastUpdate } from "@microgpt/microgpt/optim";
 *
 * assertAlmostEquals(lastUpdate(adamStep(adamInit([1]), [0.5], 1), 1)[0], -0.01);
 * ```
 */
export function lastUpdate({ params, m, v }: AdamState, t: number, options: AdamOptions = {}): Float64Array {
  const { learningRate, eps, weightDecay, unbias1, unbias2 } = adamNumbers(t, options);
  const decay = learningRate * weightDecay;
  return Float64Array.from(params, (after, i) => {
    const mHat = m[i] * unbias1;
    const update = mHat === 0 ? 0 : learningRate * mHat / (Math.sqrt(v[i] * unbias2) + eps);
    // after = (1 - decay) before - update
    return after - (after + update) / (1 - decay);
  });
}

/**
 * What {@linkcode adamStep} works with at one step, for engines that have a loop of their own.
 *
 * @param t Number of the step, a whole number from 1.
 * @param options As for {@linkcode adamStep}.
 * @throws {RangeError} If t or an option is out of range.
 */
export function adamNumbers(t: number, options: AdamOptions = {}): AdamNumbers {
  const { learningRate = 0.01 } = options;
  const { beta1, beta2, eps, weightDecay } = ADAM_DEFAULTS;
  const setting = (name: keyof AdamSettings, fallback: number): number =>
    checkRange(name, options[name] ?? fallback, ADAM_RANGES[name]);
  checkRange("t", t, { whole: true, from: 1 });
  const checked = {
    learningRate: checkRange("learningRate", learningRate, {}),
    beta1: setting("beta1", beta1),
    beta2: setting("beta2", beta2),
    eps: setting("eps", eps),
    weightDecay: setting("weightDecay", weightDecay),
  };
  return { ...checked, unbias1: 1 / (1 - checked.beta1 ** t), unbias2: 1 / (1 - checked.beta2 ** t) };
}

function checkLength(name: string, { length }: ArrayLike<number>, expected: number): void {
  if (length !== expected) {
    throw new RangeError(`${name} of length ${length} does not fit params: it must be of length ${expected}`);
  }
}

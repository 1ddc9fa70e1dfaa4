/**
 * Clipping: a gradient that is too long is made shorter, and keeps its direction.
 *
 * @module
 */

import { checkRange, type Range } from "../range.ts";

/** What clipping is set by. */
export type ClipSettings = {
  /** The largest norm that the gradient may have; 0 allows any. */
  readonly clipNorm: number;
};

/** The reference does not clip. */
export const CLIP_DEFAULTS: ClipSettings = { clipNorm: 0 };

/** The values allowed. */
export const CLIP_RANGES: Readonly<Record<keyof ClipSettings, Range>> = { clipNorm: { from: 0, to: 1e9 } };

/**
 * The length of a gradient: the root of the sum of its squares, over all tensors of the model.
 *
 * @param grads The gradient, `[n]`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradientNorm } from "@microgpt/microgpt/optim";
 *
 * assertEquals(gradientNorm(new Float64Array([3, -4])), 5);
 * ```
 */
export function gradientNorm(grads: ArrayLike<number>): number {
  const { length } = grads;
  // Two sums that need not wait for each other.
  let a = 0;
  let b = 0;
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    a += grads[i] * grads[i];
    b += grads[i + 1] * grads[i + 1];
  }
  for (; i < length; i++) a += grads[i] * grads[i];
  return Math.sqrt(a + b);
}

/**
 * The factor that brings a gradient of norm `norm` down to `clipNorm`, if it is longer: `min(1, clipNorm / norm)`.
 *
 * @param norm The gradient's norm, from 0.
 * @param clipNorm The largest norm allowed; 0 allows any.
 * @throws {RangeError} If `clipNorm` is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipScale } from "@microgpt/microgpt/optim";
 *
 * assertEquals([clipScale(5, 1), clipScale(0.5, 1), clipScale(5, 0)], [0.2, 1, 1]);
 * ```
 */
export function clipScale(norm: number, clipNorm: number): number {
  checkRange("clipNorm", clipNorm, CLIP_RANGES.clipNorm);
  return clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
}

/**
 * A gradient clipped by its global norm, with the norm that it had.
 *
 * Source: Pascanu, Mikolov & Bengio 2013, algorithm 1.
 *
 * @param grads The gradient, which stays as it is.
 * @param clipNorm The largest norm allowed; 0 allows any.
 * @param norm Its norm, if it is known.
 * @returns `grads` itself if it is short enough, else a new array of norm `clipNorm`.
 * @throws {RangeError} If `clipNorm` is out of range, or the norm is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipGradient } from "@microgpt/microgpt";
 *
 * assertEquals(clipGradient(new Float64Array([3, -4]), 2.5), { grads: new Float64Array([1.5, -2]), norm: 5 });
 * ```
 */
export function clipGradient(
  grads: Float64Array,
  clipNorm: number,
  norm: number = gradientNorm(grads),
): { grads: Float64Array; norm: number } {
  if (!Number.isFinite(norm)) throw new RangeError(`a gradient of norm ${norm} cannot be clipped: it must be finite`);
  const scale = clipScale(norm, clipNorm);
  return { grads: scale === 1 ? grads : grads.map((g) => g * scale), norm };
}

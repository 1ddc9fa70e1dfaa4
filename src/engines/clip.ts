/**
 * Clipping: a gradient that is too long is made shorter, and keeps its direction.
 *
 * @module
 */

import { inRange } from "../range.ts";

/**
 * The length of a gradient: the root of the sum of its squares, over all tensors of the model.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradientNorm } from "@microgpt/microgpt";
 *
 * assertEquals(gradientNorm(new Float64Array([3, -4])), 5);
 * ```
 */
export function gradientNorm(grads: Float64Array): number {
  const { length } = grads;
  // Two sums do not wait for each other.
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
 * What a gradient of norm `norm` is multiplied by, so that its norm is `clipNorm` at most: `min(1, clipNorm / norm)`.
 *
 * @param norm From 0.
 * @param clipNorm The largest norm allowed; 0 allows any.
 * @throws {RangeError} If `clipNorm` is below 0 or not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipScale } from "@microgpt/microgpt";
 *
 * assertEquals([clipScale(5, 1), clipScale(0.5, 1), clipScale(5, 0)], [0.2, 1, 1]);
 * ```
 */
export function clipScale(norm: number, clipNorm: number): number {
  inRange("clipNorm", clipNorm, { from: 0 });
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
 * @throws {RangeError} If `clipNorm` is below 0 or not finite, or the norm is not finite.
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

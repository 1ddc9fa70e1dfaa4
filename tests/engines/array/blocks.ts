/**
 * What the tests of the building blocks share: generated rows, and one number made of many.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc, { type Arbitrary } from "fast-check";
import type { Rows } from "../../../src/engines/array/mod.ts";
import type { Ops } from "../../../src/model/mod.ts";
import { numbers } from "../../arbitraries.ts";

/** Sums of a few dozen float64 numbers of everyday size, in another order. */
export const REORDERED = 1e-11;
/** Sums of hundreds of products of such numbers, in another order: absolute, for sums of some hundreds. */
export const SUMMED = 1e-9;

export const counts = fc.integer({ min: 1, max: 6 });

export const matrix = (rows: number, width: number): Arbitrary<number[]> =>
  fc.array(numbers, { minLength: rows * width, maxLength: rows * width, size: "max" });

export const rows = (data: readonly number[], width: number): Rows => ({ data: Float64Array.from(data), width });

export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assertAlmostEquals(actual[i], expected[i], REORDERED * Math.max(1, Math.abs(expected[i])));
  }
}

/** Rows of scalars cut out of a list. */
export const cut = <T>(xs: readonly T[], start: number, count: number, width: number): T[][] =>
  Array.from({ length: count }, (_, i) => xs.slice(start + i * width, start + (i + 1) * width));

/** The sum of all, each times its weight: what makes one number of many, with `weights` as its gradient. */
export function weighed<T>(ops: Ops<T>, ys: readonly T[][], weights: readonly number[]): T {
  return ops.dot(ys.flat(), weights.map((w) => ops.constant(w)));
}

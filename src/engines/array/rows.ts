/**
 * Rows of numbers in a typed array: what the building blocks of the array engine work on.
 *
 * @module
 */

/**
 * The float types that the array engine computes in.
 *
 * @example
 * ```ts
 * import { arrayEngine, type FloatType } from "@microgpt/microgpt";
 *
 * const narrow: FloatType = "float32";
 * const engine = arrayEngine(narrow);
 * ```
 */
export type FloatType = "float64" | "float32";

/**
 * Numbers one after the other. Sums are taken in float64 in either; float32 rounds what is stored.
 *
 * @example
 * ```ts
 * import type { Floats } from "@microgpt/microgpt";
 *
 * const numbers: Floats = new Float32Array([1, 2]);
 * ```
 */
export type Floats = Float64Array | Float32Array;

/**
 * A matrix row by row, `[rows, width]`: a vector for each position, or for each output of a linear map.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Rows } from "@microgpt/microgpt";
 *
 * const identity: Rows = { data: new Float64Array([1, 0, 0, 1]), width: 2 };
 * assertEquals(identity.data[1 * identity.width + 1], 1); // row 1, column 1
 * ```
 */
export type Rows = {
  /** All numbers, row after row. */
  readonly data: Floats;
  /** How many numbers a row has. */
  readonly width: number;
};

/**
 * Rows of zeros.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zeroRows } from "@microgpt/microgpt";
 *
 * assertEquals(zeroRows(3, 2, "float64").data.length, 6);
 * ```
 */
export function zeroRows(count: number, width: number, floatType: FloatType): Rows {
  return { data: zeros(count * width, floatType), width };
}

/**
 * A typed array of zeros.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zeros } from "@microgpt/microgpt";
 *
 * assertEquals(zeros(2, "float32"), new Float32Array([0, 0]));
 * ```
 */
export function zeros(length: number, floatType: FloatType): Floats {
  return floatType === "float64" ? new Float64Array(length) : new Float32Array(length);
}

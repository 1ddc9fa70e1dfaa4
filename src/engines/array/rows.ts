/**
 * Rows of numbers in a typed array: what the building blocks of the array engine work on.
 *
 * @module
 */

/** The float types that the array engine computes in. */
export type FloatType = "float64" | "float32";

/** Numbers one after the other. Sums are taken in float64 in either; float32 rounds what is stored. */
export type Floats = Float64Array | Float32Array;

/** A matrix row by row, `[rows, width]`: a vector for each position, or for each output of a linear map. */
export type Rows = {
  /** All numbers, row after row. */
  readonly data: Floats;
  /** How many numbers a row has. */
  readonly width: number;
};

/** Rows that are only read. */
export type ReadonlyRows = {
  /** All numbers, row after row. */
  readonly data: ArrayLike<number>;
  /** How many numbers a row has. */
  readonly width: number;
};

/**
 * Rows of zeros.
 *
 * @param count Number of rows.
 * @param width Numbers in a row.
 * @param floatType Which floats.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zeroRows } from "@microgpt/microgpt/blocks";
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
 * @param length How many.
 * @param floatType Which floats.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zeros } from "@microgpt/microgpt/blocks";
 *
 * assertEquals(zeros(2, "float32"), new Float32Array([0, 0]));
 * ```
 */
export function zeros(length: number, floatType: FloatType): Floats {
  return floatType === "float64" ? new Float64Array(length) : new Float32Array(length);
}

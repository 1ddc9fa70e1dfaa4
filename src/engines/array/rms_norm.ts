/**
 * RMSNorm, forward and backward.
 *
 * @module
 */

import { RMS_EPS } from "../../model/gpt.ts";
import type { Floats, ReadonlyRows, Rows } from "./rows.ts";

/**
 * `y = s x` for each row, with `s = (mean(x²) + 1e-5)^-½`.
 *
 * Source: Zhang & Sennrich 2019, equation 4, without its weights; microgpt.py, `rmsnorm`.
 *
 * @param y `[positions, width]`, written from row `from` and below `to`.
 * @param scales `[positions]`, written: s of each row, which the backward pass needs.
 * @param x `[positions, width]`
 * @param from First row.
 * @param to The row after the last.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { rmsNormForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const y = zeroRows(1, 2, "float64");
 * rmsNormForward(y, new Float64Array(1), { data: new Float64Array([30, -40]), width: 2 }, 0, 1);
 * assertAlmostEquals((y.data[0] ** 2 + y.data[1] ** 2) / 2, 1);
 * ```
 */
export function rmsNormForward(y: Rows, scales: Floats, x: ReadonlyRows, from: number, to: number): void {
  const { data: out } = y;
  const { data: input, width } = x;
  for (let i = from; i < to; i++) {
    const row = i * width;
    let squares = 0;
    for (let j = row; j < row + width; j++) squares += input[j] * input[j];
    const scale = (squares * (1 / width) + RMS_EPS) ** -0.5;
    for (let j = row; j < row + width; j++) out[j] = input[j] * scale;
    scales[i] = scale;
  }
}

/**
 * `dx += s dy - x (s³ / width) Σ dy x`: what goes through each element, less what goes through the common scale.
 *
 * By the product rule, with `∂s/∂x[j] = -s³ x[j] / width`.
 *
 * @param dX `[positions, width]`, added to, in the rows below `n`.
 * @param dY `[positions, width]`
 * @param x What the forward pass was given.
 * @param scales What the forward pass noted.
 * @param n Number of rows.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { rmsNormBackward, rmsNormForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const x = { data: new Float64Array([3, 4]), width: 2 };
 * const [y, dX] = [zeroRows(1, 2, "float64"), zeroRows(1, 2, "float64")];
 * const scales = new Float64Array(1);
 * rmsNormForward(y, scales, x, 0, 1);
 * rmsNormBackward(dX, x, x, scales, 1);
 * assertAlmostEquals(dX.data[0] / 3, dX.data[1] / 4); // a gradient along x stays along x, and is almost 0:
 * assertAlmostEquals(dX.data[0], 0, 1e-5); // a longer x has the same norm
 * ```
 */
export function rmsNormBackward(
  dX: Rows,
  dY: ReadonlyRows,
  x: ReadonlyRows,
  scales: ArrayLike<number>,
  n: number,
): void {
  const { data: dOut } = dY;
  const { data: dIn } = dX;
  const { data: input, width } = x;
  for (let i = 0; i < n; i++) {
    const row = i * width;
    let along = 0;
    for (let j = row; j < row + width; j++) along += dOut[j] * input[j];
    const scale = scales[i];
    const shared = along * scale * scale * scale / width;
    for (let j = row; j < row + width; j++) dIn[j] += dOut[j] * scale - input[j] * shared;
  }
}

/**
 * ReLU, forward and backward.
 *
 * @module
 */

import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * `x ← max(0, x)`, in place, in the rows from `from` and below `to`.
 *
 * Source: microgpt.py, `Value.relu`.
 *
 * @param x `[positions, width]`, overwritten.
 * @param from First row.
 * @param to The row after the last.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reluForward } from "@microgpt/microgpt/blocks";
 *
 * const x = { data: new Float64Array([-1, 2]), width: 2 };
 * reluForward(x, 0, 1);
 * assertEquals(x.data, new Float64Array([0, 2]));
 * ```
 */
export function reluForward({ data, width }: Rows, from: number, to: number): void {
  for (let i = from * width; i < to * width; i++) data[i] = data[i] > 0 ? data[i] : 0;
}

/**
 * The gradient passes where the output is positive: `dY ← dY [y > 0]`, in place, in the rows below `n`. The derivative
 * at 0 is taken to be 0.
 *
 * @param dY `[positions, width]`, overwritten.
 * @param y `[positions, width]`, as the forward pass left it.
 * @param n Number of rows.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reluBackward } from "@microgpt/microgpt/blocks";
 *
 * const dY = { data: new Float64Array([5, 7]), width: 2 };
 * reluBackward(dY, { data: new Float64Array([0, 2]), width: 2 }, 1);
 * assertEquals(dY.data, new Float64Array([0, 7]));
 * ```
 */
export function reluBackward({ data, width }: Rows, y: ReadonlyRows, n: number): void {
  for (let i = 0; i < n * width; i++) if (!(y.data[i] > 0)) data[i] = 0;
}

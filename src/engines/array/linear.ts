/**
 * The linear map, forward and backward.
 *
 * Both take two positions and two outputs at a time, so that each number loaded is used twice: loads are what plain typed
 * arrays cost. The plain loops stand beside them as {@linkcode plainLinearForward} and
 * {@linkcode plainLinearBackward}; forward, the sums are in the same order, to the last bit.
 *
 * @module
 */

import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * `y[i] = W x[i]`, for the rows i from `from` and below `to`.
 *
 * Source: microgpt.py, `linear`.
 *
 * @param y `[positions, outputs]`, written.
 * @param x `[positions, inputs]`
 * @param w `[outputs, inputs]`
 * @param from First row.
 * @param to The row after the last.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const y = zeroRows(1, 3, "float64");
 * const w = { data: new Float64Array([1, 2, 3, 4, 5, 6]), width: 2 };
 * linearForward(y, { data: new Float64Array([10, 1]), width: 2 }, w, 0, 1);
 * assertEquals(y.data, new Float64Array([12, 34, 56]));
 * ```
 */
export function linearForward(y: Rows, x: ReadonlyRows, w: ReadonlyRows, from: number, to: number): void {
  let i = from;
  for (; i + 1 < to; i += 2) twoPositions(y, x, w, i);
  if (i < to) onePosition(y, x, w, i);
}

/**
 * {@linkcode linearForward} in its textbook form, slower and equal in every bit: what the tiled loops are checked against.
 *
 * @param y `[positions, outputs]`, written.
 * @param x `[positions, inputs]`
 * @param w `[outputs, inputs]`
 * @param from First row.
 * @param to The row after the last.
 */
export function plainLinearForward(y: Rows, x: ReadonlyRows, w: ReadonlyRows, from: number, to: number): void {
  const [outputs, inputs] = [y.width, x.width];
  for (let i = from; i < to; i++) {
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let j = 0; j < inputs; j++) sum += w.data[o * inputs + j] * x.data[i * inputs + j];
      y.data[i * outputs + o] = sum;
    }
  }
}

/** Positions i and i + 1, two outputs at a time; the last of an odd number is its own neighbour. */
function twoPositions(
  { data: out, width: outputs }: Rows,
  { data: input, width: inputs }: ReadonlyRows,
  w: ReadonlyRows,
  i: number,
): void {
  const { data: weight } = w;
  const x0 = i * inputs;
  const x1 = x0 + inputs;
  const y0 = i * outputs;
  const y1 = y0 + outputs;
  for (let o = 0; o < outputs; o += 2) {
    const o1 = Math.min(o + 1, outputs - 1);
    const w0 = o * inputs;
    const w1 = o1 * inputs;
    let y00 = 0;
    let y01 = 0;
    let y10 = 0;
    let y11 = 0;
    for (let j = 0; j < inputs; j++) {
      const a = weight[w0 + j];
      const b = weight[w1 + j];
      const p = input[x0 + j];
      const q = input[x1 + j];
      y00 += a * p;
      y01 += b * p;
      y10 += a * q;
      y11 += b * q;
    }
    out[y0 + o] = y00;
    out[y0 + o1] = y01;
    out[y1 + o] = y10;
    out[y1 + o1] = y11;
  }
}

/** Position i alone, four outputs at a time. */
function onePosition(
  { data: out, width: outputs }: Rows,
  { data: input, width: inputs }: ReadonlyRows,
  w: ReadonlyRows,
  i: number,
): void {
  const { data: weight } = w;
  const x = i * inputs;
  const y = i * outputs;
  for (let o = 0; o < outputs; o += 4) {
    const o1 = Math.min(o + 1, outputs - 1);
    const o2 = Math.min(o + 2, outputs - 1);
    const o3 = Math.min(o + 3, outputs - 1);
    const w0 = o * inputs;
    const w1 = o1 * inputs;
    const w2 = o2 * inputs;
    const w3 = o3 * inputs;
    let y0 = 0;
    let y1 = 0;
    let y2 = 0;
    let y3 = 0;
    for (let j = 0; j < inputs; j++) {
      const p = input[x + j];
      y0 += weight[w0 + j] * p;
      y1 += weight[w1 + j] * p;
      y2 += weight[w2 + j] * p;
      y3 += weight[w3 + j] * p;
    }
    out[y + o] = y0;
    out[y + o1] = y1;
    out[y + o2] = y2;
    out[y + o3] = y3;
  }
}

/**
 * `dX += dY W` and `dW += dYᵀ X`, over the rows below `n`: the chain rule through `y[o] = Σ w[o][j] x[j]`.
 *
 * @param dX `[positions, inputs]`, added to.
 * @param dW `[outputs, inputs]`, added to.
 * @param dY `[positions, outputs]`
 * @param x `[positions, inputs]`, as the forward pass was given it.
 * @param w `[outputs, inputs]`, likewise.
 * @param n Number of rows.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearBackward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const x = { data: new Float64Array([10, 1]), width: 2 };
 * const w = { data: new Float64Array([3, 4]), width: 2 };
 * const [dX, dW] = [zeroRows(1, 2, "float64"), zeroRows(1, 2, "float64")];
 * linearBackward(dX, dW, { data: new Float64Array([2]), width: 1 }, x, w, 1);
 * assertEquals([dX.data, dW.data], [new Float64Array([6, 8]), new Float64Array([20, 2])]);
 * ```
 */
export function linearBackward(
  dX: Rows,
  dW: Rows,
  dY: ReadonlyRows,
  x: ReadonlyRows,
  w: ReadonlyRows,
  n: number,
): void {
  const { data: dIn } = dX;
  const { data: dWeight } = dW;
  const { data: dOut, width: outputs } = dY;
  const { data: input, width: inputs } = x;
  const { data: weight } = w;
  for (let i = 0; i < n; i += 2) {
    const i1 = Math.min(i + 1, n - 1);
    const x0 = i * inputs;
    const x1 = i1 * inputs;
    for (let o = 0; o < outputs; o += 2) {
      const o1 = Math.min(o + 1, outputs - 1);
      const w0 = o * inputs;
      const w1 = o1 * inputs;
      // The last of an odd number of rows is its own neighbour: what it is there must count nothing.
      const dy00 = dOut[i * outputs + o];
      const dy01 = o1 === o ? 0 : dOut[i * outputs + o1];
      const dy10 = i1 === i ? 0 : dOut[i1 * outputs + o];
      const dy11 = o1 === o || i1 === i ? 0 : dOut[i1 * outputs + o1];
      for (let j = 0; j < inputs; j++) {
        const a = weight[w0 + j];
        const b = weight[w1 + j];
        const p = input[x0 + j];
        const q = input[x1 + j];
        dIn[x0 + j] += dy00 * a + dy01 * b;
        dIn[x1 + j] += dy10 * a + dy11 * b;
        dWeight[w0 + j] += dy00 * p + dy10 * q;
        dWeight[w1 + j] += dy01 * p + dy11 * q;
      }
    }
  }
}

/**
 * {@linkcode linearBackward} in its textbook form, slower and equal up to rounding: what the tiled loops are checked against.
 *
 * @param dX `[positions, inputs]`, added to.
 * @param dW `[outputs, inputs]`, added to.
 * @param dY `[positions, outputs]`
 * @param x `[positions, inputs]`, as the forward pass was given it.
 * @param w `[outputs, inputs]`, likewise.
 * @param n Number of rows.
 */
export function plainLinearBackward(
  dX: Rows,
  dW: Rows,
  dY: ReadonlyRows,
  x: ReadonlyRows,
  w: ReadonlyRows,
  n: number,
): void {
  const [outputs, inputs] = [dY.width, x.width];
  for (let i = 0; i < n; i++) {
    for (let o = 0; o < outputs; o++) {
      const dy = dY.data[i * outputs + o];
      for (let j = 0; j < inputs; j++) {
        dX.data[i * inputs + j] += dy * w.data[o * inputs + j];
        dW.data[o * inputs + j] += dy * x.data[i * inputs + j];
      }
    }
  }
}

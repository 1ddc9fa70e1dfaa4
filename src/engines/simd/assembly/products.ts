/**
 * The matrix products of the model: the kernels' own, or those of a library that works on the same memory. A library reads
 * matrices as they are, row after row; the own kernels read panels (see matmul.ts), and of weights also a transposed copy.
 */

import { ADD, MASK, multiply, multiplyOverPositions, RELU, STORE } from "./matmul";
import { plan } from "./plan";

/** What a library is asked for: A Bᵀ, */
const TIMES_TRANSPOSED: i32 = 0;
/** A B, */
const TIMES: i32 = 1;
/** or Aᵀ B, added to what is there. */
const TRANSPOSED_TIMES: i32 = 2;

/** `C = A B` in one of these ways, with rows and columns of C and the number of products in a sum; strides in bytes. */
@external("env", "product")
declare function product(
  way: i32,
  c: usize,
  cStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  bStride: i32,
  rows: i32,
  columns: i32,
  inner: i32,
): void;

/** `Y = X Wᵀ` for the weights at an offset, `[columns, inner]`; `how` and the other matrix as in `multiply`. */
export function forwardProduct(
  y: usize,
  yStride: i32,
  other: usize,
  otherStride: i32,
  x: usize,
  xStride: i32,
  weights: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  how: i32,
): void {
  if (plan.library == 0) {
    multiply(y, yStride, other, otherStride, x, xStride, plan.forward + weights, rows, columns, inner, how);
    return;
  }
  product(TIMES_TRANSPOSED, y, yStride, x, xStride, plan.params + weights, inner << 2, rows, columns, inner);
  finish(y, yStride, other, otherStride, rows, columns, how);
}

/** `dX = dY W` for the weights at an offset, `[inner, columns]`. */
export function backwardProduct(
  dX: usize,
  dXStride: i32,
  other: usize,
  otherStride: i32,
  dY: usize,
  dYStride: i32,
  weights: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  how: i32,
): void {
  if (plan.library == 0) {
    multiply(dX, dXStride, other, otherStride, dY, dYStride, plan.params + weights, rows, columns, inner, how);
    return;
  }
  product(TIMES, dX, dXStride, dY, dYStride, plan.params + weights, columns << 2, rows, columns, inner);
  finish(dX, dXStride, other, otherStride, rows, columns, how);
}

/** `dW += dYᵀ X`, with as many rows as dY has columns. */
export function gradientProduct(
  dW: usize,
  dY: usize,
  dYStride: i32,
  x: usize,
  xStride: i32,
  rows: i32,
  columns: i32,
  positions: i32,
): void {
  if (plan.library == 0) multiplyOverPositions(dW, dY, dYStride, x, xStride, rows, columns, positions);
  else product(TRANSPOSED_TIMES, dW, columns << 2, dY, dYStride, x, xStride, rows, columns, positions);
}

/** What is done with the sums that a library has stored. */
function finish(c: usize, cStride: i32, other: usize, otherStride: i32, rows: i32, columns: i32, how: i32): void {
  if (how == STORE) return;
  const bytes = <usize> columns << 2;
  const zero = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    if (how == ADD) {
      for (let j: usize = 0; j < bytes; j += 16) v128.store(c + j, f32x4.add(v128.load(c + j), v128.load(other + j)));
    } else if (how == RELU) {
      for (let j: usize = 0; j < bytes; j += 16) v128.store(c + j, f32x4.pmax(v128.load(c + j), zero));
    } else if (how == MASK) {
      for (let j: usize = 0; j < bytes; j += 16) {
        v128.store(c + j, v128.and(v128.load(c + j), f32x4.gt(v128.load(other + j), zero)));
      }
    }
    c += cStride;
    other += otherStride;
  }
}

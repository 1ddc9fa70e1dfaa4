/**
 * Matrix products in register tiles of up to 6×8. V8 allocates 15 vector registers: 12 sums, 2 vectors of B and 1 number
 * of A in all lanes. That is enough sums for none of them to wait for the one before it.
 *
 * B always comes in panels of 8 columns, one after the other: `B[panel][k][8]`. So its address needs no arithmetic.
 *
 * This is a template: `deno task build` repeats what stands between `//$ for` and `//$ end`. There is one function for
 * each height of a tile, since with two heights in one function V8 runs out of registers.
 */

import { madd } from "./math";

/** Bytes from one row of a panel to the next. */
const PANEL: usize = 32;
/** Rows of the highest tile. */
const HIGHEST: i32 = 6;
/** Bytes of B that are used for all rows of A before the next ones: they stay in the second cache. */
const BLOCK_BYTES: i32 = 96 << 10;
/** Positions that are added to all tiles before the next ones: what a tile reads of them stays in the first cache. */
const BLOCK_POSITIONS: i32 = 128;

/** What a product does with its sums: store them as they are, */
export const STORE: i32 = 0;
/** add what stands at the same place of another matrix, */
export const ADD: i32 = 1;
/** replace negative ones by 0, */
export const RELU: i32 = 2;
/** or replace those by 0 where another matrix is not positive. */
export const MASK: i32 = 3;

function finish(sum: v128, other: usize, how: i32): v128 {
  if (how == RELU) return f32x4.pmax(sum, f32x4.splat(0));
  if (how == ADD) return f32x4.add(sum, v128.load(other));
  return v128.and(sum, f32x4.gt(v128.load(other), f32x4.splat(0)));
}

//$ for rows in 1..7
/** $rows rows of `C = A B`, 8 columns at a time. Rows of A are `aStride` bytes apart, and `inner` is a multiple of 4. */
function rowsOf$rows(
  c: usize,
  cStride: usize,
  other: usize,
  otherStride: usize,
  a: usize,
  aStride: usize,
  b: usize,
  columns: i32,
  inner: i32,
  how: i32,
): void {
  //$ for r in 0..$rows
  let a$r = a + $r * aStride;
  //$ end
  const rowBytes: usize = <usize> inner << 2;
  let b0: v128;
  let b1: v128;
  let x: v128;
  for (let column = 0; column < columns; column += 8) {
    //$ for r in 0..$rows
    let c$r0 = f32x4.splat(0);
    let c$r1 = f32x4.splat(0);
    //$ end
    for (let k: usize = 0; k < rowBytes; k += 16) {
      //$ for i in 0..4
      b0 = v128.load(b, 32 * $i);
      b1 = v128.load(b, 32 * $i + 16);
      //$ for r in 0..$rows
      x = v128.load32_splat(a$r + k, 4 * $i);
      c$r0 = madd(x, b0, c$r0);
      c$r1 = madd(x, b1, c$r1);
      //$ end
      //$ end
      b += 4 * PANEL;
    }
    if (how != STORE) {
      //$ for r in 0..$rows
      c$r0 = finish(c$r0, other + $r * otherStride, how);
      c$r1 = finish(c$r1, other + $r * otherStride + 16, how);
      //$ end
      other += PANEL;
    }
    //$ for r in 0..$rows
    v128.store(c + $r * cStride, c$r0);
    v128.store(c + $r * cStride, c$r1, 16);
    //$ end
    c += PANEL;
  }
}

/**
 * Adds a sum over positions to a tile of $rows rows and 8 columns of `C += Aᵀ B`: columns of A are rows of C. C is a
 * panel, B is not.
 */
function tileOverPositions$rows(c: usize, a: usize, aStride: usize, b: usize, bStride: usize, positions: i32): void {
  //$ for r in 0..$rows
  let c$r0 = v128.load(c, 32 * $r);
  let c$r1 = v128.load(c, 32 * $r + 16);
  //$ end
  let b0: v128;
  let b1: v128;
  let x: v128;
  let p = positions;
  //$ for n in 4, 1
  while (p >= $n) {
    //$ for i in 0..$n
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    //$ for r in 0..$rows
    x = v128.load32_splat(a, 4 * $r);
    c$r0 = madd(x, b0, c$r0);
    c$r1 = madd(x, b1, c$r1);
    //$ end
    a += aStride;
    b += bStride;
    //$ end
    p -= $n;
  }
  //$ end
  //$ for r in 0..$rows
  v128.store(c, c$r0, 32 * $r);
  v128.store(c, c$r1, 32 * $r + 16);
  //$ end
}
//$ end

/** Rows of the next tile, so that all tiles are about equally high: 7 rows are 4 and 3, not 6 and 1. */
function height(rows: i32): i32 {
  const tiles = (rows + HIGHEST - 1) / HIGHEST;
  return (rows + tiles - 1) / tiles;
}

/**
 * `C = A B`, with `columns` a multiple of 8 and `inner`, the number of products in a sum, a multiple of 4. `how` says
 * what is done with the sums; rows of the other matrix are `otherStride` bytes apart.
 */
export function multiply(
  c: usize,
  cStride: i32,
  other: usize,
  otherStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  how: i32,
): void {
  const block = max(8, (BLOCK_BYTES / inner) >> 5 << 3);
  while (columns > 0) {
    const width = min(block, columns);
    multiplyBlock(c, cStride, other, otherStride, a, aStride, b, rows, width, inner, how);
    c += width << 2;
    other += width << 2;
    b += width * inner << 2;
    columns -= width;
  }
}

/** The same, with all columns at once. */
function multiplyBlock(
  c: usize,
  cStride: i32,
  other: usize,
  otherStride: i32,
  a: usize,
  aStride: i32,
  b: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  how: i32,
): void {
  while (rows > 0) {
    const h = height(rows);
    if (h == 6) rowsOf6(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    //$ for n in 5, 4, 3, 2, 1
    else if (h == $n) rowsOf$n(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    //$ end
    c += h * cStride;
    other += h * otherStride;
    a += h * aStride;
    rows -= h;
  }
}

/**
 * Adds the gradient of a weight matrix, `dW += dYᵀ X`, in panels of 8 columns with `rows` rows each. `columns` is a
 * multiple of 8.
 */
export function multiplyOverPositions(
  dW: usize,
  dY: usize,
  dYStride: i32,
  x: usize,
  xStride: i32,
  rows: i32,
  columns: i32,
  positions: i32,
): void {
  while (positions > 0) {
    const block = min(BLOCK_POSITIONS, positions);
    addPositions(dW, dY, dYStride, x, xStride, rows, columns, block);
    dY += block * dYStride;
    x += block * xStride;
    positions -= block;
  }
}

/** The same, with all positions at once. */
function addPositions(
  dW: usize,
  dY: usize,
  dYStride: i32,
  x: usize,
  xStride: i32,
  rows: i32,
  columns: i32,
  positions: i32,
): void {
  for (let column = 0; column < columns; column += 8) {
    let a = dY;
    let left = rows;
    while (left > 0) {
      const h = height(left);
      if (h == 6) tileOverPositions6(dW, a, dYStride, x, xStride, positions);
      //$ for n in 5, 4, 3, 2, 1
      else if (h == $n) tileOverPositions$n(dW, a, dYStride, x, xStride, positions);
      //$ end
      dW += <usize> h * PANEL;
      a += h << 2;
      left -= h;
    }
    x += PANEL;
  }
}

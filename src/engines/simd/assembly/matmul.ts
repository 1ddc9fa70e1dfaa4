/**
 * Matrix products in register tiles. V8 allocates 15 vector registers and checks the bounds of every load, so a load
 * takes four numbers, which are then spread over the lanes one by one.
 *
 * B always comes in panels of 8 columns, one after the other: `B[panel][k][8]`. So its address needs no arithmetic.
 *
 * This is a template: `deno task build` repeats what stands between `//$ for` and `//$ end`. There is one function for
 * each height of a tile, since with two heights in one function V8 runs out of registers.
 */

import { madd } from "./math";

/** Bytes from one row of a panel to the next. */
const PANEL: usize = 32;

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

//$ for rows in 1..5
/**
 * $rows rows of `C = A B`, 8 columns at a time. With 4 rows, 8 sums, 4 vectors of A, 2 vectors of B and 1 number of A
 * in all lanes take 15 registers. Rows of A are `aStride` bytes apart, and `inner` is a multiple of 4.
 */
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
    let x$r = f32x4.splat(0);
    //$ end
    for (let k: usize = 0; k < rowBytes; k += 16) {
      //$ for r in 0..$rows
      x$r = v128.load(a$r + k);
      //$ end
      //$ for i in 0..4
      b0 = v128.load(b, 32 * $i);
      b1 = v128.load(b, 32 * $i + 16);
      //$ for r in 0..$rows
      x = v128.shuffle<f32>(x$r, x$r, $i, $i, $i, $i);
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
 * A tile of `C = Aᵀ B`, a sum over positions, of $rows rows and 8 columns: columns of A are rows of C. C is a panel, B
 * is not. Of A it loads four numbers at a time, and so may read up to 3 past the tile.
 */
function tileOverPositions$rows(c: usize, a: usize, aStride: usize, b: usize, bStride: usize, positions: i32): void {
  //$ for r in 0..$rows
  let c$r0 = f32x4.splat(0);
  let c$r1 = f32x4.splat(0);
  //$ end
  let b0: v128;
  let b1: v128;
  let four: v128;
  let x: v128;
  let p = positions;
  //$ for n in 2, 1
  while (p >= $n) {
    //$ for i in 0..$n
    four = v128.load(a);
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    //$ for r in 0..$rows
    x = v128.shuffle<f32>(four, four, $r, $r, $r, $r);
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

/** Rows of the next tile, so that all tiles are about equally high: 5 rows are 3 and 2, not 4 and 1. */
function height(rows: i32): i32 {
  const tiles = (rows + 3) / 4;
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
  while (rows > 0) {
    const h = height(rows);
    if (h == 4) rowsOf4(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    //$ for n in 3, 2, 1
    else if (h == $n) rowsOf$n(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    //$ end
    c += h * cStride;
    other += h * otherStride;
    a += h * aStride;
    rows -= h;
  }
}

/**
 * The gradient of a weight matrix, `dW = dYᵀ X`, in panels of 8 columns with `rows` rows each. `columns` is a multiple
 * of 8.
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
  for (let column = 0; column < columns; column += 8) {
    let a = dY;
    let left = rows;
    while (left > 0) {
      const h = height(left);
      if (h == 4) tileOverPositions4(dW, a, dYStride, x, xStride, positions);
      //$ for n in 3, 2, 1
      else if (h == $n) tileOverPositions$n(dW, a, dYStride, x, xStride, positions);
      //$ end
      dW += <usize> h * PANEL;
      a += h << 2;
      left -= h;
    }
    x += PANEL;
  }
}

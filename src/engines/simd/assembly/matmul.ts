/**
 * Matrix products in register tiles. V8 has 15 vector registers to give, and checks the bounds of every load: so loads
 * are of four numbers, which are then spread over the lanes one by one.
 *
 * B always comes in panels of 8 columns, one after the other: `B[panel][k][8]`. So its address needs no arithmetic.
 */

import { madd } from "./math";

/** Classes whose size stands for a number at compile time: there is one function for each height of a tile. */
@unmanaged
class Rows1 {
  a: u8;
}
@unmanaged
class Rows2 extends Rows1 {
  b: u8;
}
@unmanaged
class Rows3 extends Rows2 {
  c: u8;
}
@unmanaged
class Rows4 extends Rows3 {
  d: u8;
}

/** Bytes from one row of a panel to the next. */
const PANEL: usize = 32;

/** What a product does with its sums before it stores them. */
export const STORE: i32 = 0;
/** Adds what stands at the same place of another matrix. */
export const ADD: i32 = 1;
/** Takes the larger of the sum and 0. */
export const RELU: i32 = 2;
/** Takes 0 where another matrix is not positive. */
export const MASK: i32 = 3;

function finish(sum: v128, other: usize, how: i32): v128 {
  if (how == RELU) return f32x4.pmax(sum, f32x4.splat(0));
  if (how == ADD) return f32x4.add(sum, v128.load(other));
  return v128.and(sum, f32x4.gt(v128.load(other), f32x4.splat(0)));
}

/**
 * Up to 4 rows of `C = A B`, 8 columns at a time: 8 sums, 4 rows of A, 2 vectors of B and 1 number of A in all lanes are
 * 15 registers. Rows of A are `aStride` bytes apart, its columns follow each other; inner is a multiple of 4.
 */
function rowsOf<R>(
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
  const rows = offsetof<R>();
  let a1 = a + aStride;
  let a2 = a + 2 * aStride;
  let a3 = a + 3 * aStride;
  const rowBytes: usize = <usize> inner << 2;
  let b0: v128;
  let b1: v128;
  let x: v128;
  for (let column = 0; column < columns; column += 8) {
    let c00 = f32x4.splat(0);
    let c01 = f32x4.splat(0);
    let x0 = f32x4.splat(0);
    let c10 = f32x4.splat(0);
    let c11 = f32x4.splat(0);
    let x1 = f32x4.splat(0);
    let c20 = f32x4.splat(0);
    let c21 = f32x4.splat(0);
    let x2 = f32x4.splat(0);
    let c30 = f32x4.splat(0);
    let c31 = f32x4.splat(0);
    let x3 = f32x4.splat(0);
    for (let k: usize = 0; k < rowBytes; k += 16) {
      x0 = v128.load(a + k);
      if (rows > 1) x1 = v128.load(a1 + k);
      if (rows > 2) x2 = v128.load(a2 + k);
      if (rows > 3) x3 = v128.load(a3 + k);
      b0 = v128.load(b, 0);
      b1 = v128.load(b, 16);
      x = v128.shuffle<f32>(x0, x0, 0, 0, 0, 0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      if (rows > 1) {
        x = v128.shuffle<f32>(x1, x1, 0, 0, 0, 0);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.shuffle<f32>(x2, x2, 0, 0, 0, 0);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.shuffle<f32>(x3, x3, 0, 0, 0, 0);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
      }
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      x = v128.shuffle<f32>(x0, x0, 1, 1, 1, 1);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      if (rows > 1) {
        x = v128.shuffle<f32>(x1, x1, 1, 1, 1, 1);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.shuffle<f32>(x2, x2, 1, 1, 1, 1);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.shuffle<f32>(x3, x3, 1, 1, 1, 1);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
      }
      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      x = v128.shuffle<f32>(x0, x0, 2, 2, 2, 2);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      if (rows > 1) {
        x = v128.shuffle<f32>(x1, x1, 2, 2, 2, 2);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.shuffle<f32>(x2, x2, 2, 2, 2, 2);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.shuffle<f32>(x3, x3, 2, 2, 2, 2);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
      }
      b0 = v128.load(b, 96);
      b1 = v128.load(b, 112);
      x = v128.shuffle<f32>(x0, x0, 3, 3, 3, 3);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      if (rows > 1) {
        x = v128.shuffle<f32>(x1, x1, 3, 3, 3, 3);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.shuffle<f32>(x2, x2, 3, 3, 3, 3);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.shuffle<f32>(x3, x3, 3, 3, 3, 3);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
      }
      b += 4 * PANEL;
    }
    if (how != STORE) {
      c00 = finish(c00, other, how);
      c01 = finish(c01, other + 16, how);
      if (rows > 1) {
        c10 = finish(c10, other + otherStride, how);
        c11 = finish(c11, other + otherStride + 16, how);
      }
      if (rows > 2) {
        c20 = finish(c20, other + 2 * otherStride, how);
        c21 = finish(c21, other + 2 * otherStride + 16, how);
      }
      if (rows > 3) {
        c30 = finish(c30, other + 3 * otherStride, how);
        c31 = finish(c31, other + 3 * otherStride + 16, how);
      }
      other += PANEL;
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    if (rows > 1) {
      v128.store(c + cStride, c10);
      v128.store(c + cStride, c11, 16);
    }
    if (rows > 2) {
      v128.store(c + 2 * cStride, c20);
      v128.store(c + 2 * cStride, c21, 16);
    }
    if (rows > 3) {
      v128.store(c + 3 * cStride, c30);
      v128.store(c + 3 * cStride, c31, 16);
    }
    c += PANEL;
  }
}

/**
 * A tile of `C = Aᵀ B`, the sum over positions, up to 4 rows and 8 columns: here columns of A are rows of C. C is a
 * panel, B is not. Of A it loads fours, and so may read up to 3 numbers past the tile.
 */
function tileOverPositions<R>(c: usize, a: usize, aStride: usize, b: usize, bStride: usize, positions: i32): void {
  const rows = offsetof<R>();
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let b0: v128;
  let b1: v128;
  let four: v128;
  let x: v128;
  let p = positions;
  while (p >= 2) {
    four = v128.load(a);
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    x = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
    }
    if (rows > 3) {
      x = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
    }
    a += aStride;
    b += bStride;
    four = v128.load(a);
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    x = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
    }
    if (rows > 3) {
      x = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
    }
    a += aStride;
    b += bStride;
    p -= 2;
  }
  if (p > 0) {
    four = v128.load(a);
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    x = v128.shuffle<f32>(four, four, 0, 0, 0, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    if (rows > 1) {
      x = v128.shuffle<f32>(four, four, 1, 1, 1, 1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
    }
    if (rows > 2) {
      x = v128.shuffle<f32>(four, four, 2, 2, 2, 2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
    }
    if (rows > 3) {
      x = v128.shuffle<f32>(four, four, 3, 3, 3, 3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
    }
    a += aStride;
    b += bStride;
  }
  v128.store(c, c00, 0);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
  }
  if (rows > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
  }
  if (rows > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
  }
}

/** How many rows the next tile takes, so that all are of about the same height: 5 rows are 3 and 2, not 4 and 1. */
function height(rows: i32): i32 {
  const tiles = (rows + 3) / 4;
  return (rows + tiles - 1) / tiles;
}

/**
 * `C = A B` for `rows` rows and `columns` (a multiple of 8) columns, with `inner` (a multiple of 4) products a sum, and
 * what `how` says done to it; rows of the other matrix are `otherStride` bytes apart.
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
    if (h == 4) rowsOf<Rows4>(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    else if (h == 3) rowsOf<Rows3>(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    else if (h == 2) rowsOf<Rows2>(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    else rowsOf<Rows1>(c, cStride, other, otherStride, a, aStride, b, columns, inner, how);
    c += h * cStride;
    other += h * otherStride;
    a += h * aStride;
    rows -= h;
  }
}

/**
 * The gradient of a weight matrix, `dW = dYᵀ X`: `[rows of W][columns of W]` in panels of 8 columns, of `rows` rows
 * each. The columns are a multiple of 8.
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
      if (h == 4) tileOverPositions<Rows4>(dW, a, dYStride, x, xStride, positions);
      else if (h == 3) tileOverPositions<Rows3>(dW, a, dYStride, x, xStride, positions);
      else if (h == 2) tileOverPositions<Rows2>(dW, a, dYStride, x, xStride, positions);
      else tileOverPositions<Rows1>(dW, a, dYStride, x, xStride, positions);
      dW += <usize> h * PANEL;
      a += h << 2;
      left -= h;
    }
    x += PANEL;
  }
}

/**
 * Adam over all parameters, and the copy of each weight matrix that the forward pass reads.
 *
 * A weight matrix stands in panels of 8 columns, `[panel][row][8]`, as the backward pass multiplies by it. The forward
 * pass multiplies by its transpose, in panels of 8 rows. Threads share a matrix in units: 4 rows of a panel, 32
 * consecutive numbers.
 *
 * This is a template: `deno task build` repeats what stands between `//$ for` and `//$ end`.
 */

import { madd } from "./math";
import { plan } from "./plan";

const UNIT_BYTES: usize = 128;

/** Moments smaller than this count as 0, and so do gradients whose square would be that small: subnormals are slow. */
const TINY_MOMENT: f32 = 1e-35;
const TINY_GRADIENT: f32 = 1e-17;

/**
 * What to do with a matrix: copy its weights for the forward pass, add up the squares of its gradient, or take a step.
 */
export const TRANSPOSE: i32 = 0;
export const SQUARE: i32 = 1;
export const STEP: i32 = 2;

/** Sum of the squares of the gradient so far in the present call of {@linkcode updateAll}. */
let squares: f64 = 0;

function addSquares(lanes: v128): void {
  squares += <f64> f32x4.extract_lane(lanes, 0) + <f64> f32x4.extract_lane(lanes, 1);
  squares += <f64> f32x4.extract_lane(lanes, 2) + <f64> f32x4.extract_lane(lanes, 3);
}

/** Adds up the squares of the gradient, summed over all parts, in the units from `first` to `last` of a matrix. */
function square(matrix: usize, first: usize, last: usize): void {
  const active = plan.active;
  const bufferBytes = plan.bufferBytes;
  const bytes = (last - first) * UNIT_BYTES;
  const grads = plan.grads + matrix + first * UNIT_BYTES;
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    let g = v128.load(grads + i);
    for (let p = 1; p < active; p++) g = f32x4.add(g, v128.load(grads + i + p * bufferBytes));
    g = flushed(g, TINY_GRADIENT);
    sum = madd(g, g, sum);
  }
  addSquares(sum);
}

/**
 * A step for the units from `first` to `last` of a matrix, in the form that needs the fewest operations: that of the end
 * of section 2 of Kingma and Ba 2015, in which the second moment's bias correction is part of rate and eps. Returns which
 * lanes held a number that is not finite.
 */
function step(matrix: usize, first: usize, last: usize): v128 {
  const rate = f32x4.splat(plan.rate);
  const beta1 = f32x4.splat(plan.beta1);
  const beta2 = f32x4.splat(plan.beta2);
  const rest1 = f32x4.splat(plan.rest1);
  const rest2 = f32x4.splat(plan.rest2);
  const eps = f32x4.splat(plan.eps);
  const decay = f32x4.splat(plan.decay);
  const gradScale = f32x4.splat(plan.gradScale);
  const zero = f32x4.splat(0);
  const active = plan.active;
  const bufferBytes = plan.bufferBytes;
  const start = matrix + first * UNIT_BYTES;
  let params = plan.params + start;
  let firstMoment = plan.m + start;
  let secondMoment = plan.v + start;
  let grads = plan.grads + start;
  const end = params + (last - first) * UNIT_BYTES;
  let badParams = zero;
  let badMoments = zero;
  let sum = zero;
  while (params < end) {
    //$ for i in 0..2
    let g$i = v128.load(grads, 16 * $i);
    //$ end
    for (let p = 1; p < active; p++) {
      //$ for i in 0..2
      g$i = f32x4.add(g$i, v128.load(grads + p * bufferBytes, 16 * $i));
      //$ end
    }
    //$ for i in 0..2
    g$i = flushed(f32x4.mul(g$i, gradScale), TINY_GRADIENT);
    const square$i = f32x4.mul(g$i, g$i);
    sum = f32x4.add(sum, square$i);
    const m$i = flushed(madd(rest1, g$i, f32x4.mul(beta1, v128.load(firstMoment, 16 * $i))), TINY_MOMENT);
    v128.store(firstMoment, m$i, 16 * $i);
    let v$i = madd(rest2, square$i, f32x4.mul(beta2, v128.load(secondMoment, 16 * $i)));
    v$i = v128.andnot(v$i, f32x4.lt(v$i, f32x4.splat(TINY_MOMENT)));
    v128.store(secondMoment, v$i, 16 * $i);
    const update$i = f32x4.div(f32x4.mul(m$i, rate), f32x4.add(f32x4.sqrt(v$i), eps));
    // Where m is 0 nothing moves, even if eps is 0.
    const p$i = v128.load(params, 16 * $i);
    const next$i = f32x4.sub(p$i, madd(decay, p$i, v128.and(update$i, f32x4.ne(m$i, zero))));
    v128.store(params, next$i, 16 * $i);
    // 0 times a number that is not finite is NaN, and stays that.
    badParams = madd(zero, next$i, badParams);
    badMoments = madd(zero, v$i, badMoments);
    //$ end
    params += 32;
    firstMoment += 32;
    secondMoment += 32;
    grads += 32;
  }
  addSquares(sum);
  return f32x4.ne(f32x4.add(badParams, badMoments), zero);
}

/** x, or 0 where it is smaller than `tiny`. NaN stays NaN. */
@inline
function flushed(x: v128, tiny: f32): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(tiny)));
}

/** Writes the 4 rows and 8 columns of a unit, transposed, where the forward pass reads them. */
function transpose(from: usize, to: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const a = v128.load(from + half);
    const b = v128.load(from + half, 32);
    const c = v128.load(from + half, 64);
    const d = v128.load(from + half, 96);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 32);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 64);
    v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 96);
    to += 128;
  }
}

/** Transposes the units from `first` to `last` of a matrix. */
function transposeUnits(matrix: usize, rows: i32, columns: i32, first: usize, last: usize): void {
  const unitsDown = <usize> rows >> 2;
  let panel = first / unitsDown;
  let row = (first % unitsDown) << 2;
  let from = plan.params + matrix + first * UNIT_BYTES;
  for (let unit = first; unit < last; unit++) {
    transpose(from, plan.forward + matrix + (row >> 3) * (<usize> columns << 5) + (panel << 8) + ((row & 7) << 2));
    from += UNIT_BYTES;
    row += 4;
    if (row == <usize> rows) {
      row = 0;
      panel++;
    }
  }
}

/**
 * An action on a part's units of one matrix. New weights are transposed if the forward pass multiplies by the matrix.
 */
function update(p: i32, matrix: usize, rows: i32, columns: i32, transposed: bool, action: i32): v128 {
  const units = <usize> (rows * columns) >> 5;
  const first = units * p / plan.threads;
  const last = units * (p + 1) / plan.threads;
  if (action == SQUARE) square(matrix, first, last);
  const bad = action == STEP ? step(matrix, first, last) : f32x4.splat(0);
  if (transposed && action != SQUARE && plan.library == 0) transposeUnits(matrix, rows, columns, first, last);
  return bad;
}

/** An action on a part's share of all parameters. Returns whether any of them is no longer finite. */
export function updateAll(p: i32, action: i32): bool {
  squares = 0;
  const e = plan.embdWidth;
  const a = plan.attentionWidth;
  const h = plan.hiddenWidth;
  let bad = update(p, plan.wte, plan.wteRows, e, false, action);
  bad = v128.or(bad, update(p, plan.wpe, plan.wpeRows, e, false, action));
  bad = v128.or(bad, update(p, plan.lmHead, plan.vocabWidth, e, true, action));
  for (let l = 0; l < plan.nLayer; l++) {
    const layer = <usize> plan.firstLayer + <usize> l * plan.layerBytes;
    bad = v128.or(bad, update(p, layer + plan.qkv, 3 * a, e, true, action));
    bad = v128.or(bad, update(p, layer + plan.wo, e, a, true, action));
    bad = v128.or(bad, update(p, layer + plan.fc1, h, e, true, action));
    bad = v128.or(bad, update(p, layer + plan.fc2, e, h, true, action));
  }
  store<f64>(plan.squares + (p << 3), squares);
  return v128.any_true(bad);
}

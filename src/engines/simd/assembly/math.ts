/**
 * Four numbers at a time: multiply-add, sum and maximum over lanes, exp. And log, one number at a time.
 */

/** a b + c, rounded only once in the relaxed build. (RELAXED, 1 or 0, comes from the compiler's command line.) */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return v128.relaxed_madd<f32>(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes. */
@inline
export function laneSum(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Maximum of the four lanes. */
@inline
export function laneMax(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  const a = f32x4.extract_lane(pairs, 0);
  const b = f32x4.extract_lane(pairs, 1);
  return a < b ? b : a;
}

/** Address of constants, each stored four times: loading them is cheaper than having them in the code. */
const CONSTANTS: usize = 512;

/** The i-th constant, in all lanes. */
function constant(i: i32): v128 {
  return v128.load(CONSTANTS + (i << 4));
}

function setConstant(i: i32, value: f32): void {
  v128.store(CONSTANTS + (i << 4), f32x4.splat(value));
}

/** Writes the constants; to be called once, before anything else. */
export function setConstants(): void {
  setConstant(0, -70.0);
  setConstant(1, 1.4426950408889634); // 1 / ln 2
  setConstant(2, 12582912.0); // 1.5 * 2^23: adding it rounds to an integer
  // 2^x = 1 + c1 x + ... + c5 x^5 for |x| <= 1/2, fitted to make the largest relative error smallest.
  setConstant(3, 0.0013276339704633537);
  setConstant(4, 0.00967560917278273);
  setConstant(5, 0.05550714160935733);
  setConstant(6, 0.24022118485756147);
  setConstant(7, 0.6931469662288283);
  setConstant(8, 1.0);
}

/**
 * `x ← e^(scale (x - max))` for vectors from `at` on, `step` bytes apart. Returns their sum.
 *
 * e^y for y <= 0 is 2^n 2^f with an integer n and |f| <= 1/2; the relative error is 2e-7 + 6e-8 |y|. Below -70 it is
 * e^-70, so that no product with it becomes subnormal, which would be slow.
 */
export function exponentials(at: usize, bytes: usize, step: usize, max: v128, scale: v128): v128 {
  const least = constant(0);
  const perLog2 = constant(1);
  const rounder = constant(2);
  const c5 = constant(3);
  const c4 = constant(4);
  const c3 = constant(5);
  const c2 = constant(6);
  const c1 = constant(7);
  const c0 = constant(8);
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += step) {
    const y = f32x4.pmax(f32x4.mul(f32x4.sub(v128.load(at + i), max), scale), least);
    const shifted = madd(y, perLog2, rounder);
    const f = madd(y, perLog2, f32x4.sub(rounder, shifted));
    let p = madd(c5, f, c4);
    p = madd(p, f, c3);
    p = madd(p, f, c2);
    p = madd(p, f, c1);
    p = madd(p, f, c0);
    // The low bits of `shifted` are n; added to the exponent they multiply by 2^n.
    p = i32x4.add(p, i32x4.shl(shifted, 23));
    v128.store(at + i, p);
    sum = f32x4.add(sum, p);
  }
  return sum;
}

/**
 * ln x for a positive, normal x; NaN for NaN. x = 2^n m with m near 1, and ln m = 2 artanh((m - 1) / (m + 1)) as a
 * series.
 */
export function log(x: f32): f64 {
  if (!(x <= f32.MAX_VALUE)) return NaN;
  const bits = reinterpret<i32>(x);
  const n = (bits - 0x3f3504f3) >> 23; // so that m is between sqrt(1/2) and sqrt(2)
  const m = <f64> reinterpret<f32>(bits - (n << 23));
  const s = (m - 1.0) / (m + 1.0);
  const q = s * s;
  const series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0)))));
  return 2.0 * s * series + <f64> n * 0.6931471805599453;
}

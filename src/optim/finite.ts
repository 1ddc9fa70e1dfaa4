/**
 * Whether numbers are still numbers.
 *
 * @module
 */

/**
 * Whether all numbers are finite.
 *
 * @param values Any number of them.
 */
export function allFinite(values: Float64Array | Float32Array): boolean {
  // 0 times a number is 0, except for infinities and NaN. Four sums that need not wait for each other.
  const { length } = values;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

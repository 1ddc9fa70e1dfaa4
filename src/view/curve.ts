/**
 * Long curves as pictures need them: smoothed, and short enough to draw.
 *
 * @module
 */

import { checkRange } from "../range.ts";

/** Points of a curve: as many places as heights. */
export type Curve = { readonly x: readonly number[]; readonly y: readonly number[] };

/** About how many steps a smooth line of losses is the mean of. */
export const SPAN = 50;

/** The state of a running mean; see {@linkcode smoothed}. */
export type Smoothing = { readonly sum: number; readonly share: number };

/** The running mean of nothing yet. */
export const NOTHING_SMOOTHED: Smoothing = { sum: 0, share: 1 };

/**
 * The running mean after one more value: an exponential moving average with the bias correction of Adam's first moment.
 *
 * @param before The mean so far.
 * @param value The value.
 * @param span About how many values count, from 1.
 * @returns The state to go on with, and the mean.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NOTHING_SMOOTHED, smoothed } from "@microgpt/microgpt/view";
 *
 * assertEquals(smoothed(NOTHING_SMOOTHED, 3, 10)[1], 3); // one value is its own mean
 * ```
 */
export function smoothed(before: Smoothing, value: number, span: number): [Smoothing, mean: number] {
  const beta = 1 - 1 / span;
  const sum = beta * before.sum + (1 - beta) * value;
  const share = beta * before.share;
  return [{ sum, share }, sum / (1 - share)];
}

/**
 * The running means of a whole curve, one for each value.
 *
 * @param values Any numbers.
 * @param span About how many values count, from 1.
 * @throws {RangeError} If the span is below 1.
 */
export function smoothCurve(values: readonly number[], span: number): number[] {
  checkRange("span", span, { from: 1 });
  let state = NOTHING_SMOOTHED;
  return values.map((value) => {
    let mean: number;
    [state, mean] = smoothed(state, value, span);
    return mean;
  });
}

/** Neighbouring points in one: the range of places, and what the heights are between. */
export type Bucket = {
  /** The first place. */
  readonly from: number;
  /** The last place. */
  readonly to: number;
  /** The lowest height, */
  readonly min: number;
  /** their mean, */
  readonly mean: number;
  /** and the highest. */
  readonly max: number;
};

/**
 * A curve in at most so many buckets of equally many points each, the last one perhaps with fewer.
 *
 * @param curve The points, in the order of their places.
 * @param most From 1.
 * @throws {RangeError} If `most` is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buckets } from "@microgpt/microgpt/view";
 *
 * assertEquals(buckets({ x: [1, 2, 3], y: [5, 7, 6] }, 2), [
 *   { from: 1, to: 2, min: 5, mean: 6, max: 7 },
 *   { from: 3, to: 3, min: 6, mean: 6, max: 6 },
 * ]);
 * ```
 */
export function buckets({ x, y }: Curve, most: number): Bucket[] {
  checkRange("most", most, { whole: true, from: 1 });
  const size = Math.max(1, Math.ceil(x.length / most));
  return Array.from({ length: Math.ceil(x.length / size) }, (_, b) => {
    const [first, end] = [b * size, Math.min(x.length, (b + 1) * size)];
    let [min, max, sum] = [Infinity, -Infinity, 0];
    for (let i = first; i < end; i++) {
      min = Math.min(min, y[i]);
      max = Math.max(max, y[i]);
      sum += y[i];
    }
    return { from: x[first], to: x[end - 1], min, mean: sum / (end - first), max };
  });
}

/**
 * A curve with at most so many points that looks the same: of each stretch the lowest and the highest point, as they come.
 * Smooth before, never after: what is left out would be missing from the means.
 *
 * @param curve The points, in the order of their places.
 * @param most An even number from 2.
 * @returns The same curve if it is short enough.
 * @throws {RangeError} If `most` is out of range.
 */
export function thinCurve(curve: Curve, most: number): Curve {
  checkRange("most", most, { whole: true, from: 2 });
  const { x, y } = curve;
  if (x.length <= most) return curve;
  const size = Math.ceil(x.length / Math.floor(most / 2));
  const kept: number[] = [];
  for (let first = 0; first < x.length; first += size) {
    const end = Math.min(x.length, first + size);
    let [low, high] = [first, first];
    for (let i = first; i < end; i++) {
      if (y[i] < y[low]) low = i;
      if (y[i] > y[high]) high = i;
    }
    kept.push(...(low === high ? [low] : low < high ? [low, high] : [high, low]));
  }
  return { x: kept.map((i) => x[i]), y: kept.map((i) => y[i]) };
}

/**
 * Where in a list of places one is, or the nearest one before it; -1 if it is before all.
 *
 * @param x Places, ascending.
 * @param place Where to look.
 */
export function indexAt(x: readonly number[], place: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Curves as pictures need them.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  buckets,
  type Curve,
  indexAt,
  NOTHING_SMOOTHED,
  smoothCurve,
  smoothed,
  thinCurve,
} from "../../src/view/mod.ts";
import { law } from "../property.ts";

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 });
const spans = fc.double({ min: 1, max: 100, noNaN: true });
const curves = values.map((y): Curve => ({ x: y.map((_, i) => i + 1), y }));
const mosts = fc.integer({ min: 1, max: 20 });

law("smoothing: a running mean lies between the least and the most so far", [values, spans], (y, span) => {
  smoothCurve(y, span).forEach((mean, i) => {
    const so = y.slice(0, i + 1);
    const room = 1e-9 * (1 + Math.max(...so.map(Math.abs)));
    assert(mean >= Math.min(...so) - room && mean <= Math.max(...so) + room);
  });
});

law(
  "smoothing: weights fall by the same factor from step to step, as in Adam's first moment",
  [values, spans],
  (y, span) => {
    const beta = 1 - 1 / span;
    const weights = y.map((_, i) => beta ** (y.length - 1 - i));
    const total = weights.reduce((sum, weight) => sum + weight);
    const expected = y.reduce((sum, value, i) => sum + value * weights[i], 0) / total;
    assertAlmostEquals(smoothCurve(y, span).at(-1)!, expected, 1e-6);
  },
);

Deno.test("smoothing: value by value is the same as all at once, and a span below 1 is refused", () => {
  let state = NOTHING_SMOOTHED;
  const y = [3, 1, 4, 1, 5];
  const means = y.map((value) => {
    let mean: number;
    [state, mean] = smoothed(state, value, 3);
    return mean;
  });
  assertEquals(means, smoothCurve(y, 3));
  assertThrows(() => smoothCurve(y, 0.5), RangeError, "span 0.5 cannot be used");
});

law(
  "buckets: as many as asked for at most, without a gap, and the mean of all is the mean",
  [curves, mosts],
  (curve, most) => {
    const found = buckets(curve, most);
    assert(found.length <= most && found.length > Math.min(most, curve.x.length) / 2);
    assert(found.slice(0, -1).every(({ from, to }) => to - from === found[0].to - found[0].from));
    assertEquals([found[0].from, found.at(-1)!.to], [1, curve.x.length]);
    found.slice(1).forEach(({ from }, i) => assertEquals(from, found[i].to + 1));
    const sum = found.reduce((total, { from, to, mean }) => total + mean * (to - from + 1), 0);
    assertAlmostEquals(sum, curve.y.reduce((total, value) => total + value), 1e-6);
    for (const { from, to, min, max } of found) {
      const inside = curve.y.slice(from - 1, to);
      assertEquals([min, max], [Math.min(...inside), Math.max(...inside)]);
    }
  },
);

law(
  "thinning: what is left are points of the curve, in order, with its least and most",
  [curves, mosts],
  (curve, n) => {
    const most = 2 * n;
    const { x, y } = thinCurve(curve, most);
    if (curve.x.length <= most) return assertEquals({ x, y }, curve);
    assert(x.length <= most && x.length >= most / 4, `${x.length} of ${most}`);
    x.forEach((place, i) => assertEquals(y[i], curve.y[place - 1]));
    assertEquals(x, x.toSorted((a, b) => a - b));
    assertEquals([Math.min(...y), Math.max(...y)], [Math.min(...curve.y), Math.max(...curve.y)]);
  },
);

law("places: the one that is there, or the nearest before", [fc.uniqueArray(fc.nat(50)), fc.nat(60)], (places, at) => {
  const x = places.toSorted((a, b) => a - b);
  assertEquals(indexAt(x, at), x.filter((place) => place <= at).length - 1);
});

Deno.test("buckets and thinning: no fewer than make sense", () => {
  assertThrows(() => buckets({ x: [], y: [] }, 0), RangeError, "most 0 cannot be used");
  assertThrows(
    () => thinCurve({ x: [], y: [] }, 1.5),
    RangeError,
    "most 1.5 cannot be used: it must be a whole number",
  );
  assertEquals(buckets({ x: [], y: [] }, 3), []);
});

Deno.test("thinning: of equally low or high points the first stays, and a flat stretch is one point", () => {
  const { x, y } = thinCurve({ x: [1, 2, 3, 4, 5, 6, 7, 8], y: [3, 1, 3, 1, 5, 5, 5, 5] }, 4);
  assertEquals([x, y], [[1, 2, 5], [3, 1, 5]]);
});

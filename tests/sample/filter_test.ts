import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { filterProbabilities } from "../../src/sample/mod.ts";
import { filters } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Sums of a few numbers in float64. */
const ROUNDING = 1e-12;

/** Distributions, many with equal probabilities and zeros. */
const distributions = fc.array(fc.oneof(fc.nat(4), fc.nat(1000)), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((w) => w > 0))
  .map((weights) => {
    const total = weights.reduce((sum, w) => sum + w);
    return weights.map((w) => w / total);
  });

/** Which tokens are left, which must keep their proportions and sum to 1. */
function kept(before: readonly number[], after: readonly number[]): number[] {
  assertAlmostEquals(after.reduce((sum, p) => sum + p, 0), 1, ROUNDING);
  const tokens = after.flatMap((p, token) => p > 0 ? [token] : []);
  const share = tokens.reduce((sum, token) => sum + before[token], 0);
  for (const token of tokens) assertAlmostEquals(after[token], before[token] / share, ROUNDING);
  return tokens;
}

law("top-k keeps exactly the k most likely", [distributions, fc.integer({ min: 1, max: 14 })], (p, topK) => {
  const tokens = kept(p, filterProbabilities(p, { topK }));
  const possible = p.filter((x) => x > 0).length;
  assertEquals(tokens.length, Math.min(topK, possible));
  const least = Math.min(...tokens.map((token) => p[token]));
  p.forEach((x, token) => assert(tokens.includes(token) || x <= least));
});

law(
  "top-p keeps the smallest set that has the share",
  [distributions, fc.integer({ min: 1, max: 100 })],
  (p, percent) => {
    const topP = percent / 100;
    const tokens = kept(p, filterProbabilities(p, { topP }));
    const shares = tokens.map((token) => p[token]).sort((a, b) => b - a);
    const share = shares.reduce((sum, x) => sum + x, 0);
    assert(share >= topP - ROUNDING);
    // Any set of fewer tokens has less: the likeliest of that number have the most.
    const fewer = p.toSorted((a, b) => b - a).slice(0, tokens.length - 1).reduce((sum, x) => sum + x, 0);
    assert(fewer < topP + ROUNDING);
  },
);

law(
  "min-p keeps what is at least so likely beside the likeliest",
  [distributions, fc.integer({ min: 0, max: 100 })],
  (p, percent) => {
    const minP = percent / 100;
    const tokens = kept(p, filterProbabilities(p, { minP }));
    const most = Math.max(...p);
    assertEquals(tokens, p.flatMap((x, token) => x > 0 && x >= minP * most ? [token] : []));
  },
);

law(
  "filters come in their order, each on what the one before has left",
  [distributions, filters],
  (p, given) => {
    const { topK, topP, minP } = given;
    const steps = filterProbabilities(filterProbabilities(filterProbabilities(p, { topK }), { topP }), { minP });
    const once = filterProbabilities(p, given);
    // Where a share is met to the last bit, rounding may decide: such cases are rare, and one token apart.
    const tokens = (q: readonly number[]): string => q.map((x) => Number(x > 0)).join("");
    const apart = [...tokens(steps)].filter((x, i) => x !== tokens(once)[i]).length;
    assert(apart <= 1);
    if (apart === 0) steps.forEach((x, token) => assertAlmostEquals(once[token], x, ROUNDING));
    if (topK === undefined && topP === undefined && minP === undefined) assert(once === p);
  },
);

Deno.test("filters: numbers out of range are refused", () => {
  assertThrows(() => filterProbabilities([1], { topK: 0 }), RangeError, "topK 0");
  assertThrows(() => filterProbabilities([1], { topK: 1.5 }), RangeError, "topK 1.5");
  assertThrows(() => filterProbabilities([1], { topP: 0 }), RangeError, "topP 0");
  assertThrows(() => filterProbabilities([1], { topP: 1.1 }), RangeError, "topP 1.1");
  assertThrows(() => filterProbabilities([1], { minP: -0.1 }), RangeError, "minP -0.1");
});

Deno.test("filters: top-k, then top-p of what is left, then min-p beside the likeliest, worked out by hand", () => {
  const p = [0.4, 0.3, 0.2, 0.1];
  const left = (options: Parameters<typeof filterProbabilities>[1], of = p): number[] =>
    filterProbabilities(of, options).flatMap((x, token) => x > 0 ? [token] : []);
  assertEquals(left({ topK: 3, topP: 0.75 }), [0, 1]); // 0.7 is more than 0.75 of 0.9; of all it would be less
  assertEquals(left({ topK: 2, topP: 0.55 }), [0]); // 0.4 is more than 0.55 of 0.7; top-p first would leave two
  assertEquals(left({ topP: 0.5, minP: 0.6 }), [0, 1]); // min-p first would leave 0.7, of which 0.4 is more than half
  assertEquals(left({ topK: 3, minP: 0.5 }), [0, 1, 2]);
  assertEquals(left({ topK: 3, minP: 0.51 }), [0, 1]);
  const even = [0.25, 0.25, 0.25, 0.25]; // of equals the first count as the likelier
  assertEquals(left({ topK: 2 }, even), [0, 1]);
  assertEquals(left({ topP: 0.5 }, even), [0, 1]);
  assertEquals(left({ topP: 0.51 }, even), [0, 1, 2]);
  assertEquals(left({ minP: 1 }, even), [0, 1, 2, 3]);
  assertEquals(left({ topK: 2 }, [0.1, 0.4, 0.1, 0.4]), [1, 3]);
  assertEquals(filterProbabilities(p, { topK: 3, topP: 0.75 }).map((x) => Math.round(1e6 * x)), [571429, 428571, 0, 0]);
});

/** Filters in whole numbers, where nothing is rounded: weights, and shares in two-hundredths. */
function exactlyKept(weights: readonly number[], topK: number, topP: number, minP: number): number[] | undefined {
  let left = weights.map((_, token) => token).sort((a, b) => weights[b] - weights[a] || a - b).slice(0, topK);
  const total = left.reduce((sum, token) => sum + weights[token], 0);
  let sum = 0;
  const needed = left.findIndex((token) => 200 * (sum += weights[token]) >= topP * total);
  const isTie = 200 * sum === topP * total || left.some((token) => 200 * weights[token] === minP * weights[left[0]]);
  left = left.slice(0, needed + 1).filter((token) => 200 * weights[token] >= minP * weights[left[0]]);
  return isTie ? undefined : left.filter((token) => weights[token] > 0).sort((a, b) => a - b);
}

law(
  "filters: all three together keep what whole numbers say, to the token",
  [
    fc.array(fc.oneof(fc.nat(4), fc.nat(1000)), { minLength: 1, maxLength: 12 }).filter((all) =>
      all.some((w) => w > 0)
    ),
    fc.integer({ min: 1, max: 14 }),
    fc.integer({ min: 1, max: 200 }),
    fc.nat(200),
  ],
  (weights, topK, topP, minP) => {
    const expected = exactlyKept(weights, topK, topP, minP);
    fc.pre(expected !== undefined); // where a share is met exactly, rounding may decide
    const total = weights.reduce((sum, w) => sum + w);
    const p = weights.map((w) => w / total);
    assertEquals(kept(p, filterProbabilities(p, { topK, topP: topP / 200, minP: minP / 200 })), expected);
  },
  { numRuns: 300 },
);

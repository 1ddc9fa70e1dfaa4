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
  assertThrows(() => filterProbabilities([1], { topP: 0 }), RangeError, "topP 0");
  assertThrows(() => filterProbabilities([1], { topP: 1.1 }), RangeError, "topP 1.1");
  assertThrows(() => filterProbabilities([1], { minP: -0.1 }), RangeError, "minP -0.1");
});

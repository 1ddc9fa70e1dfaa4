/**
 * Filters on the next token: which tokens may be drawn at all.
 *
 * @module
 */

import { checkRange, type Range } from "../range.ts";

/** Which tokens may be drawn. What is not given filters nothing. */
export type FilterOptions = {
  /** The number of most likely tokens that are kept, from 1. */
  readonly topK?: number;
  /** The most likely tokens are kept until they have this share of the probability, above 0 up to 1. */
  readonly topP?: number;
  /** Tokens are kept that are at least this share as likely as the most likely one, from 0 to 1. */
  readonly minP?: number;
};

/** What each of them may be. */
export const FILTER_RANGES: Readonly<Record<keyof FilterOptions, Range>> = {
  topK: { whole: true, from: 1, to: 0x110000 },
  topP: { above: 0, to: 1 },
  minP: { from: 0, to: 1 },
};

/**
 * Probabilities with those tokens set to 0 that the filters leave out, and the rest scaled up to sum to 1 again. Filters
 * come in this order, each on what the one before it has left: top-k, top-p, min-p. (The temperature comes before them
 * all.) Of equally likely tokens the first ones count as the likelier.
 *
 * Source: top-k, Fan, Lewis & Dauphin 2018; top-p, Holtzman et al. 2020; min-p, Nguyen et al. 2024.
 *
 * @param probabilities `[vocabSize]`, summing to 1.
 * @param options Which tokens to keep.
 * @returns The same array where nothing is filtered.
 * @throws {RangeError} If an option is out of {@linkcode FILTER_RANGES}.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { filterProbabilities } from "@microgpt/microgpt/sample";
 *
 * const p = [0.5, 0.125, 0.25, 0.125];
 * assertEquals(filterProbabilities(p, { topK: 2 }), [2 / 3, 0, 1 / 3, 0]);
 * assertEquals(filterProbabilities(p, { topP: 0.5 }), [1, 0, 0, 0]);
 * assertEquals(filterProbabilities(p, { minP: 0.5 }), [2 / 3, 0, 1 / 3, 0]);
 * ```
 */
export function filterProbabilities(probabilities: readonly number[], options: FilterOptions): readonly number[] {
  for (const name of ["topK", "topP", "minP"] as const) {
    if (options[name] !== undefined) checkRange(name, options[name], FILTER_RANGES[name]);
  }
  const { topK, topP, minP } = options;
  if (topK === undefined && topP === undefined && minP === undefined) return probabilities;

  // The tokens from the likeliest to the least; sorting is stable.
  let kept = probabilities.map((_, token) => token).sort((a, b) => probabilities[b] - probabilities[a]);
  if (topK !== undefined) kept = kept.slice(0, topK);
  if (topP !== undefined) kept = smallestSet(kept, probabilities, topP);
  if (minP !== undefined) kept = kept.filter((token) => probabilities[token] >= minP * probabilities[kept[0]]);

  const total = kept.reduce((sum, token) => sum + probabilities[token], 0);
  const filtered = probabilities.map(() => 0);
  for (const token of kept) filtered[token] = probabilities[token] / total;
  return filtered;
}

/** As few of the likeliest tokens as have a share of the probability of all of them. */
function smallestSet(tokens: readonly number[], probabilities: readonly number[], share: number): number[] {
  const total = tokens.reduce((sum, token) => sum + probabilities[token], 0);
  let sum = 0;
  const end = tokens.findIndex((token) => (sum += probabilities[token]) >= share * total);
  return tokens.slice(0, end < 0 ? tokens.length : end + 1);
}

/**
 * N-gram models: what counting alone can say about the next token. A loss means something beside theirs.
 *
 * @module
 */

import { inRange } from "../range.ts";

/**
 * What came after a context.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitNgram, type NgramCounts } from "@microgpt/microgpt";
 *
 * const [[counts]]: NgramCounts[][] = fitNgram([[1, 0, 0, 1]], { order: 1, vocabSize: 2 }).counts.map((m) => [...m.values()]);
 * assertEquals([counts.total, counts.next.get(0)], [3, 2]);
 * ```
 */
export type NgramCounts = {
  /** How often any token came after it. */
  total: number;
  /** How often each did. */
  readonly next: Map<number, number>;
};

/**
 * A fitted n-gram model.
 *
 * @example
 * ```ts
 * import { fitNgram, type Ngram } from "@microgpt/microgpt";
 *
 * const bigram: Ngram = fitNgram([[2, 0, 1, 2]], { order: 2, vocabSize: 3 });
 * ```
 */
export type Ngram = {
  /** How many tokens it looks at, the next one included: 1 for a unigram, 0 for the uniform distribution. */
  readonly order: number;
  /** Number of tokens. */
  readonly vocabSize: number;
  /** By the length of the context, from 0 to `order` - 1: counts by context. Longer ones are not looked at. */
  readonly counts: readonly ReadonlyMap<number, Readonly<NgramCounts>>[];
};

/** The last `length` tokens before `position` as one number; as many as there are at a document's beginning. */
function contextOf(tokens: ArrayLike<number>, position: number, length: number, vocabSize: number): number {
  let key = 0;
  // Shifted by 1, so that a context which the beginning cuts short is one of its own.
  for (let i = Math.max(0, position - length); i < position; i++) key = key * (vocabSize + 1) + tokens[i] + 1;
  return key;
}

/**
 * Counts what comes after each context of up to `order` - 1 tokens.
 *
 * @param documents The tokens of each, from BOS to BOS.
 * @param options `order`: 0 (uniform) to 3 (trigram); `vocabSize`: number of tokens; `blockSize`: only the first so many
 * positions of a document count, as in a model's loss (default: all).
 * @throws {RangeError} If the order is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitNgram, ngramProbability } from "@microgpt/microgpt";
 *
 * const uniform = fitNgram([], { order: 0, vocabSize: 4 });
 * assertEquals(ngramProbability(uniform, [3, 0], 1), 0.25);
 * ```
 */
export function fitNgram(
  documents: Iterable<ArrayLike<number>>,
  options: { order: number; vocabSize: number; blockSize?: number },
): Ngram {
  const { order, vocabSize, blockSize = Infinity } = options;
  inRange("order", order, { whole: true, from: 0, to: 3 });
  const counts: Map<number, NgramCounts>[] = Array.from({ length: order }, () => new Map());
  for (const tokens of documents) {
    const n = Math.min(blockSize, tokens.length - 1);
    for (let position = 1; position <= n; position++) {
      for (let length = 0; length < order; length++) count(counts[length], tokens, position, length, vocabSize);
    }
  }
  return { order, vocabSize, counts };
}

/** Counts the token at a position under its context of a length. */
function count(
  counts: Map<number, NgramCounts>,
  tokens: ArrayLike<number>,
  position: number,
  length: number,
  vocabSize: number,
): void {
  const context = contextOf(tokens, position, length, vocabSize);
  let entry = counts.get(context);
  if (entry === undefined) counts.set(context, entry = { total: 0, next: new Map() });
  entry.total++;
  entry.next.set(tokens[position], (entry.next.get(tokens[position]) ?? 0) + 1);
}

/**
 * The probability of the token at a position after those before it.
 *
 * Each order is mixed with the next lower one, down to the uniform distribution, in proportion to how many different
 * tokens came after the context: `p(w | h) = (c(h, w) + d(h) p(w | h')) / (c(h) + d(h))`, with h' the context without its
 * first token. So nothing has probability 0.
 *
 * Source: Witten & Bell 1991, method C, interpolated as in Chen & Goodman 1998, section 2.6.
 *
 * @param tokens A document, from BOS.
 * @param position Of the token, from 1.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { fitNgram, ngramProbability } from "@microgpt/microgpt";
 *
 * const unigram = fitNgram([[1, 0, 0, 1]], { order: 1, vocabSize: 2 });
 * assertAlmostEquals(ngramProbability(unigram, [1, 0], 1), (2 + 2 / 2) / (3 + 2)); // two of three, and two kinds
 * ```
 */
export function ngramProbability(
  { order, vocabSize, counts }: Ngram,
  tokens: ArrayLike<number>,
  position: number,
): number {
  let probability = 1 / vocabSize;
  for (let length = 0; length < order; length++) {
    const entry = counts[length].get(contextOf(tokens, position, length, vocabSize));
    if (entry === undefined) continue;
    const { total, next } = entry;
    probability = ((next.get(tokens[position]) ?? 0) + next.size * probability) / (total + next.size);
  }
  return probability;
}

/**
 * The sum of the cross-entropy over all positions of all documents, in nats: the counterpart of an engine's `totalLoss`.
 *
 * @param documents The tokens of each, from BOS to BOS.
 * @param blockSize Only the first so many positions of a document count; by default all.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { fitNgram, ngramLoss } from "@microgpt/microgpt";
 *
 * assertAlmostEquals(ngramLoss(fitNgram([], { order: 0, vocabSize: 4 }), [[3, 0, 3]]), 2 * Math.log(4));
 * ```
 */
export function ngramLoss(ngram: Ngram, documents: Iterable<ArrayLike<number>>, blockSize: number = Infinity): number {
  let total = 0;
  for (const tokens of documents) {
    const n = Math.min(blockSize, tokens.length - 1);
    for (let position = 1; position <= n; position++) total -= Math.log(ngramProbability(ngram, tokens, position));
  }
  return total;
}

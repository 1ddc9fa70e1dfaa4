/**
 * N-gram models: what counting alone can say about the next token. A loss means something beside theirs.
 *
 * @module
 */

import { inRange } from "../range.ts";

/**
 * How often something was seen, by a number that stands for it.
 *
 * @example
 * ```ts
 * import type { Tally } from "@microgpt/microgpt";
 *
 * const tally: Tally = new Map([[7, 1]]);
 * ```
 */
export type Tally = Float64Array | Map<number, number>;

/**
 * What came after contexts of one length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitNgram, type NgramTable } from "@microgpt/microgpt";
 *
 * const [table]: readonly NgramTable[] = fitNgram([[1, 0, 0, 1]], { order: 1, vocabSize: 2 }).tables;
 * assertEquals([table.totals, table.kinds], [new Float64Array([3]), new Float64Array([2])]);
 * ```
 */
export type NgramTable = {
  /** How often each token came after each context. */
  readonly counts: Tally;
  /** How often any token came after each context. */
  readonly totals: Tally;
  /** How many different tokens came after each context. */
  readonly kinds: Tally;
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
  /** By the length of the context, from 0 to `order` - 1. Longer ones are not looked at. */
  readonly tables: readonly NgramTable[];
};

/** Numbers up to here are counted in arrays, more in maps: small vocabularies may have a thousand million tokens to count. */
const MOST_DENSE = 2 ** 21;

function emptyTable(length: number, vocabSize: number): NgramTable {
  const tally = (tokens: number): Tally => {
    const size = (vocabSize + 1) ** tokens;
    return size <= MOST_DENSE ? new Float64Array(size) : new Map();
  };
  return { counts: tally(length + 1), totals: tally(length), kinds: tally(length) };
}

const seen = (tally: Tally, key: number): number => tally instanceof Map ? tally.get(key) ?? 0 : tally[key];

/** Counts a token after a context. */
function count({ counts, totals, kinds }: NgramTable, context: number, token: number, base: number): void {
  const key = context * base + token;
  if (counts instanceof Float64Array && totals instanceof Float64Array && kinds instanceof Float64Array) {
    totals[context]++;
    if (counts[key]++ === 0) kinds[context]++;
    return;
  }
  const more = (tally: Tally, key: number): void => {
    if (tally instanceof Map) tally.set(key, seen(tally, key) + 1);
    else tally[key]++;
  };
  more(totals, context);
  if (seen(counts, key) === 0) more(kinds, context);
  more(counts, key);
}

/**
 * Visits the contexts before a position, from the empty one to the longest below `order`: the last tokens as one number, or
 * fewer at a document's beginning. (Numbers are exact up to some 208,000 tokens, more than there are characters.)
 */
function forEachContext(
  tokens: ArrayLike<number>,
  position: number,
  { order, vocabSize }: { order: number; vocabSize: number },
  visit: (length: number, context: number) => void,
): void {
  let context = 0;
  let scale = 1;
  for (let length = 0; length < order; length++) {
    if (length > 0 && length <= position) {
      // Shifted by 1, so that a context which the beginning cuts short is one of its own.
      context += (tokens[position - length] + 1) * scale;
      scale *= vocabSize + 1;
    }
    visit(length, context);
  }
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
  const tables = Array.from({ length: order }, (_, length) => emptyTable(length, vocabSize));
  for (const tokens of documents) {
    const n = Math.min(blockSize, tokens.length - 1);
    for (let position = 1; position <= n; position++) {
      forEachContext(tokens, position, options, (length, context) => {
        count(tables[length], context, tokens[position], vocabSize + 1);
      });
    }
  }
  return { order, vocabSize, tables };
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
export function ngramProbability(ngram: Ngram, tokens: ArrayLike<number>, position: number): number {
  const { vocabSize, tables } = ngram;
  let probability = 1 / vocabSize;
  forEachContext(tokens, position, ngram, (length, context) => {
    const { counts, totals, kinds } = tables[length];
    const total = seen(totals, context);
    if (total === 0) return;
    const different = seen(kinds, context);
    const times = seen(counts, context * (vocabSize + 1) + tokens[position]);
    probability = (times + different * probability) / (total + different);
  });
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

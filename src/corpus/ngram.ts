/**
 * N-gram models: what counting alone can say about the next token. Beside their losses, a model's loss means something.
 *
 * @module
 */

import { checkRange } from "../range.ts";

/** Counts by key. */
export type Tally = Float64Array | Map<number, number>;

/** What followed the contexts of one length. */
export type NgramTable = {
  /** How often each token followed each context. */
  readonly counts: Tally;
  /** How often any token followed each context. */
  readonly totals: Tally;
  /** How many different tokens followed each context. */
  readonly kinds: Tally;
};

/** A fitted n-gram model. */
export type Ngram = {
  /** How many tokens it looks at, the next one included: 1 for a unigram, 0 for the uniform distribution. */
  readonly order: number;
  /** Number of tokens. */
  readonly vocabSize: number;
  /** By the length of the context, from 0 to `order` - 1. Longer ones are not looked at. */
  readonly tables: readonly NgramTable[];
};

/** Up to this many keys are counted in arrays, more in maps: small vocabularies may have a billion tokens to count. */
const MOST_DENSE = 2 ** 21;

function emptyTable(length: number, vocabSize: number): NgramTable {
  const tally = (tokens: number): Tally => {
    const size = (vocabSize + 1) ** tokens;
    return size <= MOST_DENSE ? new Float64Array(size) : new Map();
  };
  return { counts: tally(length + 1), totals: tally(length), kinds: tally(length) };
}

const seen = (tally: Tally, key: number): number => tally instanceof Map ? tally.get(key) ?? 0 : tally[key];

/** A table in arrays. */
type DenseTable = { readonly [Name in keyof NgramTable]: Float64Array };

/** Whether a table is in arrays: of all tables of an n-gram model, the first ones. */
function isDense(table: NgramTable): table is DenseTable {
  return table.counts instanceof Float64Array;
}

/** Counts the first tokens of a document, BOS excepted, after their contexts, in tables that are in arrays. */
function countDense(tables: readonly DenseTable[], tokens: ArrayLike<number>, n: number, base: number): void {
  for (let length = 0, scale = 1; length < tables.length; length++, scale *= base) {
    const { counts, totals, kinds } = tables[length];
    let context = 0;
    for (let position = 1; position <= n; position++) {
      // As in forEachContext: the newest token comes last, and the oldest of those before falls out.
      if (length > 0) context = (context * base + tokens[position - 1] + 1) % scale;
      totals[context]++;
      if (counts[context * base + tokens[position]]++ === 0) kinds[context]++;
    }
  }
}

/** Counts a token after a context. */
function count({ counts, totals, kinds }: NgramTable, context: number, token: number, base: number): void {
  const key = context * base + token;
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
 * fewer at a document's beginning. (Numbers are exact up to some 208,000 tokens, more than Unicode has.)
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
      // Shifted by 1, so that a context cut short by the beginning has a key of its own.
      context += (tokens[position - length] + 1) * scale;
      scale *= vocabSize + 1;
    }
    visit(length, context);
  }
}

/**
 * Counts what follows each context of up to `order` - 1 tokens.
 *
 * @param documents The tokens of each, from BOS to BOS.
 * @param options `order`: 0 (uniform) to 3 (trigram); `vocabSize`: number of tokens; `blockSize`: how many positions of a document
 * count, from the first, as in a model's loss (default: all).
 * @throws {RangeError} If the order is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitNgram, ngramProbability } from "@microgpt/microgpt/corpus";
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
  checkRange("order", order, { whole: true, from: 0, to: 3 });
  const tables = Array.from({ length: order }, (_, length) => emptyTable(length, vocabSize));
  const dense = tables.filter(isDense);
  for (const tokens of documents) {
    const n = Math.min(blockSize, tokens.length - 1);
    // Most vocabularies are small, and data sets may be large.
    countDense(dense, tokens, n, vocabSize + 1);
    if (dense.length === order) continue;
    for (let position = 1; position <= n; position++) {
      forEachContext(tokens, position, options, (length, context) => {
        if (length >= dense.length) count(tables[length], context, tokens[position], vocabSize + 1);
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
 * @param ngram A fitted model.
 * @param tokens A document, from BOS.
 * @param position Of the token, from 1.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { fitNgram, ngramProbability } from "@microgpt/microgpt/corpus";
 *
 * const unigram = fitNgram([[1, 0, 0, 1]], { order: 1, vocabSize: 2 });
 * assertAlmostEquals(ngramProbability(unigram, [1, 0], 1), (2 + 2 / 2) / (3 + 2)); // two of three, and two kinds
 * ```
 */
export function ngramProbability(ngram: Ngram, tokens: ArrayLike<number>, position: number): number {
  let last = 0;
  forEachProbability(ngram, tokens, position, (_, probability) => last = probability);
  return last;
}

/** Visits the probability of a token by order, from the uniform distribution to the model's own. */
function forEachProbability(
  ngram: Ngram,
  tokens: ArrayLike<number>,
  position: number,
  visit: (order: number, probability: number) => void,
): void {
  const { vocabSize, tables } = ngram;
  let probability = 1 / vocabSize;
  visit(0, probability);
  forEachContext(tokens, position, ngram, (length, context) => {
    const { counts, totals, kinds } = tables[length];
    const total = seen(totals, context);
    if (total > 0) {
      const different = seen(kinds, context);
      const times = seen(counts, context * (vocabSize + 1) + tokens[position]);
      probability = (times + different * probability) / (total + different);
    }
    visit(length + 1, probability);
  });
}

/**
 * The sum of the cross-entropy over all positions of all documents, in nats: the counterpart of an engine's `totalLoss`.
 *
 * @param ngram A fitted model.
 * @param documents The tokens of each, from BOS to BOS.
 * @param blockSize How many positions of a document count, from the first; by default all.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { fitNgram, ngramLoss } from "@microgpt/microgpt/corpus";
 *
 * assertAlmostEquals(ngramLoss(fitNgram([], { order: 0, vocabSize: 4 }), [[3, 0, 3]]), 2 * Math.log(4));
 * ```
 */
export function ngramLoss(ngram: Ngram, documents: Iterable<ArrayLike<number>>, blockSize: number = Infinity): number {
  return ngramLosses(ngram, documents, blockSize)[ngram.order];
}

/**
 * {@linkcode ngramLoss} of a model and of all of lower order that have the same counts, from the uniform distribution on:
 * each is a part of the next.
 *
 * @param ngram A fitted model.
 * @param documents The tokens of each, from BOS to BOS.
 * @param blockSize How many positions of a document count, from the first; by default all.
 * @returns By order, from 0.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitNgram, ngramLoss, ngramLosses } from "@microgpt/microgpt/corpus";
 *
 * const documents = [[2, 0, 1, 2]];
 * const bigram = fitNgram(documents, { order: 2, vocabSize: 3 });
 * assertEquals(ngramLosses(bigram, documents)[1], ngramLoss({ ...bigram, order: 1 }, documents));
 * ```
 */
export function ngramLosses(
  ngram: Ngram,
  documents: Iterable<ArrayLike<number>>,
  blockSize: number = Infinity,
): number[] {
  const totals = new Array<number>(ngram.order + 1).fill(0);
  for (const tokens of documents) {
    const n = Math.min(blockSize, tokens.length - 1);
    for (let position = 1; position <= n; position++) {
      forEachProbability(ngram, tokens, position, (order, probability) => totals[order] -= Math.log(probability));
    }
  }
  return totals;
}

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fitNgram, type Ngram, ngramLoss, ngramProbability } from "../../src/corpus/mod.ts";
import { law } from "../property.ts";
import { plainProbability } from "./plain_ngram.ts";

/** Sums of a few hundred probabilities in float64. */
const ROUNDING = 1e-12;
const VOCAB = 4;

const document = fc.array(fc.nat(VOCAB - 2), { maxLength: 8 }).map((tokens) => [VOCAB - 1, ...tokens, VOCAB - 1]);
const someDocuments = fc.array(document, { minLength: 1, maxLength: 8 });
/** An n-gram model may be fitted on nothing. */
const fittedDocuments = fc.array(document, { maxLength: 8 });
const orders = fc.nat(3);

const fit = (fitted: number[][], order: number): Ngram => fitNgram(fitted, { order, vocabSize: VOCAB });

law(
  "n-gram: after any context the probabilities sum to 1, and none is 0",
  [fittedDocuments, someDocuments, orders],
  (fitted, documents, order) => {
    const ngram = fit(fitted, order);
    for (const tokens of documents) {
      for (let position = 1; position < tokens.length; position++) {
        const before = tokens.slice(0, position);
        const probabilities = Array.from(
          { length: VOCAB },
          (_, w) => ngramProbability(ngram, [...before, w], position),
        );
        assertAlmostEquals(probabilities.reduce((sum, p) => sum + p), 1, ROUNDING);
        assert(probabilities.every((p) => p > 0));
      }
    }
  },
);

law(
  "n-gram: the order of documents does not matter, nor fitting twice as much of the same",
  [someDocuments],
  (fitted) => {
    const loss = (given: number[][]): number => ngramLoss(fit(given, 3), fitted);
    assertAlmostEquals(loss(fitted.toReversed()), loss(fitted), ROUNDING * fitted.length * 10);
    assert(loss([...fitted, ...fitted]) <= loss(fitted) + ROUNDING);
  },
);

law("n-gram: the loss is the sum over positions, as far as the block has room", [
  fittedDocuments,
  someDocuments,
  orders,
], (fitted, documents, order) => {
  const ngram = fit(fitted, order);
  let total = 0;
  for (const tokens of documents) {
    for (let i = 1; i < tokens.length && i <= 3; i++) total -= Math.log(ngramProbability(ngram, tokens, i));
  }
  assertAlmostEquals(ngramLoss(ngram, documents, 3), total, ROUNDING * 100);
  const cut = documents.map((tokens) => tokens.slice(0, 4));
  const fittedCut = fitted.map((tokens) => tokens.slice(0, 4));
  const options = { order, vocabSize: VOCAB };
  assertEquals(fitNgram(fitted, { ...options, blockSize: 3 }), fitNgram(fittedCut, options));
  assertAlmostEquals(ngramLoss(ngram, cut), total, ROUNDING * 100);
});

law("n-gram: a lower order is the same counts, of shorter contexts", [
  fittedDocuments,
  someDocuments,
  orders,
], (fitted, documents, order) => {
  assertEquals(ngramLoss({ ...fit(fitted, 3), order }, documents), ngramLoss(fit(fitted, order), documents));
});

Deno.test("n-gram: what a document begins with is a context like any other", () => {
  const bigram = fitNgram([[0, 1, 1], [2, 2]], { order: 2, vocabSize: 3 }); // blocks begin with any token
  assert(ngramProbability(bigram, [0, 1], 1) > ngramProbability(bigram, [2, 1], 1));
});

Deno.test("n-gram: Witten and Bell's smoothing, worked out by hand", () => {
  // Tokens a = 0, b = 1, BOS = 2; documents ab and aa: after BOS a, a; after a: b, a, BOS; after b: BOS.
  const fitted = [[2, 0, 1, 2], [2, 0, 0, 2]];
  const options = { vocabSize: 3 };
  const uniform = 1 / 3;
  const unigram = (3 + 3 * uniform) / (6 + 3); // a: 3 of 6 tokens, of 3 kinds
  const bigram = (2 + 1 * unigram) / (2 + 1); // a after BOS: 2 of 2, of 1 kind
  assertAlmostEquals(ngramProbability(fitNgram(fitted, { order: 1, ...options }), [2, 0], 1), unigram, ROUNDING);
  assertAlmostEquals(ngramProbability(fitNgram(fitted, { order: 2, ...options }), [2, 0], 1), bigram, ROUNDING);
  assertThrows(() => fitNgram(fitted, { order: 4, ...options }), RangeError, "order 4");
});

/** So many characters that contexts of two tokens have no array any more, but maps. */
const SPREAD = 700;

law(
  "n-gram: equals Witten and Bell's definition, with contexts seen and unseen, in arrays and in maps",
  [fittedDocuments, someDocuments, orders, fc.constantFrom(1, SPREAD), fc.constantFrom(2, 3, Infinity)],
  (fitted, documents, order, spread, blockSize) => {
    const spreadOut = (all: number[][]): number[][] => all.map((tokens) => tokens.map((token) => token * spread));
    const [known, asked] = [spreadOut(fitted), spreadOut(documents)];
    const options = { order, vocabSize: (VOCAB - 1) * spread + 1, blockSize };
    const ngram = fitNgram(known, options);
    for (const tokens of asked) {
      for (let position = 1; position < tokens.length; position++) {
        const expected = plainProbability(known, tokens, position, options);
        assertAlmostEquals(ngramProbability(ngram, tokens, position), expected, ROUNDING);
      }
    }
  },
);

Deno.test("n-gram: a trigram worked out by hand, with contexts that were never seen", () => {
  // a = 0, b = 1, BOS = 2; documents ab and aa. Six positions: a, b, BOS, a, a, BOS.
  const trigram = fitNgram([[2, 0, 1, 2], [2, 0, 0, 2]], { order: 3, vocabSize: 3 });
  const b1 = (1 + 3 / 3) / (6 + 3); // b: 1 of 6 tokens, of 3 kinds
  const b2 = (1 + 3 * b1) / (3 + 3); // b after a: 1 of 3, of 3 kinds
  const b3 = (1 + 2 * b2) / (2 + 2); // b after BOS a: 1 of 2, of 2 kinds
  assertAlmostEquals(ngramProbability(trigram, [2, 0, 1], 2), b3, ROUNDING);
  assertAlmostEquals(ngramProbability(trigram, [1, 0, 1], 2), b2, ROUNDING); // "ba" was never seen: as after "a"
  const afterB = (0 + 1 * b1) / (1 + 1); // after b came BOS alone, once
  assertAlmostEquals(ngramProbability(trigram, [0, 1, 1], 2), (0 + 1 * afterB) / (1 + 1), ROUNDING); // after ab likewise
  assertAlmostEquals(ngramProbability(trigram, [1, 1], 1), afterB, ROUNDING); // no document began with b
  const afterBos = (0 + 1 * b1) / (2 + 1); // after BOS came a alone, twice
  assertAlmostEquals(ngramProbability(trigram, [2, 1], 1), (0 + 1 * afterBos) / (2 + 1), ROUNDING); // at the beginning likewise
});

/**
 * Sampling with care: filters, streams, novelty.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  editDistance,
  evaluate,
  explainText,
  filterProbabilities,
  initTraining,
  names,
  nearestDocument,
  numberTransformer,
  random,
  sampleMarker,
  sampleSteps,
  sampleText,
  seedRandom,
  trainSteps,
} from "../../mod.ts";
import { drawSeeded, drawUnique } from "../../scripts/samples.ts";
import { trainings } from "../arbitraries.ts";
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

const filters = fc.record({
  topK: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  topP: fc.option(fc.integer({ min: 1, max: 100 }).map((n) => n / 100), { nil: undefined }),
  minP: fc.option(fc.integer({ min: 0, max: 100 }).map((n) => n / 100), { nil: undefined }),
});

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

law(
  "samples: nothing that a filter leaves out is drawn, and the length is kept",
  [trainings, filters, fc.nat()],
  ({ state }, given, seed) => {
    const maxLength = 1 + seed % 5;
    let length = 0;
    for (
      const { probabilities, token, logProbability } of sampleSteps(state, seedRandom(seed), {
        ...given,
        maxLength,
        logProbabilities: true,
      })
    ) {
      assert(probabilities[token] > 0);
      assert(logProbability! <= 0);
      if (given.topK !== undefined) assert(probabilities.filter((p) => p > 0).length <= given.topK);
      if (token !== state.tokenizer.bos) length++;
    }
    assert(length <= Math.min(maxLength, state.config.blockSize));
    assertThrows(() => sampleText(state, seedRandom(1), { maxLength: 0 }), RangeError, "maxLength 0");
  },
  { numRuns: 50 },
);

law(
  "log-probabilities: their sum is the model's own for the text",
  [trainings, fc.nat()],
  ({ state }, seed) => {
    let sum = 0;
    let text = "";
    let ended = false;
    for (
      const { token, logProbability } of sampleSteps(state, seedRandom(seed), {
        temperature: 2,
        topK: 3,
        logProbabilities: true,
      })
    ) {
      sum += logProbability!;
      ended = token === state.tokenizer.bos;
      if (!ended) text += state.tokenizer.vocabulary[token];
    }
    const { loss, tokens } = evaluate(state, [text]);
    assertAlmostEquals(-sum, loss * tokens, 1e-9 * Math.max(1, -sum));
    assert(ended || tokens === state.config.blockSize);
  },
  { numRuns: 50 },
);

const trained = (() => {
  let state = initTraining(names);
  for (const step of trainSteps(state, { steps: 60 })) if (step.t === 60) state = step.state();
  return state;
})();

Deno.test("seeded samples: sample i depends on the seed and i alone", () => {
  const texts = (samples: number): string[] => [...drawSeeded(trained, 7, { samples })].map(({ text }) => text);
  const ten = texts(10);
  assertEquals(texts(4), ten.slice(0, 4));
  assertEquals(ten[6], sampleText(trained, seedRandom(7, 6))[0]);
  assert([...drawSeeded(trained, 8, { samples: 10 })].some(({ text }, i) => text !== ten[i]));
  assert(new Set(ten).size > 5);
});

Deno.test("unique samples: none comes twice; where there are no more, it says so", () => {
  const unique = [...drawUnique(trained, trained.random, undefined, { samples: 200 })].map(({ text }) => text);
  assertEquals(new Set(unique).size, 200);
  const seeded = [...drawUnique(trained, trained.random, 3, { samples: 30, maxLength: 2 })].map(({ text }) => text);
  assertEquals(new Set(seeded).size, 30);
  assertThrows(
    () => [...drawUnique(trained, trained.random, 3, { samples: 3, temperature: 0 })],
    Error,
    "only 1 different samples came",
  );
});

Deno.test("seedRandom: an index gives a stream of its own", () => {
  const first = (...key: [number, number?]): number => random(seedRandom(...key))[0];
  assertEquals(new Set([first(5), first(5, 0), first(5, 1), first(6, 0), first(2 ** 32 + 5, 0)]).size, 5);
  assertEquals(first(5, 1), first(5, 1));
  for (const wrong of [-1, 0.5, 2 ** 32]) assertThrows(() => seedRandom(1, wrong), RangeError, `index ${wrong}`);
});

const words = fc.string({ unit: fc.constantFrom("a", "b", "🙂"), maxLength: 7 });

law("editDistance: a metric; one edit is 1 away", [words, words, words], (a, b, c) => {
  const d = editDistance(a, b);
  assertEquals(d === 0, a === b);
  assertEquals(editDistance(b, a), d);
  assert(editDistance(a, c) <= d + editDistance(b, c));
  assertEquals(editDistance(a, `${a}b`), 1);
  const bounded = editDistance(a, b, 2);
  assertEquals(bounded <= 2 ? bounded : Infinity, d <= 2 ? d : Infinity);
});

law(
  "nearestDocument: no other is nearer, the first of several",
  [words, fc.array(words)],
  (text, documents) => {
    const distances = documents.map((document) => editDistance(text, document));
    const best = Math.min(...distances);
    assertEquals(
      nearestDocument(text, documents),
      documents.length === 0 ? undefined : { text: documents[distances.indexOf(best)], distance: best },
    );
  },
);

law(
  "marks: repeat of an earlier one, else known, else new",
  [fc.array(words), fc.array(words)],
  (known, all) => {
    const mark = sampleMarker(known);
    all.forEach((text, i) => {
      const expected = all.slice(0, i).includes(text) ? "repeat" : known.includes(text) ? "in training data" : "new";
      assertEquals(mark(text), expected);
    });
    const inProse = sampleMarker(["call me ishmael"], "whole");
    assertEquals(["me ish", "me ish", "ahab"].map(inProse), ["in training data", "repeat", "new"]);
  },
);

law("explain: the numbers of the loss, and attention that sums to 1 over the past", [trainings], ({ state }) => {
  for (const text of state.documents.slice(0, 2) as string[]) {
    const positions = explainText(state, text);
    const { loss, tokens } = evaluate(state, [text]);
    assertEquals(positions.length, tokens);
    const nats = positions.reduce((sum, { surprisal }) => sum + surprisal, 0) * Math.LN2;
    assertAlmostEquals(nats, loss * tokens, 1e-9 * Math.max(1, nats));
    positions.forEach(({ probability, rank, alternatives, attention, token }, i) => {
      assertEquals(alternatives.length, Math.min(3, state.config.vocabSize - 1));
      assert(alternatives.every((other) => other.token !== token));
      assertEquals(alternatives.filter((other) => other.probability > probability).length, Math.min(3, rank - 1));
      assertEquals([attention.length, attention[0].length], [state.config.nLayer, state.config.nHead]);
      for (const weights of attention.flat()) {
        assertEquals(weights.length, i + 1);
        assertAlmostEquals(weights.reduce((sum, w) => sum + w), 1, ROUNDING);
      }
    });
  }
}, { numRuns: 30 });

Deno.test("explain: attention is the specification's", () => {
  const { attention } = explainText(trained, "anna")[2];
  // With queries and keys of 0 every position is looked at alike.
  const { config, params } = trained;
  const flat = params.slice();
  const start = (2 * config.vocabSize + config.blockSize) * config.nEmbd;
  flat.fill(0, start, start + 2 * config.nEmbd ** 2);
  const even = explainText({ ...trained, params: flat }, "anna")[2].attention;
  even[0].forEach((weights) => weights.forEach((w) => assertAlmostEquals(w, 1 / 3, ROUNDING)));
  assert(attention[0].flat().some((w) => Math.abs(w - 1 / 3) > 0.01));
  assertEquals(numberTransformer(trained).config.nHead, attention[0].length);
});

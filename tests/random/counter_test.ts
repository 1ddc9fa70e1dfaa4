import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { wordAt } from "../../src/random/mod.ts";
import { law } from "../property.ts";

const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const GOLDEN = 0x9e3779b9;

/** How many words each statistic is taken of. */
const DRAWS = 20_000;
/** Standard errors: chance goes as far in one of 500 million statistics, and the laws take some hundreds. */
const ERRORS = 6;

// MurmurHash3 of the empty text is its finalizer on the seed: values that all its implementations give.
Deno.test("wordAt: a term of the Weyl sequence through MurmurHash3's finalizer", () => {
  const finalized = (term: number): number => wordAt((term - GOLDEN + 2 ** 32) % 2 ** 32, 0);
  assertEquals([0, 1, 0xffffffff].map(finalized), [0, 0x514e28b7, 0x81f16f39]);
});

Deno.test("wordAt: its values, which no run that drops units can be resumed without", () => {
  assertEquals([wordAt(0, 0), wordAt(1, 0), wordAt(1, 1), wordAt(2 ** 32 - 1, 2 ** 32 - 1)], [
    2462723854,
    2527132011,
    314344336,
    2180083513,
  ]);
});

law("wordAt: whole numbers of 32 bits; an index further is a step of the key", [words, words], (key, index) => {
  const word = wordAt(key, index);
  assert(Number.isInteger(word) && word >= 0 && word < 2 ** 32);
  assertEquals(wordAt((key + GOLDEN) % 2 ** 32, index), wordAt(key, (index + 1) % 2 ** 32));
});

/** What is said of every word near a place: it, the next of its stream, the same of the next key, and words of words. */
const neighbours: Readonly<Record<string, (key: number, i: number) => number>> = {
  "next index": (key, i) => wordAt(key, i + 1),
  "next key": (key, i) => wordAt(key + 1, i),
  "next but 7": (key, i) => wordAt(key, i + 8),
  "its own stream": (key, i) => wordAt(wordAt(key, i), 0),
};

law("wordAt: each bit is 1 half of the time", [fc.nat(1e6)], (key) => {
  const ones = new Array(32).fill(0);
  for (let i = 0; i < DRAWS; i++) {
    const word = wordAt(key, i);
    for (let bit = 0; bit < 32; bit++) ones[bit] += (word >>> bit) & 1;
  }
  for (const count of ones) assertAlmostEquals(count, DRAWS / 2, ERRORS * Math.sqrt(DRAWS) / 2);
}, { numRuns: 12 });

law(
  "wordAt: below a limit as often as it says, and independently of its neighbours",
  [fc.nat(1e6), fc.constantFrom(0.05, 0.1, 0.5, 0.9)],
  (key, rate) => {
    const below = (word: number): number => word < rate * 2 ** 32 ? 1 : 0;
    const variance = rate * (1 - rate);
    let count = 0;
    for (let i = 0; i < DRAWS; i++) count += below(wordAt(key, i));
    assertAlmostEquals(count, DRAWS * rate, ERRORS * Math.sqrt(DRAWS * variance));
    for (const [name, neighbour] of Object.entries(neighbours)) {
      let product = 0;
      for (let i = 0; i < DRAWS; i++) product += (below(wordAt(key, i)) - rate) * (below(neighbour(key, i)) - rate);
      assertAlmostEquals(product / variance, 0, ERRORS * Math.sqrt(DRAWS), name);
    }
  },
  { numRuns: 16 },
);

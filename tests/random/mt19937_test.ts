import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { RandomState } from "../../mod.ts";
import { choice, gauss, random, seedRandom, shuffle } from "../../src/random/mod.ts";
import { law } from "../property.ts";

/** Draws so many values, one after the other. */
function draw<T>(n: number, state: RandomState, next: (state: RandomState) => [T, RandomState]): T[] {
  return Array.from({ length: n }, () => {
    const [value, after] = next(state);
    state = after;
    return value;
  });
}

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

// What CPython 3.11 prints after random.seed(seed).
Deno.test("random: the numbers of CPython, also for seeds of more than 32 bits", () => {
  assertEquals(draw(3, seedRandom(42), random), [0.6394267984578837, 0.025010755222666936, 0.27502931836911926]);
  assertEquals(draw(2, seedRandom(0), random), [0.8444218515250481, 0.7579544029403025]);
  assertEquals(draw(2, seedRandom(2 ** 32), random), [0.11299430095636409, 0.41782886486292836]);
  assertEquals(draw(2, seedRandom(2 ** 53 - 1), random), [0.09425040007102303, 0.22287455761867403]);
  assertEquals(draw(1000, seedRandom(7), random).at(-1), 0.37786262968738116); // three blocks of 624 words on
});

Deno.test("shuffle: the order of CPython", () => {
  assertEquals(shuffle(seedRandom(42), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])[0], [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]);
});

Deno.test("gauss: the numbers of CPython, the second of each pair included", () => {
  // Equal but for the last bit: the C library and V8 round cos, sin and log differently in about one value of 800.
  const ONE_BIT = 2.3e-16;
  const drawn = draw(4, seedRandom(42), (state) => gauss(state, 0, 1));
  [-0.14409032957792836, -0.1729036003315193, -0.11131586156766246, 0.7019837250988631].forEach((x, i) =>
    assertAlmostEquals(drawn[i], x, Math.abs(x) * ONE_BIT)
  );
});

Deno.test("choice: the indices of CPython's choices", () => {
  assertEquals(draw(12, seedRandom(42), (state) => choice(state, [1, 2, 3, 4])), [3, 0, 1, 1, 3, 3, 3, 0, 2, 0, 1, 2]);
});

law("seedRandom: what is no whole number from 0 to 2^53 - 1 is refused", [fc.double()], (seed) => {
  fc.pre(!Number.isSafeInteger(seed) || seed < 0);
  assertThrows(() => seedRandom(seed), RangeError, `seed ${seed}`);
});

Deno.test("seedRandom: an index gives a stream of its own", () => {
  const first = (...key: [number, number?]): number => random(seedRandom(...key))[0];
  assertEquals(new Set([first(5), first(5, 0), first(5, 1), first(6, 0), first(2 ** 32 + 5, 0)]).size, 5);
  assertEquals(first(5, 1), first(5, 1));
  for (const wrong of [-1, 0.5, 2 ** 32]) assertThrows(() => seedRandom(1, wrong), RangeError, `index ${wrong}`);
});

law("random: a state is a value; drawing from it changes nothing", [seeds], (seed) => {
  const state = seedRandom(seed);
  const words = state.words.slice();
  assertEquals(draw(700, state, random), draw(700, state, random));
  assertEquals(state, { words, position: 624, gaussNext: null });
}, { numRuns: 20 });

law("random: from 0 and below 1", [seeds], (seed) => {
  assert(draw(100, seedRandom(seed), random).every((x) => x >= 0 && x < 1));
});

law(
  "shuffle: a permutation, and the given items stay in place",
  [seeds, fc.array(fc.nat())],
  (seed, items) => {
    const before = items.slice();
    const [shuffled] = shuffle(seedRandom(seed), items);
    assertEquals(items, before);
    const sorted = (xs: number[]): number[] => xs.toSorted((a, b) => a - b);
    assertEquals(sorted(shuffled), sorted(items));
  },
);

Deno.test("shuffle: every order of four is as likely as every other", () => {
  const counts = new Map<string, number>();
  let state = seedRandom(1);
  for (let i = 0; i < 24_000; i++) {
    let order: number[];
    [order, state] = shuffle(state, [0, 1, 2, 3]);
    counts.set(order.join(""), (counts.get(order.join("")) ?? 0) + 1);
  }
  assertEquals(counts.size, 24);
  // Standard deviation of each count is 31; five of them.
  for (const count of counts.values()) assertAlmostEquals(count, 1000, 155);
});

Deno.test("gauss: the second value of a pair waits, whatever else is drawn", () => {
  const second = gauss(gauss(seedRandom(5), 0, 1)[1], 0, 1)[0];
  assertEquals(gauss(random(gauss(seedRandom(5), 0, 1)[1])[1], 0, 1)[0], second);
});

Deno.test("gauss: mean and standard deviation are those asked for", () => {
  const xs = draw(20_000, seedRandom(3), (state) => gauss(state, 5, 2));
  const mean = xs.reduce((sum, x) => sum + x) / xs.length;
  const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length;
  assertAlmostEquals(mean, 5, 5 * 2 / Math.sqrt(xs.length)); // five standard errors
  assertAlmostEquals(variance, 4, 5 * 4 * Math.sqrt(2 / xs.length));
});

const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 })
  .filter((ws) => ws.some((w) => w > 1e-3));

law("choice: frequencies match the weights, and weight 0 is never drawn", [seeds, weights], (seed, ws) => {
  const n = 4000;
  const total = ws.reduce((sum, w) => sum + w);
  const counts = new Array(ws.length).fill(0);
  for (const i of draw(n, seedRandom(seed), (state) => choice(state, ws))) counts[i]++;
  ws.forEach((w, i) => {
    const p = w / total;
    if (p === 0) assertEquals(counts[i], 0);
    // Six standard deviations, and room for the rare event that is likelier than the normal distribution has it.
    assertAlmostEquals(counts[i], n * p, 6 * Math.sqrt(n * p * (1 - p)) + 6);
  });
}, { numRuns: 50 });

Deno.test("choice: a draw of exactly 0 goes past a first weight of 0", () => {
  const drawsZero: RandomState = { words: new Uint32Array(624), position: 0, gaussNext: null };
  assertEquals(random(drawsZero)[0], 0);
  assertEquals(choice(drawsZero, [0, 1])[0], 1);
});

Deno.test("choice: weights without a positive finite sum are refused", () => {
  for (const ws of [[], [0, 0], [NaN, 1], [Infinity]]) {
    assertThrows(() => choice(seedRandom(1), ws), RangeError, "weights sum to");
  }
});

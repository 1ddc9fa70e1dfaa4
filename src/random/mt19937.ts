/**
 * CPython's random stream as a value: a function that draws takes a state and returns the drawn value
 * with the next state, and never changes the state it was given.
 *
 * The generator is MT19937 (Matsumoto & Nishimura 1998), seeded and read as CPython's `random` module does it,
 * so that one seed gives the reference and this port the same documents, parameters and samples.
 *
 * @module
 */

import { checkRange, type Range } from "../range.ts";

/** Words in the generator's state (n in the paper). */
const WORDS = 624;
/** Distance of the word that a word is mixed with (m in the paper). */
const MIDDLE = 397;
const TWO_PI = 2 * Math.PI;

/** The seeds that {@linkcode seedRandom} accepts: whole numbers that a double holds exactly. */
export const SEED_RANGE: Range = { whole: true, from: 0, to: Number.MAX_SAFE_INTEGER };

/** The state of a random stream: plain data, safe to keep, share and save. Draws of the same block share `words`. */
export type RandomState = {
  /** The generator's 624 words of 32 bits; never written to. */
  readonly words: Uint32Array;
  /** How many of the words are used up, 0 to 624. */
  readonly position: number;
  /** The second value of the last pair that {@linkcode gauss} computed, if it is not yet used. */
  readonly gaussNext: number | null;
};

/**
 * A new stream, the one that CPython's `random.seed(seed)` starts.
 *
 * Source: CPython `random_seed`, which feeds the integer's 32-bit digits to MT19937's `init_by_array`.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 * @param index If it is given, the stream is one of many of the same seed: a word more in MT19937's key, a whole number
 * from 0 to 2^32 - 1.
 * @throws {RangeError} If the seed or the index is anything else.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { random, seedRandom } from "@microgpt/microgpt/random";
 *
 * assertEquals(random(seedRandom(42))[0], 0.6394267984578837); // Python: random.seed(42); random.random()
 * ```
 */
export function seedRandom(seed: number, index?: number): RandomState {
  checkRange("seed", seed, SEED_RANGE);
  if (index !== undefined) checkRange("index", index, { whole: true, from: 0, to: 2 ** 32 - 1 });
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32);
  const key = index !== undefined ? [low, high, index] : high === 0 ? [low] : [low, high];

  const words = new Uint32Array(WORDS);
  words[0] = 19650218;
  for (let i = 1; i < WORDS; i++) words[i] = Math.imul(1812433253, words[i - 1] ^ (words[i - 1] >>> 30)) + i;

  let i = 1;
  const mix = (multiplier: number): number => Math.imul(words[i - 1] ^ (words[i - 1] >>> 30), multiplier);
  const advance = (): void => {
    i++;
    if (i === WORDS) {
      words[0] = words[WORDS - 1];
      i = 1;
    }
  };
  for (let k = 0; k < WORDS; k++) {
    words[i] = (words[i] ^ mix(1664525)) + key[k % key.length] + (k % key.length);
    advance();
  }
  for (let k = 1; k < WORDS; k++) {
    words[i] = (words[i] ^ mix(1566083941)) - i;
    advance();
  }
  words[0] = 0x80000000;
  return { words, position: WORDS, gaussNext: null };
}

/** The next block of 624 words, as a new array. */
function twist(words: Uint32Array): Uint32Array {
  const next = words.slice();
  for (let i = 0; i < WORDS; i++) {
    const y = (next[i] & 0x80000000) | (next[(i + 1) % WORDS] & 0x7fffffff);
    next[i] = next[(i + MIDDLE) % WORDS] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
  return next;
}

/** A stream that moves on as it is drawn from: for many draws in a row, inside one function. */
type Cursor = { words: Uint32Array; position: number; gaussNext: number | null };

/** The next 32 bits of the stream, 0 to 2^32 - 1. */
function uint32(at: Cursor): number {
  if (at.position === WORDS) {
    at.words = twist(at.words);
    at.position = 0;
  }
  let y = at.words[at.position++];
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  y ^= y >>> 18;
  return y >>> 0;
}

/** The next number from [0, 1), of two draws of 32 bits. */
function uniform(at: Cursor): number {
  const high = uint32(at) >>> 5;
  return (high * 2 ** 26 + (uint32(at) >>> 6)) / 2 ** 53;
}

/**
 * A number drawn uniformly from [0, 1), with 53 random bits: CPython's `random.random()`.
 *
 * @param state The stream to draw from.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { random, seedRandom } from "@microgpt/microgpt/random";
 *
 * const [x, next] = random(seedRandom(7));
 * const [y] = random(next);
 * assert(x !== y && x >= 0 && x < 1);
 * ```
 */
export function random(state: RandomState): [number, RandomState] {
  const at = { ...state };
  return [uniform(at), at];
}

/** A whole number drawn uniformly from 0 to `n` - 1, for 1 <= n < 2^32: CPython's `_randbelow_with_getrandbits`. */
function below(at: Cursor, n: number): number {
  const unusedBits = Math.clz32(n);
  let draw = uint32(at) >>> unusedBits;
  while (draw >= n) draw = uint32(at) >>> unusedBits;
  return draw;
}

/**
 * The items in a random order, as a new array: CPython's `random.shuffle` (Fisher-Yates from the end).
 *
 * @param state The stream to draw from.
 * @param items Any number of them.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { seedRandom, shuffle } from "@microgpt/microgpt/random";
 *
 * const [order] = shuffle(seedRandom(42), [0, 1, 2, 3, 4]);
 * assertEquals(order, [3, 1, 2, 4, 0]); // as Python shuffles them after random.seed(42)
 * ```
 */
export function shuffle<T>(state: RandomState, items: readonly T[]): [T[], RandomState] {
  const shuffled = items.slice();
  return [shuffled, shuffleInPlace(state, shuffled)];
}

/**
 * The numbers of items in the order in which {@linkcode shuffle} puts the items, for those that are not in memory.
 *
 * @param state The stream to draw from.
 * @param indices The numbers.
 */
export function shuffleIndices(state: RandomState, indices: Uint32Array): [Uint32Array, RandomState] {
  const shuffled = indices.slice();
  return [shuffled, shuffleInPlace(state, shuffled)];
}

function shuffleInPlace<T>(state: RandomState, items: { [index: number]: T; readonly length: number }): RandomState {
  const at = { ...state };
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(at, i + 1);
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  }
  return at;
}

/**
 * A number drawn from the normal distribution: CPython's `random.gauss(mean, std)`.
 *
 * Values come in pairs (Box & Muller 1958); the second of a pair waits in `gaussNext`.
 *
 * @param state The stream to draw from.
 * @param mean Mean of the distribution.
 * @param std Its standard deviation.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { gauss, seedRandom } from "@microgpt/microgpt/random";
 *
 * assertAlmostEquals(gauss(seedRandom(42), 0, 1)[0], -0.14409032957792836); // Python: random.gauss(0, 1)
 * ```
 */
export function gauss(state: RandomState, mean: number, std: number): [number, RandomState] {
  const at = { ...state };
  return [mean + normal(at) * std, at];
}

/** The next number from the standard normal distribution. */
function normal(at: Cursor): number {
  if (at.gaussNext !== null) {
    const waiting = at.gaussNext;
    at.gaussNext = null;
    return waiting;
  }
  const angle = uniform(at) * TWO_PI;
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(at)));
  at.gaussNext = Math.sin(angle) * radius;
  return Math.cos(angle) * radius;
}

/**
 * Numbers drawn one after the other as {@linkcode gauss} draws them.
 *
 * @param state The stream to draw from.
 * @param count How many, from 0.
 * @param mean Mean of the distribution.
 * @param std Its standard deviation.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gauss, gaussians, seedRandom } from "@microgpt/microgpt/random";
 *
 * const [[first, second]] = gaussians(seedRandom(42), 2, 0, 1);
 * const [x, next] = gauss(seedRandom(42), 0, 1);
 * assertEquals([first, second], [x, gauss(next, 0, 1)[0]]);
 * ```
 */
export function gaussians(state: RandomState, count: number, mean: number, std: number): [Float64Array, RandomState] {
  const drawn = new Float64Array(count);
  const at = { ...state };
  for (let i = 0; i < count; i++) drawn[i] = mean + normal(at) * std;
  return [drawn, at];
}

/**
 * An index drawn with the given weights: CPython's `random.choices(range(n), weights)[0]`.
 *
 * @param state The stream to draw from.
 * @param weights Non-negative and finite, not all zero; they need not sum to one.
 * @throws {RangeError} If there is no weight, or their sum is not a positive finite number.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { choice, seedRandom } from "@microgpt/microgpt/random";
 *
 * assertEquals(choice(seedRandom(1), [0, 0, 1, 0])[0], 2);
 * ```
 */
export function choice(state: RandomState, weights: ArrayLike<number>): [number, RandomState] {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i];
  if (!(total > 0 && total < Infinity)) {
    throw new RangeError(`weights sum to ${total}: the sum must be a positive finite number`);
  }
  const [draw, next] = random(state);
  const target = draw * total;
  const last = weights.length - 1;
  let index = 0;
  for (let sum = weights[0]; index < last && target >= sum; sum += weights[index]) index++;
  return [index, next];
}

/**
 * A counter-based random stream: a word is a function of a key and an index and of nothing else, so that each can be had
 * alone, in any order, on any thread. Only operations on 32-bit integers are used, which compute the same everywhere.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", for the idea; Steele, Lea & Flood 2014, "Fast
 * splittable pseudorandom number generators", for the form: a Weyl sequence, each of its terms through a finalizer, here in
 * 32 bits. The finalizer is `fmix32` of MurmurHash3 (Austin Appleby, public domain).
 *
 * @module
 */

/** 2^32 over the golden ratio, to the nearest odd number: the step of the Weyl sequence. */
const GOLDEN = 0x9e3779b9;

/**
 * The word of a stream at an index. It is also the key of a stream of its own: words of words are the words of a tree, in
 * which a place is a path. Keys have 32 bits, so that among some tens of thousands of streams two are likely the same.
 *
 * @param key Which stream, a whole number from 0 to 2^32 - 1.
 * @param index Which of its words, a whole number from 0 to 2^32 - 1.
 * @returns A whole number from 0 to 2^32 - 1.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wordAt } from "@microgpt/microgpt/random";
 *
 * assertEquals([wordAt(1, 0), wordAt(1, 1), wordAt(2, 0)], [2527132011, 314344336, 3024231355]);
 * ```
 */
export function wordAt(key: number, index: number): number {
  let word = (key + Math.imul(index + 1, GOLDEN)) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

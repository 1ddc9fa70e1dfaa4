/**
 * Sets of texts without a limit. (A JavaScript Set holds 16 million entries at most; data sets may have more, and for
 * millions this one is several times as fast.)
 *
 * Source: Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm L: open addressing, linear probing.
 *
 * @module
 */

import { packedTexts } from "./packed.ts";

/** A set of texts. */
export type TextSet = {
  /** Adds a text; returns whether it is new. */
  readonly add: (text: string) => boolean;
  /** Whether the set has a text. */
  readonly has: (text: string) => boolean;
};

/**
 * A set of texts.
 *
 * @param texts What it holds at first; by default nothing.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textSet } from "@microgpt/microgpt/corpus";
 *
 * const { add, has } = textSet(["anna"]);
 * assertEquals([has("anna"), has("bob"), add("bob"), add("bob"), has("bob")], [true, false, true, false, true]);
 * ```
 */
export function textSet(texts: Iterable<string> = []): TextSet {
  const entries = packedTexts();
  let count = 0;
  /** Pairs: the number of an entry, from 1, or 0 for none; and its hash. A power of 2, of which at least a quarter is free. */
  let slots = new Int32Array(2 * 16);

  /** The slot of a text: the one that has it, or the one that would. */
  const slotOf = (text: string, hash: number): number => {
    const mask = slots.length - 2;
    let slot = (2 * hash) & mask;
    while (slots[slot] !== 0 && (slots[slot + 1] !== hash || entries.get(slots[slot] - 1) !== text)) {
      slot = (slot + 2) & mask;
    }
    return slot;
  };
  const grow = (): void => {
    const old = slots;
    slots = new Int32Array(2 * old.length);
    const mask = slots.length - 2;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] === 0) continue;
      let slot = (2 * old[i + 1]) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[i];
      slots[slot + 1] = old[i + 1];
    }
  };
  const add = (text: string): boolean => {
    const hash = hashOf(text);
    const slot = slotOf(text, hash);
    if (slots[slot] !== 0) return false;
    slots[slot] = count = entries.push(text);
    slots[slot + 1] = hash;
    if (8 * count >= 3 * slots.length) grow();
    return true;
  };
  for (const text of texts) add(text);
  return { add, has: (text) => slots[slotOf(text, hashOf(text))] !== 0 };
}

/** Source: FNV-1a on code units, and the finalizer of MurmurHash3, which spreads what differs in a few bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

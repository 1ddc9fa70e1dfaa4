/**
 * Sets of texts without a limit. (A JavaScript Set holds 16 million entries at most; data sets may have more.)
 *
 * @module
 */

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
  const shards = Array.from({ length: 64 }, () => new Set<string>());
  const shardOf = (text: string): Set<string> => {
    const middle = text.length >> 1;
    return shards[(text.length + 7 * text.charCodeAt(0) + 31 * text.charCodeAt(middle)) & 63];
  };
  const add = (text: string): boolean => {
    const shard = shardOf(text);
    const { size } = shard;
    return shard.add(text).size > size;
  };
  for (const text of texts) add(text);
  return { add, has: (text) => shardOf(text).has(text) };
}

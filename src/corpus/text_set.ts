/**
 * Sets of texts of any number. (One JavaScript Set holds 16 million at most; data sets may have more.)
 *
 * @module
 */

/**
 * A set of texts.
 *
 * @example
 * ```ts
 * import { textSet, type TextSet } from "@microgpt/microgpt";
 *
 * const seen: TextSet = textSet();
 * ```
 */
export type TextSet = {
  /** Adds a text, and says whether it was not there yet. */
  readonly add: (text: string) => boolean;
  /** Whether a text is there. */
  readonly has: (text: string) => boolean;
};

/**
 * A set of these texts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textSet } from "@microgpt/microgpt";
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

/**
 * Documents that are not all in memory: they are those that an array would hold.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Block } from "../../mod.ts";
import { arrangeDocuments, indicesOf, pick, splitDocuments, textBlocks, textOf } from "../../src/corpus/mod.ts";
import { seedRandom, shuffle, shuffleIndices } from "../../src/random/mod.ts";
import { law } from "../property.ts";

/** Texts with characters of one and of two units. */
const texts = fc.string({ unit: fc.constantFrom("a", "b", " ", "é", "😀"), maxLength: 40 });
const sizes = fc.integer({ min: 1, max: 7 });
/** Places to cut a text, also between the halves of a character. */
const cuts = fc.array(fc.nat(80), { maxLength: 6 });

function cutAt(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => Math.min(place, text.length)).toSorted((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

/** The blocks of a text, as plainly as can be. */
function blocksOf(text: string, size: number): Block[] {
  const characters = [...text];
  const count = Math.floor(characters.length / size) + 1; // the end is one more prediction
  return Array.from({ length: count }, (_, i) => ({
    text: characters.slice(i * size, (i + 1) * size).join(""),
    before: i === 0 ? null : characters[i * size - 1],
    ends: i === count - 1,
  }));
}

law(
  "lazy blocks: those of the whole text, each character once, wherever the text is cut",
  [texts, sizes, cuts],
  (text, size, places) => {
    const expected = blocksOf(text, size);
    const blocks = textBlocks(cutAt(text, places), size);
    assertEquals(blocks.length, expected.length);
    assertEquals([...blocks], expected);
    expected.forEach((block, i) => assertEquals(blocks.at(i), block));
  },
);

law("lazy blocks: at and slice are those of an array", [
  texts,
  sizes,
  fc.integer({ min: -9, max: 9 }),
  fc.integer({ min: -9, max: 9 }),
], (text, size, a, b) => {
  const blocks = textBlocks([text], size);
  const array = [...blocks];
  assertEquals(blocks.at(a), array.at(a));
  assertEquals(blocks.slice(a, b), array.slice(a, b));
  assertEquals(blocks.slice(a), array.slice(a));
  assertEquals(blocks.slice(), array);
});

law(
  "lazy blocks: picked, filtered, split and shuffled as an array of them is",
  [texts, sizes, fc.nat(99)],
  (text, size, seed) => {
    const blocks = textBlocks([text + "abcabd".repeat(3)], size);
    const array = [...blocks];
    const isShort = (block: Parameters<typeof textOf>[0]): boolean => textOf(block).includes("a");
    const indices = indicesOf(blocks, isShort);
    assertEquals([...pick(blocks, indices)], array.filter(isShort));
    assertEquals(pick(array, indices), array.filter(isShort));
    const [order, random] = shuffleIndices(seedRandom(seed), Uint32Array.from(array, (_, i) => i));
    const [shuffled, after] = shuffle(seedRandom(seed), array);
    assertEquals([[...pick(blocks, order)], random], [shuffled, after]);
    if (new Set(array.map(textOf)).size > 3) {
      const options = { fraction: 0.5, seed };
      const [lazy, eager] = [splitDocuments(blocks, options), splitDocuments(array, options)];
      assertEquals([[...lazy.training], [...lazy.validation]], [eager.training, eager.validation]);
    }
  },
);

Deno.test("lazy blocks: a long text costs little beside itself, and a size below 1 is refused", () => {
  const text = "call me ishmael. ".repeat(60_000);
  const options = { seed: 1, valFraction: 0, documentKind: "whole", normalize: "none", blockSize: 16 } as const;
  const { documents } = arrangeDocuments([text], options);
  assert(!Array.isArray(documents));
  assertEquals(documents.length, text.length / 16 + 1);
  assertThrows(() => textBlocks(["a"], 0), RangeError, "size 0 cannot be used");
});

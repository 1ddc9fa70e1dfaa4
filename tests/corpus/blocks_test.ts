import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createTokenizer, documentTokens } from "../../mod.ts";
import { beginningOf, cutDocument, leftOut, textBlocks, textOf } from "../../src/corpus/mod.ts";
import { texts } from "../arbitraries.ts";
import { law } from "../property.ts";

const sizes = fc.integer({ min: 1, max: 6 });

law("blocks: together they predict each character once, and the end, each from what came before it", [
  texts,
  sizes,
], (text, size) => {
  const tokenizer = createTokenizer([text]);
  const whole = documentTokens(tokenizer, text);
  const blocks = cutDocument(text, size).map((block) => documentTokens(tokenizer, block));
  const pairs = (tokens: number[]): number[][] => tokens.slice(1).map((token, i) => [tokens[i], token]);
  assertEquals(blocks.flatMap(pairs), pairs(whole));
  blocks.forEach((tokens, i) => {
    if (i < blocks.length - 1) assertEquals(tokens.length, size + 1);
    else assert(tokens.length >= 2 && tokens.length <= size + 1);
  });
});

law(
  "blocks: what fits stays a document; where a text is cut into pieces makes no difference",
  [texts, sizes],
  (text, size) => {
    const characters = [...text];
    assertEquals(typeof cutDocument(text, characters.length + 1)[0], "string");
    const expected = [...textBlocks([text], size)];
    for (let at = 0; at <= characters.length; at++) {
      const pieces = [characters.slice(0, at).join(""), "", characters.slice(at).join("")];
      assertEquals([...textBlocks(pieces, size)], expected);
    }
  },
);

Deno.test("blocks: a size below 1 is refused", () => {
  for (const size of [0, -1, 1.5, NaN]) {
    assertThrows(() => textBlocks(["whale"], size), RangeError, `size ${size}`);
    assertThrows(() => cutDocument("whale", size), RangeError, `size ${size}`);
  }
});

law(
  "leftOut: what beginnings do not have of the documents",
  [fc.array(texts, { minLength: 1 }), sizes],
  (all, size) => {
    const countOf = (some: readonly string[]): number => some.reduce((sum, text) => sum + [...text].length, 0);
    const beginnings = all.map((text) => beginningOf(text, size));
    const characters = countOf(all) - countOf(beginnings);
    assertEquals(leftOut(all, size), {
      documents: all.filter((text, i) => text !== beginnings[i]).length,
      characters,
      total: countOf(all),
      share: countOf(all) === 0 ? 0 : characters / countOf(all),
    });
    // In blocks nothing is left out.
    assertEquals(countOf(all.flatMap((text) => cutDocument(text, size)).map(textOf)), countOf(all));
  },
);

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createTokenizer,
  cutDocument,
  cutText,
  documentTokens,
  initTraining,
  lossPositions,
  names,
  textOf,
  textSet,
} from "../../mod.ts";
import { texts } from "../arbitraries.ts";
import { law } from "../property.ts";

const cuts = fc.record({ text: texts, size: fc.integer({ min: 1, max: 6 }) });

law("blocks: together they predict each character once, and the end, each from what came before it", [cuts], ({
  text,
  size,
}) => {
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
  [cuts],
  ({ text, size }) => {
    const characters = [...text];
    assertEquals(typeof cutDocument(text, characters.length + 1)[0], "string");
    const expected = [...cutText([text], size)];
    for (let at = 0; at <= characters.length; at++) {
      const pieces = [characters.slice(0, at).join(""), "", characters.slice(at).join("")];
      assertEquals([...cutText(pieces, size)], expected);
    }
  },
);

law("blocks: a run on a whole text trains on all of it; so does one on paragraphs", [cuts], ({ text, size }) => {
  const state = initTraining([text, text], { documents: "whole", blockSize: size, nEmbd: 2, nHead: 1 });
  const positions = state.documents.reduce(
    (sum, block) => sum + lossPositions(state.config, documentTokens(state.tokenizer, block)),
    0,
  );
  assertEquals(positions, 2 * [...text].length + 1);
  assertEquals(state.documents.map(textOf).join("").length, 2 * text.length);
  const paragraphs = initTraining([text, "ab"], { documents: "paragraph", blockSize: size, nEmbd: 2, nHead: 1 });
  assertEquals(paragraphs.documents.map(textOf).join("").length, text.length + 2);
}, { numRuns: 50 });

Deno.test("blocks: paragraphs are held back whole", () => {
  const data = names.slice(0, 40).map((name) => name.repeat(5));
  const options = { documents: "paragraph", valFraction: 0.25, blockSize: 8 } as const;
  const { documents, validation } = initTraining(data, options);
  const held = new Set(validation.map(textOf));
  assertEquals(validation.filter((block) => typeof block !== "string" && block.ends).length, 10);
  assert(documents.every((block) => textOf(block).length < 8 || !held.has(textOf(block))));
});

law("textSet: as a Set does", [fc.array(texts)], (all) => {
  const { add, has } = textSet();
  const expected = new Set<string>();
  for (const text of all) {
    assertEquals(has(text), expected.has(text));
    assertEquals(add(text), !expected.has(text));
    expected.add(text);
  }
});

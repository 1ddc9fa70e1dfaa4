/**
 * What is trained on, and what is held back.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { documentTokens, initTraining, names } from "../../mod.ts";
import {
  arrangeDocuments,
  type ArrangeOptions,
  DOCUMENT_KINDS,
  NORMALIZATIONS,
  normalizeDocuments,
  textOf,
  trainedTexts,
} from "../../src/corpus/mod.ts";
import { lossPositions } from "../../src/model/mod.ts";
import { lookalikes, texts } from "../arbitraries.ts";
import { listed } from "../listed.ts";
import { law } from "../property.ts";

/** Data with four different documents at least, so that some can be held back. */
const data = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "🙂"), minLength: 1, maxLength: 30 }), {
  minLength: 4,
  maxLength: 12,
}).filter((all) => new Set(all).size > 3);

const options = fc.record({
  seed: fc.nat(),
  valFraction: fc.constantFrom(0, 0.4),
  documentKind: fc.constantFrom(...DOCUMENT_KINDS),
  normalize: fc.constantFrom(...NORMALIZATIONS),
  blockSize: fc.integer({ min: 2, max: 8 }),
});

/** A document as it stands in what is trained on: a line with its beginning after it, if that is all the block sees. */
const knownOf = (text: string, { documentKind, blockSize }: ArrangeOptions): string[] =>
  documentKind === "line" && [...text].length > blockSize ? [text, [...text].slice(0, blockSize).join("")] : [text];

law(
  "trainedTexts: all that is trained on stands in them, and no more than that",
  [data, options],
  (all, given) => {
    const { documents } = arrangeDocuments(all, given);
    const known = [...trainedTexts(all, given)];
    for (const document of documents) {
      for (const seen of knownOf(textOf(document), given)) {
        assert(given.documentKind === "line" ? known.includes(seen) : known.some((text) => text.includes(seen)));
      }
    }
    // What is held back of a whole text leaves a gap: nothing reaches across it.
    if (given.documentKind === "whole") assert(known.every((text) => text !== "" && all.join("").includes(text)));
    const length = (parts: readonly string[]): number => parts.reduce((sum, text) => sum + [...text].length, 0);
    assertEquals(length(known), length(documents.slice().flatMap((document) => knownOf(textOf(document), given))));
  },
);

law(
  "arrangeDocuments and trainedTexts: with a form, they do what they do with documents in that form",
  [fc.array(lookalikes, { minLength: 4, maxLength: 12 }), options],
  (all, given) => {
    fc.pre(new Set(all.map((text) => text.normalize("NFKC"))).size > 3);
    const normalized = normalizeDocuments(all, given.documentKind, given.normalize);
    const plain = { ...given, normalize: "none" as const };
    assertEquals(listed(arrangeDocuments(all, given)), listed(arrangeDocuments(normalized, plain)));
    assertEquals([...trainedTexts(all, given)], [...trainedTexts(normalized, plain)]);
  },
);

law("arrangeDocuments: what is held back goes by whole lines, whatever the block sees of them", [data, options], (
  all,
  { seed, blockSize },
) => {
  const options = { seed, valFraction: 0.4, documentKind: "line" as const, normalize: "none" as const };
  const { documents, validation } = arrangeDocuments(all, { ...options, blockSize });
  assertEquals({ documents, validation }, {
    documents: arrangeDocuments(all, { ...options, blockSize: 100 }).documents,
    validation: arrangeDocuments(all, { ...options, blockSize: 100 }).validation,
  });
  assertEquals(validation.length, Math.round(0.4 * new Set(all).size));
  assertEquals(validation.slice().filter((line) => documents.slice().includes(line)), []);
});

const sizes = fc.integer({ min: 1, max: 6 });

law(
  "arrangeDocuments: a run on a whole text trains on all of it; so does one on paragraphs or lines in blocks",
  [texts, sizes],
  (text, size) => {
    const state = initTraining([text, text], { documentKind: "whole", blockSize: size, nEmbd: 2, nHead: 1 });
    const positions = state.documents.slice().reduce(
      (sum, block) => sum + lossPositions(state.config, documentTokens(state.tokenizer, block)),
      0,
    );
    assertEquals(positions, 2 * [...text].length + 1);
    assertEquals(state.documents.slice().map(textOf).join("").length, 2 * text.length);
    for (const documentKind of ["paragraph", "line-blocks"] as const) {
      const cut = initTraining([text, "ab"], { documentKind, blockSize: size, nEmbd: 2, nHead: 1 });
      assertEquals(cut.documents.slice().map(textOf).join("").length, text.length + 2);
      assert(cut.documents.slice().every((document) => [...textOf(document)].length <= size));
    }
  },
  { numRuns: 50 },
);

Deno.test("arrangeDocuments: paragraphs are held back whole", () => {
  const paragraphs = names.slice(0, 40).map((name) => name.repeat(5));
  const options = { documentKind: "paragraph", valFraction: 0.25, blockSize: 8 } as const;
  const { documents, validation } = initTraining(paragraphs, options);
  const held = new Set(validation.slice().map(textOf));
  assertEquals(validation.slice().filter((block) => typeof block !== "string" && block.ends).length, 10);
  assert(documents.slice().every((block) => textOf(block).length < 8 || !held.has(textOf(block))));
});

law(
  "trainedTexts: of a whole text, all blocks that look like one that is held back are left out",
  [fc.array(lookalikes, { minLength: 8, maxLength: 20 }), fc.nat()],
  (parts, seed) => {
    const options = {
      seed,
      valFraction: 0.4,
      documentKind: "whole" as const,
      normalize: "none" as const,
      blockSize: 2,
    };
    const text = parts.join("|");
    const { documents } = arrangeDocuments([text], options);
    assertEquals([...trainedTexts([text], options)].join("").length, documents.slice().map(textOf).join("").length);
  },
);

Deno.test("trainedTexts: a block that is held back parts a whole text in two", () => {
  const options = { valFraction: 0.3, documentKind: "whole" as const, normalize: "none" as const, blockSize: 2 };
  const text = "abcdefgh";
  for (let seed = 0; seed < 9; seed++) {
    const { validation } = arrangeDocuments([text], { ...options, seed });
    const held = validation.slice().map(textOf).filter((block) => block !== "").sort();
    const parts = held.reduce((rest, block) => rest.replace(block, "|"), text).split("|").filter((part) => part !== "");
    assertEquals(trainedTexts([text], { ...options, seed }), parts);
  }
});

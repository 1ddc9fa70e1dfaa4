import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { arrangeDocuments, type Arranging, textOf, trainedTexts } from "../../mod.ts";
import { law } from "../property.ts";

const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "🙂"), minLength: 1, maxLength: 30 }), {
  minLength: 4,
  maxLength: 12,
}).filter((all) => new Set(all.map((text) => [...text].slice(0, 2).join(""))).size > 3);
const options = fc.record({
  seed: fc.nat(),
  valFraction: fc.constantFrom(0, 0.4),
  documents: fc.constantFrom("line" as const, "paragraph" as const, "whole" as const),
  blockSize: fc.integer({ min: 2, max: 8 }),
});

/** As much of a document as is trained on. */
const seenOf = (text: string, { documents, blockSize }: Arranging): string =>
  documents === "line" ? [...text].slice(0, blockSize).join("") : text;

law(
  "trainedTexts: all that is trained on stands in them, and no more than that",
  [texts, options],
  (all, given) => {
    const { documents } = arrangeDocuments(all, given);
    const known = trainedTexts(all, given);
    for (const document of documents) {
      const seen = seenOf(textOf(document), given);
      assert(given.documents === "line" ? known.includes(seen) : known.some((text) => text.includes(seen)));
    }
    const length = (parts: readonly string[]): number => parts.reduce((sum, text) => sum + [...text].length, 0);
    assertEquals(length(known), length(documents.map((document) => seenOf(textOf(document), given))));
  },
);

Deno.test("trainedTexts: lines that are the same as far as the block sees them are held back together", () => {
  const lines = ["anna one", "anna two", "bob one", "bob two", "eve one", "eve two", "ida one", "ida two"];
  for (let seed = 0; seed < 9; seed++) {
    const options = { seed, valFraction: 0.5, documents: "line" as const, blockSize: 3 };
    const { documents, validation } = arrangeDocuments(lines, options);
    assertEquals([documents.length, validation.length], [4, 2]);
    assertEquals(trainedTexts(lines, options).sort(), documents.map((line) => textOf(line).slice(0, 3)).sort());
  }
});

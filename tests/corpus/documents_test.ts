import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type DocumentKind, parseDocuments } from "../../mod.ts";
import { batchAt, DOCUMENT_KINDS, documentsIn } from "../../src/corpus/mod.ts";
import { law } from "../property.ts";

const lineEnds = fc.constantFrom("\n", "\r\n", "\r");

// All that Python's str.isspace() accepts, besides the line ends.
const spaces = fc.string({
  unit: fc.constantFrom(
    ..."\t\v\f\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a",
    ..."\u2028\u2029\u202f\u205f\u3000",
  ),
  maxLength: 3,
});

const words = fc.string({ unit: fc.constantFrom("a", "é", "류", "🙂", "\ufeff", "\u200b", "\u180e"), minLength: 1 })
  .filter((word) => !word.startsWith("\ufeff"));

const lines = fc.array(fc.record({ before: spaces, word: words, after: spaces, end: lineEnds, blank: spaces }));

law("parseDocuments: one a line, stripped, blank lines dropped, whatever the line ends", [lines], (all) => {
  const text = all.map(({ before, word, after, end, blank }) => before + word + after + end + blank + end).join("");
  assertEquals(parseDocuments(text), all.map(({ word }) => word));
  assertEquals(parseDocuments("\ufeff" + text), all.map(({ word }) => word));
});

law("parseDocuments: white space inside a document stays", [words, spaces, words], (a, space, b) => {
  assertEquals(parseDocuments(`${a}${space}${b}`), [a + space + b]);
});

/** Text with line ends of all kinds, blank lines, and marks that are not at its beginning. */
const text = fc.array(
  fc.oneof(fc.constantFrom("a", "é", "류", "🙂", "🙃", " "), fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\ufeff")),
).map((parts) => `ab\n\ncd\n${parts.join("")}`);

law(
  "documentsIn: the documents are the same wherever the text is cut",
  [text, fc.constantFrom(...DOCUMENT_KINDS), fc.array(fc.nat(30), { maxLength: 4 })],
  (content, kind, cuts) => {
    const places = [0, ...cuts.toSorted((a, b) => a - b), Infinity];
    const pieces = places.slice(1).map((end, i) => content.slice(places[i], end));
    const found = [...documentsIn(["", ...pieces, ""], kind)];
    assert(found.every((document) => document.isWellFormed()));
    const expected = parseDocuments(content, kind);
    if (kind === "whole") assertEquals(found.join(""), expected.join(""));
    else assertEquals(found, expected);
  },
);

law("parseDocuments: a whole text is kept, with line feeds", [text], (content) => {
  assertEquals(parseDocuments(content, "whole").join(""), content.replace(/\r\n|\r/g, "\n"));
  for (const paragraph of parseDocuments(content, "paragraph")) {
    assert(paragraph !== "" && !/\n\n/.test(paragraph));
  }
});

Deno.test("parseDocuments: a long run of spaces inside a line takes no more than linear time", () => {
  const line = `a${" ".repeat(1_000_000)}b`;
  assertEquals(parseDocuments(line), [line]);
});

law(
  "batchAt: so many documents in turn, over and over",
  [fc.array(fc.string(), { minLength: 1, maxLength: 9 }), fc.nat(1000), fc.integer({ min: 1, max: 9 })],
  (documents, step, size) => {
    const count = Math.min(size, documents.length);
    const round = Array.from({ length: documents.length }, (_, i) => batchAt(documents, i, count)).flat();
    assertEquals(round, Array.from({ length: count }, () => documents).flat());
    assertEquals(batchAt(documents, step, count), batchAt(documents, step + documents.length, count));
    assertEquals(batchAt(documents, step), [documents[step % documents.length]]);
    if (size > documents.length) assertThrows(() => batchAt(documents, step, size), RangeError, `batch of ${size}`);
  },
);

Deno.test("documentsIn: a kind that does not exist is refused; a long line in many pieces takes linear time", () => {
  assertThrows(() => parseDocuments("a", "word" as "line"), RangeError, 'documentKind "word" does not exist');
  const pieces = new Array(20_000).fill("x".repeat(100));
  assertEquals([...documentsIn(pieces, "line")].map(({ length }) => length), [2_000_000]);
});

Deno.test("documentsIn: a byte order mark is dropped at the beginning alone, also after empty pieces", () => {
  for (const kind of DOCUMENT_KINDS) {
    assertEquals([...documentsIn(["", "\ufeffa", "\ufeffb"], kind)].join(""), "a\ufeffb");
  }
});

Deno.test("documents: a line or a paragraph of more than 100,000,000 characters is refused while it is read", () => {
  const long = "a".repeat(10_000_000);
  let read = 0;
  const pieces = function* (piece: string): Generator<string> {
    for (read = 1; read <= 20; read++) yield piece;
  };
  const first = (piece: string, kind: DocumentKind) => documentsIn(pieces(piece), kind).next();
  assertThrows(() => first(long, "line"), RangeError, "a line has more than 100,000,000 characters");
  assertEquals(read, 11);
  assertThrows(() => first(`${long}\n`, "paragraph"), RangeError, "a paragraph has more than 100,000,000 characters");
  assertEquals(read, 10); // with the line ends
  assertEquals(first(long, "whole").value, long);
});

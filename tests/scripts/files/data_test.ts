/**
 * Data files in pieces.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseDocuments } from "../../../mod.ts";
import { DOCUMENT_KINDS } from "../../../src/corpus/mod.ts";
import { documentsOf, hashOf, readData } from "../../../scripts/files/data.ts";
import { granted, law } from "../../property.ts";

const LINES = { kind: "line", encoding: "utf-8" } as const;
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const text = fc.array(
  fc.oneof(fc.constantFrom("a", "é", "류", "🙂", " "), fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\ufeff")),
)
  .map((parts) => `ab\n\ncd\n${parts.join("")}`);

law(
  "data: the documents are the same wherever the bytes are cut",
  [text, fc.constantFrom(...DOCUMENT_KINDS)],
  (content, kind) => {
    const bytes = bytesOf(content);
    const expected = parseDocuments(content, kind);
    for (let at = 0; at <= bytes.length; at++) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      const found = [...documentsOf(parts, "data.txt", { kind, encoding: "utf-8" })];
      if (kind === "whole") assertEquals(found.join(""), expected.join(""));
      else assertEquals(found, expected);
    }
    const bytewise = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    const single = [...documentsOf(bytewise, "data.txt", { kind, encoding: "utf-8" })];
    assertEquals(kind === "whole" ? [single.join("")] : single, kind === "whole" ? [expected.join("")] : expected);
  },
  { numRuns: 60 },
);

Deno.test("data: empty files, UTF-16 and cut characters are refused", () => {
  const message = (bytes: number[], kind: "line" | "whole" = "line"): string =>
    assertThrows(() => documentsOf([Uint8Array.from(bytes)], "data file d", { kind, encoding: "utf-8" }), Error)
      .message;
  assertEquals(message([]), "data file d has no document in its 0 bytes: it must have at least 2, one a line");
  assertEquals(message([], "whole"), "data file d has no text in its 0 bytes: it must have at least one character");
  assertMatch(message([0xff, 0xfe, 0x61, 0x00]), /not UTF-8 but UTF-16: byte 0 is 0xff/);
  assertMatch(message([0x61, 0x0a, 0xf0, 0x9f, 0x99]), /not UTF-8: byte 2 is 0xf0/);
});

Deno.test("data: one document is too few, two are enough; a whole text needs a character", () => {
  const of = (text: string, kind: "line" | "paragraph" | "whole") =>
    documentsOf([bytesOf(text)], "data file d", { kind, encoding: "utf-8" });
  const message = (text: string, kind: "line" | "paragraph"): string =>
    assertThrows(() => of(text, kind), Error).message;
  assertEquals(message("anna\n", "line"), "data file d has 1 document: it must have at least 2, one a line");
  assertEquals(
    message("anna\nbob\n", "paragraph"),
    "data file d has 1 document: it must have at least 2, with a blank line between two",
  );
  assertEquals([of("a\nb", "line").length, of("a\n\nb", "paragraph").length, [...of("a", "whole")].join("")], [
    2,
    2,
    "a",
  ]);
});

Deno.test({
  name: "data: what is no regular file is refused by what it is",
  ignore: !granted({ name: "read" }) || Deno.build.os === "windows",
  fn: async () => {
    for (
      const [path, why] of [["/dev/null", "it is not a regular file"], ["data", "it is a folder"], [
        "data/none",
        "there is no such file",
      ]]
    ) {
      for (const read of [() => readData(path, LINES), () => hashOf(path)]) {
        const error = await read().then(() => undefined, (error) => error);
        assertStringIncludes(error?.message ?? "", `data file ${path} cannot be read: `);
        assertStringIncludes(error.message, why);
      }
    }
  },
});

Deno.test({
  name: "data: a file of several pieces, with its SHA-256",
  ignore: !granted({ name: "read" }, { name: "write" }),
  fn: async () => {
    const path = Deno.makeTempFileSync();
    try {
      const line = `${"류🙂é ".repeat(30)}x\n`;
      const content = line.repeat(30_000); // some 9 MB: pieces end in the middle of characters
      Deno.writeTextFileSync(path, content);
      const { documents, hash } = await readData(path, LINES);
      assertEquals(documents.length, 30_000);
      assert([...documents].every((document) => document === line.trim()));
      const digest = await crypto.subtle.digest("SHA-256", bytesOf(content));
      assertEquals(hash, new Uint8Array(digest).toHex());
      Deno.writeTextFileSync(path, content.replaceAll("\n", " ") + "\xff\0");
      await readData(path, { ...LINES, kind: "whole" }).then(
        () => assert(false),
        (error) => assertStringIncludes(error.message, `byte ${30_000 * (30 * 10 + 2) + 2} is 0x00`),
      );
    } finally {
      Deno.removeSync(path);
    }
  },
});

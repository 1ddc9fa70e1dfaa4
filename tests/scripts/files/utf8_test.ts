/**
 * Wrong bytes are named by their place.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { utf8TextIn } from "../../../scripts/files/utf8.ts";
import { law } from "../../property.ts";

const DATA = { what: "data file d" };
const bytesOf = (characters: readonly string[]): Uint8Array => new TextEncoder().encode(characters.join(""));

const text = fc.array(fc.constantFrom("a", "é", "류", "🙂", "\n", "\ufeff"), { maxLength: 6 });

law("utf8: the text is the same wherever the bytes are cut, and no character is cut", [text], (characters) => {
  const bytes = bytesOf(characters);
  for (let at = 0; at <= bytes.length; at++) {
    const pieces = [...utf8TextIn([bytes.subarray(0, at), bytes.subarray(at)], DATA)];
    assertEquals(pieces.flatMap((piece) => [...piece]), characters);
  }
});

const wrong = fc.record({
  before: text.map(bytesOf),
  byte: fc.constantFrom([0x00], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x41], [0xf5], [0x80]),
  after: fc.array(fc.constantFrom("a", "류"), { maxLength: 3 }).map(bytesOf),
});

law("utf8: the first wrong byte is named by its place", [wrong], ({ before, byte, after }) => {
  const bytes = Uint8Array.from([...before, ...byte, ...after]);
  for (let at = 0; at <= bytes.length; at++) {
    const error = assertThrows(
      () => [...utf8TextIn([bytes.subarray(0, at), bytes.subarray(at)], DATA)],
      Error,
      `byte ${before.length} is 0x${byte[0].toString(16).padStart(2, "0")}; it must be text in UTF-8`,
    );
    assertStringIncludes(error.message, byte[0] === 0 ? "is binary" : "is not UTF-8");
  }
});

Deno.test("utf8: other encodings are called by their names, if their mark is whole and at the beginning", () => {
  const message = (...pieces: number[][]): string => {
    const bytes = pieces.map((piece) => Uint8Array.from(piece));
    return assertThrows(() => [...utf8TextIn(bytes, DATA)], Error).message;
  };
  const sentence = (what: string, at: number, byte: string): string =>
    `data file d is ${what}: byte ${at} is ${byte}; it must be text in UTF-8`;
  const a = 0x61;
  assertEquals(message([0xff, 0xfe, a, 0]), sentence("not UTF-8 but UTF-16", 0, "0xff"));
  assertEquals(message([0xff, 0xfe]), sentence("not UTF-8 but UTF-16", 0, "0xff"));
  assertEquals(message([0xff, 0xfe, 0, a]), sentence("not UTF-8 but UTF-16", 0, "0xff"));
  assertEquals(message([0xfe, 0xff, 0, a]), sentence("not UTF-8 but UTF-16", 0, "0xfe"));
  assertEquals(message([0xff, 0xfe, 0, 0, a, 0, 0, 0]), sentence("not UTF-8 but UTF-32", 0, "0xff"));
  assertEquals(message([0, 0, 0xfe, 0xff, 0, 0, 0, a]), sentence("not UTF-8 but UTF-32", 0, "0x00"));
  // Latin-1, such as "ÿa" and "þa", begins with one of the bytes.
  assertEquals(message([0xff, a, a]), sentence("not UTF-8", 0, "0xff"));
  assertEquals(message([0xfe, a, a]), sentence("not UTF-8", 0, "0xfe"));
  assertEquals(message([0xfe, 0xfe, a]), sentence("not UTF-8", 0, "0xfe"));
  assertEquals(message([0xff, 0xff, a]), sentence("not UTF-8", 0, "0xff"));
  assertEquals(message([0, 0, a, a]), sentence("binary", 0, "0x00"));
  assertEquals(message([a, 0xff, 0xfe]), sentence("not UTF-8", 1, "0xff"));
  assertEquals(message([a], [0xff, 0xfe, a]), sentence("not UTF-8", 1, "0xff"));
  assertEquals(message([a], [0, 0, 0xfe, 0xff]), sentence("binary", 1, "0x00"));
  // The mark of UTF-8 is text, as far as this goes.
  assert([...utf8TextIn([Uint8Array.of(0xef, 0xbb, 0xbf, a)], DATA)].join("") === "\ufeffa");
});

Deno.test("utf8: an error says what the bytes are", () => {
  const text = utf8TextIn([Uint8Array.of(0xff)], { what: "prompt on standard input" });
  assertThrows(() => [...text], Error, "prompt on standard input is not UTF-8: byte 0 is 0xff");
});

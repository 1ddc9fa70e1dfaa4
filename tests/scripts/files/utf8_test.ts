/**
 * Wrong bytes are named by their place.
 *
 * @module
 */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { textIn } from "../../../scripts/files/utf8.ts";
import { law } from "../../property.ts";

const bytesOf = (characters: readonly string[]): Uint8Array => new TextEncoder().encode(characters.join(""));

const text = fc.array(fc.constantFrom("a", "é", "류", "🙂", "\n", "\ufeff"), { maxLength: 6 });

law("utf8: the text is the same wherever the bytes are cut, and no character is cut", [text], (characters) => {
  const bytes = bytesOf(characters);
  for (let at = 0; at <= bytes.length; at++) {
    const pieces = [...textIn([bytes.subarray(0, at), bytes.subarray(at)], "data.txt")];
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
      () => [...textIn([bytes.subarray(0, at), bytes.subarray(at)], "data.txt")],
      Error,
      `byte ${before.length} is 0x${byte[0].toString(16).padStart(2, "0")}; it must be text in UTF-8`,
    );
    assertStringIncludes(error.message, byte[0] === 0 ? "is binary" : "is not UTF-8");
  }
});

/**
 * Text in other encodings than UTF-8.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { encoding } from "../../../scripts/cli/flags.ts";
import { textIn } from "../../../scripts/files/encoding.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";

/** The bytes of a text in UTF-16. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) bytes.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return new Uint8Array(bytes.buffer);
}

const textOf = (pieces: Uint8Array[], label: string): string => [...textIn(pieces, "data file d", label)].join("");
const texts = fc.string({ unit: characters.filter((c) => c !== "\0"), maxLength: 300 });

law("encoding: UTF-16 is read wherever its bytes are cut, and no character is cut", [texts, fc.nat()], (text, n) => {
  for (const [label, little] of [["utf-16le", true], ["utf-16be", false]] as const) {
    for (const whole of [text, `\ufeff${text}`]) {
      const bytes = utf16(whole, little);
      const at = bytes.length < 2 ? 0 : 2 + n % (bytes.length - 1);
      assertEquals(textOf([bytes], label), whole);
      const pieces = [...textIn([bytes.subarray(0, at), bytes.subarray(at)], "data file d", label)];
      assertEquals(pieces.flatMap((piece) => [...piece]), [...whole]);
    }
  }
});

const latin = fc.array(fc.integer({ min: 0xa0, max: 0xff }), { maxLength: 600 });

law("encoding: where Latin-1 and Unicode agree, bytes are code points", [latin], (bytes) => {
  assertEquals(textOf([Uint8Array.from(bytes)], "windows-1252"), String.fromCharCode(...bytes));
});

Deno.test("encoding: what is not text in it is refused, with the place", () => {
  const refused = (bytes: number[], label: string, sentence: string): void => {
    assertThrows(() => textOf([Uint8Array.from(bytes)], label), Error, `data file d ${sentence}`);
  };
  const a = new Array(600).fill(0x61);
  refused([...a, 0x82], "shift_jis", "is not shift_jis among its bytes 598 to 600; it must be text in shift_jis");
  refused([...a, 0xff, 0xff], "shift_jis", "is not shift_jis among its bytes 509 to 601");
  refused([0x61, 0], "windows-1252", "is binary among its bytes 0 to 1");
  refused([0x61, 0, 0x00, 0xd8], "utf-16le", "is not utf-16le");
  refused([0xfe, 0xff, 0, 0x61], "utf-16le", "is not utf-16le but begins as UTF-16: name it with --encoding utf-16be");
  refused([0xef, 0xbb, 0xbf, 0x61], "windows-1252", "is not windows-1252 but begins as UTF-8: leave --encoding out");
  refused([0xff, 0xfe, 0, 0], "utf-16le", "is not utf-16le but begins as UTF-32: save it as UTF-8");
  assertEquals(textOf([Uint8Array.of(0xff, 0xfe, 0x61, 0)], "utf-16le"), "\ufeffa");
});

Deno.test("encoding: the flag takes any of an encoding's names", () => {
  const { read } = encoding("utf-8", "");
  assertEquals(["utf8", "UTF-16", "latin1", "cp1251", "sjis"].map((label) => read("--encoding", label)), [
    ...["utf-8", "utf-16le", "windows-1252", "windows-1251", "shift_jis"],
  ]);
  for (const label of ["utf-7", "", "utf-32", "binary"]) {
    assertThrows(() => read("--encoding", label), Error, `--encoding ${JSON.stringify(label)} cannot be used: it must`);
  }
});

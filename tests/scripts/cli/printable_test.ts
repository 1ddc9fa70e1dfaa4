/**
 * Text from outside cannot act on a terminal.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable, printableLines } from "../../../scripts/cli/printable.ts";
import { law } from "../../property.ts";

Deno.test("printable: controls, C1 among them, and marks of direction are written as escapes", () => {
  assertEquals(printable("a\nb\x1b[2Jc\x7f\x9b\u2028ä🙂"), "a\\nb\\u001b[2Jc\\u007f\\u009b\\u2028ä🙂");
  assertEquals(printable("\u202egnp.exe\u2066\u200f\u061c"), "\\u202egnp.exe\\u2066\\u200f\\u061c");
  assertEquals(printableLines("a\n\tb\u202e"), "a\n\\tb\\u202e");
});

law("printable: whatever the text, nothing of it is for the terminal; lines stay lines", [
  fc.string({ unit: "binary" }),
], (text) => {
  const isSafe = (line: string): boolean => !/[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u.test(line);
  assert(isSafe(printable(text)));
  assertEquals(printableLines(text).split("\n"), text.split("\n").map(printable));
});

/**
 * Prompts from bytes and files.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { promptIn, promptInFile } from "../../../scripts/files/prompt.ts";
import { law } from "../../property.ts";
import { taskTest } from "../task.ts";

const promptOf = (text: string): string => promptIn([new TextEncoder().encode(text)], "p.txt", "prompt file");

const texts = fc.string({ unit: fc.constantFrom("a", " ", "\n", "é", "🙂"), minLength: 1, maxLength: 8 });

law("prompt: the text itself, wherever its bytes are cut, but for one line end at its end", [texts], (text) => {
  for (const lineEnd of ["\n", "\r\n", "\r"]) {
    const bytes = new TextEncoder().encode(text.replaceAll("\n", lineEnd) + lineEnd);
    for (let at = 0; at <= bytes.length; at++) {
      assertEquals(promptIn([bytes.subarray(0, at), bytes.subarray(at)], "p.txt", "prompt file"), text);
    }
  }
  if (!text.endsWith("\n")) assertEquals(promptOf(text), text);
  assertEquals(promptOf(`\ufeff${text}\n`), text);
});

Deno.test("prompt: no text, and what is not text, is refused", () => {
  for (const empty of ["", "\n", "\r\n", "\ufeff"]) {
    assertThrows(() => promptOf(empty), Error, "prompt file p.txt is empty: it must have at least one character");
  }
  const bytes = Uint8Array.of(0x61, 0xff);
  assertThrows(
    () => promptIn([bytes], "p.txt", "prompt file"),
    Error,
    "prompt file p.txt is not UTF-8: byte 1 is 0xff",
  );
});

taskTest("prompt: from a file; one that cannot be read is refused", (folder) => {
  Deno.writeTextFileSync(`${folder}/p.txt`, "Call me\n");
  assertEquals(promptInFile(`${folder}/p.txt`), "Call me");
  assertThrows(() => promptInFile(folder), Error, `prompt file ${folder} cannot be read: it is a folder`);
  assertThrows(() => promptInFile("/dev/zero"), Error, "cannot be read: it is not a regular file");
});

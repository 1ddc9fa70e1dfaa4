/**
 * A thousand cases of each kind of input; `deno task fuzz` tries more. What it has found stands below as examples.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { decodeSafetensors, parseJson } from "../../../src/formats/mod.ts";
import { memoryBombs } from "../../../scripts/dev/fuzz/bombs.ts";
import { TARGETS } from "../../../scripts/dev/fuzz/targets.ts";
import { law } from "../../property.ts";

for (const { name, cases } of TARGETS) {
  law(`fuzz, ${name}: a value that works, or the right error`, [cases], (tryCase) => void tryCase(), { numRuns: 1000 });
}

Deno.test("a header that would take up many times its length is refused before it is parsed", () => {
  for (const [name, bytes] of memoryBombs()) {
    if (/^metadata/.test(name)) assertThrows(() => parseJson(decodeSafetensors(bytes).metadata.config), SyntaxError);
    else assertThrows(() => decodeSafetensors(bytes), SyntaxError);
  }
  assertThrows(() => parseJson("[".repeat(9) + "]".repeat(9)), SyntaxError, "nested too deeply");
  assertEquals(parseJson(String.raw`{"a":"\"[[[[[[[[[[\\","b":"]"}`), { a: '"[[[[[[[[[[\\', b: "]" });
  assertThrows(() => parseJson(`[${"[],".repeat(1000)}[]]`), SyntaxError, "nothing but brackets");
});

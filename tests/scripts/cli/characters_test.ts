/**
 * Characters that are named.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { listCharacters, nameCharacter } from "../../../scripts/cli/characters.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";

Deno.test("characters: what shows nothing is named by its code point, and many are cut short", () => {
  assertEquals(listCharacters(["a", "é", "박", "🙂", '"', "-"]), 'a é 박 🙂 " -');
  const invisible = [" ", "\n", "\x1b", "\u00a0", "\u0301", "\u115f", "\u200b", "\u200d", "\u2028", "\ue000", "\ufe0f"];
  assertEquals(
    listCharacters([...invisible, "\ufeff", "\u{e0001}"]),
    "U+0020 U+000A U+001B U+00A0 U+0301 U+115F U+200B U+200D U+2028 U+E000 U+FE0F U+FEFF U+E0001",
  );
  const many = Array.from({ length: 41 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  assertEquals(listCharacters(many.slice(0, 40)), many.slice(0, 40).join(" "));
  assertEquals(listCharacters(many), `${many.slice(0, 40).join(" ")} …`);
});

law("characters: each is itself, or its code point in plain letters and digits", [characters], (character) => {
  const name = nameCharacter(character);
  if (name === character) return assertMatch(name, /^[\p{L}\p{N}\p{P}\p{S}]$/u);
  assertMatch(name, /^U\+[0-9A-F]{4,6}$/);
  assertEquals(String.fromCodePoint(parseInt(name.slice(2), 16)), character);
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  beginningOf,
  characterLength,
  countCharacters,
  indexAfter,
  isLonger,
  lastCharacter,
} from "../../src/corpus/mod.ts";
import { characters } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Characters, many of them at the edges of where surrogate pairs begin and end. */
const mixed = fc.array(
  fc.oneof(
    characters,
    fc.constantFrom("a", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{103ff}", "\u{10400}", "\u{10ffff}"),
  ),
  { maxLength: 10 },
);

law("code points: counted, measured and cut as the iterator of strings does", [mixed, fc.nat(12)], (all, n) => {
  const text = all.join("");
  assertEquals(countCharacters(text), all.length);
  assertEquals(beginningOf(text, n), all.slice(0, n).join(""));
  assertEquals(isLonger(text, n), all.length > n);
  if (all.length > 0) assertEquals(lastCharacter(text), all.at(-1));
  let index = 0;
  for (const [i, character] of all.entries()) {
    assertEquals(characterLength(text, index), character.length);
    assertEquals(indexAfter(text, index, n), index + all.slice(i, i + n).join("").length);
    index += character.length;
  }
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createTokenizer } from "../../mod.ts";
import { countEach } from "../../src/corpus/mod.ts";
import { characters } from "../arbitraries.ts";
import { law } from "../property.ts";

const some = fc.oneof(characters, fc.constantFrom("a", "b", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"));

law("countEach: each character as often as it comes up, in the order of the vocabulary", [
  fc.array(fc.array(some), { minLength: 1 }).filter((all) => all.some((one) => one.length > 0)),
], (all) => {
  const counts = countEach(all.map((one) => one.join("")));
  const characters = all.flat();
  assertEquals([...counts.keys()], createTokenizer([characters.join("")]).vocabulary);
  for (const [character, count] of counts) {
    assertEquals(count, characters.filter((other) => other === character).length);
  }
});

/**
 * The vocabulary as a person sees it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { oddLine, vocabularyLine } from "../../../scripts/terminal/vocabulary.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";

Deno.test("vocabulary: characters as they are, those that show nothing by their code points, cut short", () => {
  assertEquals(vocabularyLine([..."abc"]), "vocabulary: abc");
  assertEquals(vocabularyLine(["\n", " ", "!", "a"]), "vocabulary: U+000A ␣!a");
  assertEquals(vocabularyLine(["\t", "\n", "a", "\u0301", "é"]), "vocabulary: U+0009 U+000A a U+0301 é");
  const many = Array.from({ length: 1203 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  assertEquals(vocabularyLine(many), `vocabulary: ${many.slice(0, 60).join("")} … and 1143 more`);
  assertEquals(vocabularyLine(many.slice(0, 60)), `vocabulary: ${many.slice(0, 60).join("")}`);
});

const odd = (counts: Record<string, number>): string | undefined => oddLine(new Map(Object.entries(counts)));

Deno.test("vocabulary: what nobody sees and what is rare is pointed out, and nothing else", () => {
  assertEquals(odd({ a: 3, "\n": 1, " ": 9, "\u3000": 3, "é": 4, "\u0301": 5, "🙂": 3 }), undefined);
  assertEquals(
    odd({ "\x01": 7, "\xa0": 3, a: 8, "\u200b": 1, "\ufeff": 2, "\ufffd": 30 }),
    "odd: U+0001 7 times, U+00A0 (no-break space) 3 times, U+200B (zero width space) once, U+FEFF (inner BOM) twice, " +
      "� (replacement character) 30 times",
  );
  assertEquals(
    odd({ "\t": 3, b: 2, q: 2, "ж": 1, "\u0301": 1 }),
    "odd: U+0009 (tab) 3 times; seen once: ж U+0301; seen twice: b q",
  );
  const many = Array.from({ length: 30 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  const controls = Array.from({ length: 9 }, (_, i) => String.fromCodePoint(0x80 + i));
  const line = odd(Object.fromEntries([...controls, ...many].map((character) => [character, 1])))!;
  assert(line.startsWith("odd: U+0080 once, U+0081 once, "));
  assert(line.endsWith(`U+0087 once and 1 more; seen once: ${many.slice(0, 20).join(" ")} and 10 more`), line);
});

law("vocabulary: two lines that nothing breaks, and no wall", [
  fc.uniqueArray(fc.tuple(characters, fc.integer({ min: 1, max: 3 })), { selector: ([c]) => c, maxLength: 300 }),
], (counts) => {
  const sorted = counts.toSorted(([a], [b]) => a.codePointAt(0)! - b.codePointAt(0)!);
  for (const line of [vocabularyLine(sorted.map(([c]) => c)), oddLine(new Map(sorted)) ?? ""]) {
    assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(line), line);
    assert(line.length < 600, line);
  }
});

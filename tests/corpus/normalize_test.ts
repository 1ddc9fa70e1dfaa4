/**
 * Texts that look the same.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hyperparameters, normalizeText } from "../../mod.ts";
import {
  atBoundaries,
  canonical,
  countForms,
  DOCUMENT_KINDS,
  NORMALIZATIONS,
  normalizeDocuments,
} from "../../src/corpus/mod.ts";
import { characters, lookalikes } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Every code point that is a character. */
function* allCharacters(): Generator<string> {
  for (let point = 0; point < 0x110000; point++) {
    if (point < 0xd800 || point >= 0xe000) yield String.fromCodePoint(point);
  }
}

law("canonical: the form NFC of any text", [fc.array(fc.oneof(characters, lookalikes))], (parts) => {
  const text = parts.join("");
  assertEquals(canonical(text), text.normalize("NFC"));
});

const mixtures = fc.array(fc.oneof(lookalikes, characters));

law("normalizeText: none leaves a text as it is, nfc and nfkc are Unicode's", [mixtures], (parts) => {
  const text = parts.join("");
  assertEquals(normalizeText(text, "none"), text);
  assertEquals(normalizeText(text, "nfc"), text.normalize("NFC"));
  assertEquals(normalizeText(text, "nfkc"), text.normalize("NFKC"));
});

law(
  "normalizeDocuments: each by itself, a whole text wherever it is cut; twice is once",
  [
    fc.array(fc.oneof(lookalikes, characters.filter((c) => c.length === 1))),
    fc.constantFrom(...DOCUMENT_KINDS),
    fc
      .constantFrom(...NORMALIZATIONS),
  ],
  (texts, kind, normalization) => {
    const all = kind === "whole" ? [...texts.join("")] : texts;
    const normalized = [...normalizeDocuments(all, kind, normalization)];
    if (kind === "whole") assertEquals(normalized.join(""), normalizeText(all.join(""), normalization));
    else assertEquals(normalized, all.map((text) => normalizeText(text, normalization)));
    assertEquals([...normalizeDocuments(normalized, kind, normalization)].join(""), normalized.join(""));
    if (normalization === "none") assert(normalizeDocuments(all, kind, normalization) === all);
  },
);

Deno.test("normalize: nothing else is a form", () => {
  assertThrows(
    () => hyperparameters({ normalize: "nfd" as "nfc" }),
    RangeError,
    'normalize "nfd" does not exist: it must be one of none, nfc, nfkc',
  );
});

law(
  "countForms: how many texts are in neither form, or none if NFC has them all",
  [fc.array(lookalikes)],
  (texts) => {
    const not = (form: string): number => texts.filter((text) => text.normalize(form) !== text).length;
    assertEquals(countForms(texts), { notNfc: not("NFC"), notNfd: not("NFC") === 0 ? 0 : not("NFD") });
  },
);

law(
  "atBoundaries: the text as it was, in pieces of which each can be normalized by itself",
  [fc.array(fc.oneof(lookalikes, characters.filter((c) => c.length === 1))), fc.array(fc.nat(40))],
  (parts, cuts) => {
    const text = parts.join("");
    const places = [0, ...cuts.map((at) => Math.min(at, text.length)).sort((a, b) => a - b), text.length];
    const cut = places.slice(1).map((end, i) => text.slice(places[i], end));
    const pieces = [...atBoundaries(cut)];
    assertEquals(pieces.join(""), text);
    assert(!pieces.includes(""));
    for (const form of ["NFC", "NFKC", "NFD"]) {
      assertEquals(pieces.map((piece) => piece.normalize(form)).join(""), text.normalize(form));
    }
  },
);

Deno.test("atBoundaries: no character after a boundary joins what is before it, or is changed where none is looked for", () => {
  const following = new Set<string>();
  for (const character of allCharacters()) {
    const [first, ...rest] = character.normalize("NFD");
    rest.forEach((part) => following.add(part));
    // What NFC changes, and what stands after another character in a decomposition, is looked for.
    if (character.normalize("NFC") !== character) assertEquals(canonical(character), character.normalize("NFC"));
    assert(first !== undefined);
  }
  assert([...following].every((character) => character >= "\u0300"));
  for (let unit = 0; unit < 0x10000; unit++) {
    const character = String.fromCharCode(unit);
    if ([...atBoundaries([`a${character}`])].length === 1) continue;
    const [first] = character.normalize("NFKD");
    assert(!/\p{M}/u.test(first) && !following.has(first), `U+${unit.toString(16)}`);
  }
  // Long text has some of them, in every script that does without spaces.
  for (const text of ["ab cd", "かな", "カナ", "中文", "한글"]) assertEquals([...atBoundaries([text])].length, 2);
});

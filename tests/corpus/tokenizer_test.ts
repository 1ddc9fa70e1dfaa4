import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createTokenizer, decode, documentTokens, encode } from "../../mod.ts";
import { tokenizerOf } from "../../src/corpus/mod.ts";
import { characters, dataSets } from "../arbitraries.ts";
import { law } from "../property.ts";

law("encode and decode: round trip of any text over the vocabulary", [dataSets], (documents) => {
  const tokenizer = createTokenizer(documents);
  for (const text of [...documents, documents.join(""), ""]) {
    const tokens = encode(tokenizer, text);
    assertEquals(decode(tokenizer, tokens), text);
    assertEquals(tokens.length, [...text].length);
    assert(tokens.every((token) => token >= 0 && token < tokenizer.bos));
  }
});

law("createTokenizer: every code point once, in code point order", [dataSets], (documents) => {
  const { vocabulary, bos } = createTokenizer(documents);
  const points = vocabulary.map((character) => character.codePointAt(0)!);
  assert(points.every((point, i) => i === 0 || points[i - 1] < point));
  assertEquals(new Set(vocabulary), new Set(vocabulary.filter((character) => documents.join("").includes(character))));
  assertEquals(bos, new Set(documents.join("")).size);
});

law("documentTokens: BOS on both sides and nowhere else", [dataSets], (documents) => {
  const tokenizer = createTokenizer(documents);
  const tokens = documentTokens(tokenizer, documents[0]);
  assertEquals([tokens[0], tokens.at(-1)], [tokenizer.bos, tokenizer.bos]);
  assert(!tokens.slice(1, -1).includes(tokenizer.bos));
  assertEquals(decode(tokenizer, tokens), documents[0]);
});

Deno.test("createTokenizer: sorts as Python does, not by UTF-16 unit", () => {
  // U+FF5E comes before U+1F642, whose first UTF-16 unit is U+D83D.
  assertEquals(createTokenizer(["🙂～a"]).vocabulary, ["a", "～", "🙂"]);
});

law("encode: a character outside the vocabulary is refused by name", [fc.string({ unit: characters })], (text) => {
  fc.pre(/[^ab]/u.test(text));
  const stranger = [...text].find((character) => !"ab".includes(character))!;
  assertThrows(
    () => encode(tokenizerOf(["a", "b"]), text),
    RangeError,
    `${JSON.stringify(stranger)} is not in the vocabulary`,
  );
});

Deno.test("encode: where a text is known in another form, the error says so", () => {
  const message = (vocabulary: string[], text: string): string =>
    assertThrows(() => encode(tokenizerOf(vocabulary), text), RangeError).message;
  assertEquals(
    message(["e", "o", "z", "\u00eb"], "zoe\u0308"),
    '"\u0308" is not in the vocabulary: the model knows "eozë", and so the same text in Unicode\'s form NFC',
  );
  assert(message(["e", "o", "z", "\u0308"], "zo\u00eb").endsWith(", and so the same text in Unicode's form NFD"));
  assert(message(["e", "o", "z"], "zo\u00eb").endsWith(' knows "eoz"'));
});

Deno.test("decode: a token that does not exist is refused", () => {
  for (const token of [3, -1, 0.5, NaN]) {
    assertThrows(() => decode(tokenizerOf(["a", "b"]), [token]), RangeError, `token ${token}`);
  }
});

Deno.test("tokenizerOf: what is no sorted list of single characters is refused", () => {
  for (const vocabulary of [[], ["ab"], [""], ["b", "a"], ["a", "a"], ["\ud83d"]]) {
    assertThrows(() => tokenizerOf(vocabulary), RangeError);
  }
});

Deno.test("encode: of a long vocabulary the first 60 characters are shown, of one with 60 all", () => {
  const letters = Array.from({ length: 61 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  const message = (count: number): string =>
    assertThrows(() => encode(createTokenizer([letters.slice(0, count).join("")]), "x"), RangeError).message;
  assertEquals(message(60), `"x" is not in the vocabulary: the model knows "${letters.slice(0, 60).join("")}"`);
  const first = letters.slice(0, 60).join("");
  assertEquals(
    message(61),
    `"x" is not in the vocabulary: the model knows 61 characters, the first of them "${first}"`,
  );
});

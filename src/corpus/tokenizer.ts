/**
 * A character-level tokenizer: one token a Unicode code point, and BOS.
 *
 * @module
 */

import type { TrainingDocument } from "./blocks.ts";

/**
 * The tokens of a data set. BOS stands before and after each document and has the last id.
 *
 * Source: microgpt.py, `uchars` and `BOS`.
 */
export type Tokenizer = {
  /** The character of each id, sorted by code point. */
  readonly vocabulary: readonly string[];
  /** The id of each character. */
  readonly ids: ReadonlyMap<string, number>;
  /** The id of BOS, which is the number of characters. */
  readonly bos: number;
};

/**
 * The tokenizer of a vocabulary.
 *
 * @param vocabulary Single code points, each once, sorted by code point.
 * @throws {RangeError} If the vocabulary is empty, or not such a list.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encode } from "@microgpt/microgpt";
 * import { tokenizerOf } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(encode(tokenizerOf(["a", "b", "🙂"]), "b🙂"), [1, 2]);
 * ```
 */
export function tokenizerOf(vocabulary: readonly string[]): Tokenizer {
  if (vocabulary.length === 0) {
    throw new RangeError("a vocabulary of 0 characters cannot be used: it must have at least 1");
  }
  vocabulary.forEach((character, id) => {
    if ([...character].length !== 1 || !character.isWellFormed()) {
      throw new RangeError(`${JSON.stringify(character)} is not a token: it must be one Unicode character`);
    }
    if (id > 0 && character.codePointAt(0)! <= vocabulary[id - 1].codePointAt(0)!) {
      throw new RangeError(`"${character}" is out of place: the vocabulary must be sorted by code point, each once`);
    }
  });
  const ids = new Map(vocabulary.map((character, id) => [character, id]));
  return { vocabulary, ids, bos: vocabulary.length };
}

/**
 * The tokenizer of a data set: every code point that occurs, sorted as Python sorts strings (by code point, where
 * JavaScript's `sort` goes by UTF-16 unit).
 *
 * @param documents At least one that is not empty.
 * @throws {RangeError} If there is no character, or a document has half of a surrogate pair.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer } from "@microgpt/microgpt";
 *
 * assertEquals(createTokenizer(["anna", "🙂", "豈"]).vocabulary, ["a", "n", "豈", "🙂"]);
 * ```
 */
export function createTokenizer(documents: Iterable<string>): Tokenizer {
  const characters = new Set<string>();
  // A data set may have a billion characters: only new ones cost more than a look.
  const seen = new Uint8Array(0x10000);
  for (const document of documents) {
    for (let i = 0; i < document.length; i++) {
      const unit = document.charCodeAt(i);
      if (seen[unit] === 1) continue;
      const character = String.fromCodePoint(document.codePointAt(i)!);
      characters.add(character);
      if (character.length === 2) i++; // a surrogate pair; other pairs may share its halves
      else seen[unit] = 1;
    }
  }
  return tokenizerOf([...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
}

/**
 * Text to tokens, without BOS.
 *
 * @param tokenizer Gives the vocabulary.
 * @param text Any text.
 * @throws {RangeError} If a character is not in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { createTokenizer, encode } from "@microgpt/microgpt";
 *
 * const tokenizer = createTokenizer(["ab"]);
 * assertEquals(encode(tokenizer, "abba"), [0, 1, 1, 0]);
 * assertThrows(() => encode(tokenizer, "c"), RangeError, '"c" is not in the vocabulary');
 * ```
 */
export function encode(tokenizer: Tokenizer, text: string): number[] {
  const tokens: number[] = [];
  appendTokens(tokens, tokenizer, text);
  return tokens;
}

/** By code unit: the id of its character plus 1; 0 for units that are no character of the vocabulary, or half of one. */
const unitTables: WeakMap<ReadonlyMap<string, number>, Uint32Array> = new WeakMap();

function unitTable(ids: ReadonlyMap<string, number>): Uint32Array {
  let table = unitTables.get(ids);
  if (table === undefined) {
    table = new Uint32Array(0x10000);
    for (const [character, id] of ids) if (character.length === 1) table[character.charCodeAt(0)] = id + 1;
    unitTables.set(ids, table);
  }
  return table;
}

/** Training and counting encode whole data sets, so all but the rarest characters are found in a table. */
function appendTokens(tokens: number[], { ids, vocabulary }: Tokenizer, text: string, most = Infinity): void {
  const table = unitTable(ids);
  for (let i = 0; i < text.length; i++) {
    if (tokens.length >= most) return;
    const known = table[text.charCodeAt(i)];
    if (known !== 0) {
      tokens.push(known - 1);
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(i)!);
    i += character.length - 1;
    const id = ids.get(character);
    if (id === undefined) {
      const form = FORMS.find((form) => [...text.normalize(form)].every((other) => ids.has(other)));
      throw new RangeError(
        `${JSON.stringify(character)} is not in the vocabulary: the model knows ${summary(vocabulary)}` +
          (form === undefined ? "" : `, and so the same text in Unicode's form ${form}`),
      );
    }
    tokens.push(id);
  }
}

/** Forms in which a text may be known if it is not as it stands. */
const FORMS = ["NFC", "NFD"];

/** The vocabulary in readable form, cut short where it is long. */
function summary(vocabulary: readonly string[]): string {
  const shown = JSON.stringify(vocabulary.slice(0, 60).join(""));
  return vocabulary.length > 60 ? `${vocabulary.length} characters, the first of them ${shown}` : shown;
}

/**
 * Tokens to text. BOS has no text.
 *
 * @param tokenizer Gives the vocabulary.
 * @param tokens Each from 0 to `tokenizer.bos`.
 * @throws {RangeError} If a token is neither BOS nor in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer, decode } from "@microgpt/microgpt";
 *
 * assertEquals(decode(createTokenizer(["ab"]), [2, 1, 0, 2]), "ba");
 * ```
 */
export function decode(tokenizer: Tokenizer, tokens: readonly number[]): string {
  return tokens.map((token) => {
    if (token === tokenizer.bos) return "";
    const character = tokenizer.vocabulary[token];
    if (character === undefined) {
      throw new RangeError(`token ${token} does not exist: it must be a whole number from 0 to ${tokenizer.bos}`);
    }
    return character;
  }).join("");
}

/**
 * A document as the model sees it: BOS, its tokens, BOS. A block has the character before it instead of the first BOS, and
 * the last one only where its document ends.
 *
 * Source: microgpt.py, training loop, `tokens`.
 *
 * @param tokenizer Gives the vocabulary.
 * @param document A document or block.
 * @param most The most tokens to return: a model looks at one more than its block size. By default all.
 * @throws {RangeError} If a character is not in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer, documentTokens } from "@microgpt/microgpt";
 *
 * assertEquals(documentTokens(createTokenizer(["ab"]), "b"), [2, 1, 2]);
 * ```
 */
export function documentTokens(tokenizer: Tokenizer, document: TrainingDocument, most: number = Infinity): number[] {
  return appendDocument([], tokenizer, document, most);
}

/**
 * {@linkcode documentTokens} into an array of the caller's: where many are made and soon forgotten, V8 should not learn from
 * others that are kept.
 *
 * @param tokens Empty.
 * @param tokenizer Gives the vocabulary.
 * @param document A document or block.
 * @param most The most tokens.
 * @returns The array.
 * @throws {RangeError} If a character is not in the vocabulary.
 */
export function appendDocument(
  tokens: number[],
  tokenizer: Tokenizer,
  document: TrainingDocument,
  most: number,
): number[] {
  const { text, before, ends } = typeof document === "string" ? { text: document, before: null, ends: true } : document;
  if (before === null) tokens.push(tokenizer.bos);
  else appendTokens(tokens, tokenizer, before);
  appendTokens(tokens, tokenizer, text, most);
  if (ends && tokens.length < most) tokens.push(tokenizer.bos);
  return tokens;
}

/**
 * Unicode's normalization forms: texts that look the same may be different characters.
 *
 * Source: Unicode Standard Annex #15.
 *
 * @module
 */

import { settingError } from "../range.ts";
import type { DocumentKind } from "./documents.ts";
import type { Texts } from "./lazy.ts";
import { packTexts } from "./packed.ts";

/** What all characters that NFC changes, or puts together with the one before, have: code units from U+0300. */
const CHANGED_BY_NFC = /[\u0300-\uffff]/;

/**
 * A text in form NFC. Texts are canonically equivalent, and look the same, if and only if they have this in common.
 *
 * @param text Any text.
 * @returns The same text where nothing is to change.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonical } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(canonical("zoe\u0308"), "zo\u00eb");
 * ```
 */
export function canonical(text: string): string {
  return CHANGED_BY_NFC.test(text) ? text.normalize("NFC") : text;
}

/**
 * What becomes of a text before it is used: nothing; form NFC, in which what looks the same is the same; or NFKC, which also
 * takes ligatures apart, and full-width letters for plain ones.
 */
export type Normalization = "none" | "nfc" | "nfkc";

/** The ways to normalize. */
export const NORMALIZATIONS: readonly Normalization[] = ["none", "nfc", "nfkc"];

/** What all characters that NFKC changes have. */
const CHANGED_BY_NFKC = /[\u00a0-\uffff]/;

/**
 * A text, normalized.
 *
 * @param text Any text.
 * @param normalization How.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeText } from "@microgpt/microgpt";
 *
 * assertEquals(normalizeText("\ufb01re\u0301", "nfc"), "\ufb01r\u00e9");
 * assertEquals(normalizeText("\ufb01re\u0301", "nfkc"), "fir\u00e9");
 * ```
 */
export function normalizeText(text: string, normalization: Normalization): string {
  if (normalization === "nfc") return canonical(text);
  return normalization === "nfkc" && CHANGED_BY_NFKC.test(text) ? text.normalize("NFKC") : text;
}

/**
 * Documents, each normalized. A whole text is the same wherever it is cut into pieces.
 *
 * @param documents The documents.
 * @param kind What they are; a whole text comes in pieces.
 * @param normalization How.
 * @returns The same documents if there is nothing to do.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeDocuments } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([...normalizeDocuments(["zoe\u0308", "bob"], "line", "nfc")], ["zo\u00eb", "bob"]);
 * assertEquals([...normalizeDocuments(["zoe", "\u0308"], "whole", "nfc")].join(""), "zo\u00eb");
 * ```
 */
export function normalizeDocuments(
  documents: Texts,
  kind: DocumentKind,
  normalization: Normalization,
): Texts {
  if (normalization === "none") return documents;
  const parts = Iterator.from(kind === "whole" ? atBoundaries(documents) : documents);
  return packTexts(parts.map((text) => normalizeText(text, normalization)));
}

/**
 * Refuses a way to normalize that does not exist.
 *
 * @param name A name.
 * @returns The name, if it is in {@linkcode NORMALIZATIONS}.
 * @throws {RangeError} If it is not.
 */
export function checkNormalization(name: string): Normalization {
  const found = NORMALIZATIONS.find((known) => known === name);
  if (found !== undefined) return found;
  throw settingError((nameOf) =>
    `${nameOf("normalize")} ${JSON.stringify(name)} does not exist: it must be one of ${NORMALIZATIONS.join(", ")}`
  );
}

/** In how many documents letters with marks are written otherwise than a form has them. */
export type Forms = {
  /** The number of documents that are not in form NFC: `e` and U+0301 where that has é. */
  readonly notNfc: number;
  /** The number of documents that are not in form NFD: é where that has `e` and U+0301; 0 if all are in NFC. */
  readonly notNfd: number;
};

/**
 * In which forms some documents are. If neither number is 0, they are in no form together: what looks the same in two of
 * them may be different characters.
 *
 * @param documents The documents.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countForms } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(countForms(["zo\u00eb", "zoe\u0308", "bob"]), { notNfc: 1, notNfd: 1 });
 * assertEquals(countForms(["zo\u00eb", "bob"]), { notNfc: 0, notNfd: 0 });
 * ```
 */
export function countForms(documents: Iterable<string>): Forms {
  // Few texts are not in NFC, and many not in NFD.
  const notNfc = countWhere(documents, (text) => canonical(text) !== text);
  return { notNfc, notNfd: notNfc === 0 ? 0 : countWhere(documents, (text) => text.normalize("NFD") !== text) };
}

function countWhere(texts: Iterable<string>, holds: (text: string) => boolean): number {
  let count = 0;
  for (const text of texts) if (holds(text)) count++;
  return count;
}

/**
 * Text in pieces, cut where normalization does not reach across: each piece can be normalized by itself, wherever the text
 * was cut before.
 *
 * @param pieces The text, cut anywhere.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { atBoundaries } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([...atBoundaries(["zoe", "\u0308"])], ["zo", "e\u0308"]);
 * ```
 */
export function* atBoundaries(pieces: Iterable<string>): Generator<string> {
  let rest = "";
  for (const piece of pieces) {
    const text: string = rest + piece;
    // The rest is known to have no boundary, except where it begins.
    let end = text.length - 1;
    while (end >= rest.length && !isBoundary(text.charCodeAt(end))) end--;
    if (end < rest.length || end === 0) {
      rest = text;
      continue;
    }
    yield text.slice(0, end);
    rest = text.slice(end);
  }
  if (rest !== "") yield rest;
}

/**
 * Whether a code unit is a character that has nothing to do with those before it, in NFC and NFKC. Not all of these are
 * told, but those without which there is no long text: all up to U+02FF, kana, ideographs, syllables of Hangul.
 */
const isBoundary = (unit: number): boolean =>
  unit < 0x300 || unit >= 0x3041 && unit < 0x3097 || unit >= 0x30a1 && unit < 0x30fb ||
  unit >= 0x4e00 && unit < 0xa000 || unit >= 0xac00 && unit < 0xd7a4;

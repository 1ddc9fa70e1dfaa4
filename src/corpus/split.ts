/**
 * Documents to train on, and documents held back to validate with.
 *
 * @module
 */

import { inRange, type Range, settingError } from "../range.ts";
import { textOf, type TrainingDocument } from "./blocks.ts";
import { textSet } from "./text_set.ts";
import { seedRandom, shuffle } from "../random/mt19937.ts";

/**
 * A data set in two parts that have no document in common.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Split, splitDocuments } from "@microgpt/microgpt";
 *
 * const split: Split = splitDocuments(["anna", "bob"], { fraction: 0.5, seed: 1 });
 * assertEquals(split.training.length + split.validation.length, 2);
 * ```
 */
export type Split = {
  /** What is trained on, in the order of the data, repeats included. */
  readonly training: readonly TrainingDocument[];
  /** What is held back: each document once, in a seeded order. */
  readonly validation: readonly TrainingDocument[];
};

/**
 * What the held-back share of a data set may be.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FRACTION_RANGE } from "@microgpt/microgpt";
 *
 * assertEquals(FRACTION_RANGE.below, 1);
 * ```
 */
export const FRACTION_RANGE: Range = { from: 0, below: 1 };

/**
 * Holds back a seeded share of the distinct documents. All repeats of a document go the same way, so that nothing that is
 * validated with was trained on.
 *
 * @param options `fraction` of the distinct documents, 0 for none; `seed` of the choice; `length`: documents that are the
 * same in so many first characters are the same (default: in all).
 * @throws {RangeError} If the fraction is out of range, or leaves one of the parts empty.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitDocuments } from "@microgpt/microgpt";
 *
 * const { training, validation } = splitDocuments(["ann", "bob", "ann", "eve"], { fraction: 1 / 3, seed: 42 });
 * assertEquals(validation.length, 1);
 * assertEquals(training.includes(validation[0]), false);
 * ```
 */
export function splitDocuments(
  documents: readonly TrainingDocument[],
  options: { fraction: number; seed: number; length?: number },
): Split {
  const { fraction, seed, length = Infinity } = options;
  const keyOf = (document: TrainingDocument): string => beginningOf(textOf(document), length);
  inRange("valFraction", fraction, FRACTION_RANGE);
  if (fraction === 0) return { training: documents, validation: [] };
  const seen = textSet();
  const distinct = documents.filter((document) => seen.add(keyOf(document)));
  const count = Math.round(fraction * distinct.length);
  if (count === 0 || count === distinct.length) {
    const part = count === 0 ? "none to validate with" : "none to train on";
    throw settingError((nameOf) =>
      `${nameOf("valFraction")} ${fraction} of ${distinct.length} different documents leaves ${part}: ` +
      "each part must have at least 1"
    );
  }
  const validation = shuffle(seedRandom(seed), distinct)[0].slice(0, count);
  const held = textSet(validation.map(keyOf));
  return { training: documents.filter((document) => !held.has(keyOf(document))), validation };
}

/**
 * The first characters of a text.
 *
 * @param length How many; a text with fewer is returned itself.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { beginningOf } from "@microgpt/microgpt";
 *
 * assertEquals(beginningOf("🙂🙃!", 2), "🙂🙃");
 * ```
 */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : [...text.slice(0, 2 * length)].slice(0, length).join("");
}

/**
 * How many documents repeat an earlier one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countRepeats } from "@microgpt/microgpt";
 *
 * assertEquals(countRepeats(["ann", "bob", "ann", "ann"]), 2);
 * ```
 */
export function countRepeats(documents: readonly TrainingDocument[]): number {
  // A set of all texts may take as much memory as the texts do: large data sets are gone through part by part.
  const parts = Math.ceil(documents.length / MOST_AT_ONCE);
  let repeats = 0;
  for (let part = 0; part < parts; part++) {
    const seen = new Set<string>();
    for (const document of documents) {
      const text = textOf(document);
      if (partOf(text, parts) !== part) continue;
      const { size } = seen;
      if (seen.add(text).size === size) repeats++;
    }
  }
  return repeats;
}

const MOST_AT_ONCE = 2 ** 20;

/** Equal texts are in the same part, others in any. */
function partOf(text: string, parts: number): number {
  const { length } = text;
  const mixed = 7 * text.charCodeAt(0) + 31 * text.charCodeAt(length >> 1) + 101 * text.charCodeAt(length - 1);
  return (length + mixed >>> 0) % parts; // an empty text has no characters: NaN, which becomes 0
}

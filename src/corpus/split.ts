/**
 * Documents to train on, and documents held back to validate with.
 *
 * @module
 */

import { checkRange, type Range, settingError } from "../range.ts";
import { textOf, type TrainingDocument } from "./blocks.ts";
import { beginningOf, isLonger } from "./code_points.ts";
import { canonical } from "./normalize.ts";
import { type Documents, indicesOf, pick } from "./lazy.ts";
import { textSet } from "./text_set.ts";
import { seedRandom, shuffleIndices } from "../random/mt19937.ts";

/** A data set in two parts that have no document in common. */
export type Split = {
  /** The documents to train on, in the order of the data, repeats included. */
  readonly training: Documents;
  /** The held-back documents: each once, in a seeded order. */
  readonly validation: Documents;
};

/** The share of a data set that may be held back. */
export const FRACTION_RANGE: Range = { from: 0, below: 1 };

/**
 * Holds back a seeded share of the distinct documents. All repeats of a document go the same way, so that no
 * validation document was trained on. Documents are compared whole, however little of them a block sees, and by what they
 * look like: canonically equivalent ones are the same.
 *
 * @param documents In the order of the data.
 * @param options `fraction` of the distinct documents, 0 for none; `seed` of the choice.
 * @throws {RangeError} If the fraction is out of range, or leaves one of the parts empty.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitDocuments } from "@microgpt/microgpt/corpus";
 *
 * const { training, validation } = splitDocuments(["ann", "bob", "ann", "eve"], { fraction: 1 / 3, seed: 42 });
 * assertEquals(validation.length, 1);
 * assertEquals([...training].includes(validation.at(0)!), false);
 * ```
 */
export function splitDocuments(
  documents: Documents,
  options: { fraction: number; seed: number },
): Split {
  const { fraction, seed } = options;
  checkRange("valFraction", fraction, FRACTION_RANGE);
  if (fraction === 0) return { training: documents, validation: [] };
  const seen = textSet();
  const different = indicesOf(documents, (document) => seen.add(keyOf(document)));
  const count = Math.round(fraction * different.length);
  if (count === 0 || count === different.length) {
    const part = count === 0 ? "none to validate with" : "none to train on";
    throw settingError((nameOf) =>
      `${nameOf("valFraction")} ${fraction} of ${different.length} different documents leaves ${part}: ` +
      "each part must have at least 1"
    );
  }
  const validation = pick(documents, shuffleIndices(seedRandom(seed), different)[0].slice(0, count));
  const held = textSet();
  for (const document of validation) held.add(keyOf(document));
  return { training: pick(documents, indicesOf(documents, (document) => !held.has(keyOf(document)))), validation };
}

/**
 * The number of documents that repeat an earlier one, or one that looks the same.
 *
 * @param documents In any order.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countRepeats } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(countRepeats(["ann", "bob", "ann", "ann"]), 2);
 * ```
 */
export function countRepeats(documents: Documents): number {
  const seen = textSet();
  let repeats = 0;
  for (const document of documents) if (!seen.add(keyOf(document))) repeats++;
  return repeats;
}

/**
 * The number of held-back documents that begin like one that is trained on, as far as a block goes: a model that sees no
 * more of them has seen them all.
 *
 * @param split The two parts of a data set.
 * @param size From 1: the model's block size.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countSeen } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(countSeen({ training: ["anna one", "bob"], validation: ["anna two", "bo"] }, 4), 1);
 * ```
 */
export function countSeen({ training, validation }: Split, size: number): number {
  const beginning = (document: TrainingDocument): string => beginningOf(textOf(document), size);
  // A document that leaves room in the block is another one as soon as its end is.
  const full = [...validation].filter((document) => isLonger(textOf(document), size - 1));
  if (full.length === 0) return 0;
  const held = textSet(full.map(beginning));
  const seen = textSet();
  for (const document of training) if (held.has(beginning(document))) seen.add(beginning(document));
  return full.filter((document) => seen.has(beginning(document))).length;
}

/**
 * What two documents have in common if and only if they count as the same.
 *
 * @param document A document or block.
 */
export function keyOf(document: TrainingDocument): string {
  return canonical(textOf(document));
}

/**
 * Documents as a run takes them: split, cut into blocks, and shuffled.
 *
 * @module
 */

import { type RandomState, SEED_RANGE, seedRandom, shuffleIndices } from "../random/mt19937.ts";
import type { Range } from "../range.ts";
import { textOf } from "./blocks.ts";
import { beginningOf, isLonger } from "./code_points.ts";
import type { DocumentKind } from "./documents.ts";
import { type Normalization, normalizeDocuments } from "./normalize.ts";
import { cutDocument, type Documents, pick, textBlocks, type Texts } from "./lazy.ts";
import { packTexts } from "./packed.ts";
import { FRACTION_RANGE, keyOf, splitDocuments } from "./split.ts";
import { textSet } from "./text_set.ts";

/** Decides which documents are trained on, and in which order. */
export type ArrangeSettings = {
  /** Seed of the random stream. */
  readonly seed: number;
  /** Share of the distinct documents that is held back to validate with. */
  readonly valFraction: number;
  /**
   * What counts as a document. Of a `"line"` that is longer than the block its beginning is used; with `"line-blocks"` it
   * is cut into blocks, as are a longer paragraph and a whole text.
   */
  readonly documentKind: DocumentKind;
  /** How the documents are normalized before everything else. */
  readonly normalize: Normalization;
};

/** The reference's settings: lines as they are, none of them held back. */
export const ARRANGE_DEFAULTS: ArrangeSettings = { seed: 42, valFraction: 0, documentKind: "line", normalize: "none" };

/** The values allowed for each number. */
export const ARRANGE_RANGES: Readonly<Record<Exclude<keyof ArrangeSettings, "documentKind" | "normalize">, Range>> = {
  seed: SEED_RANGE,
  valFraction: FRACTION_RANGE,
};

/** How to arrange documents: the settings, and the most predictions in a block. */
export type ArrangeOptions = ArrangeSettings & { readonly blockSize: number };

/** Documents as a run takes them. */
export type ArrangedDocuments = {
  /** The documents to train on, or blocks of them, shuffled. */
  readonly documents: Documents;
  /** The documents that are held back. */
  readonly validation: Documents;
  /** The random stream after the shuffle. */
  readonly random: RandomState;
};

/**
 * Documents as a run takes them: normalized, the held-back ones set aside, the rest in blocks and shuffled.
 *
 * @param given The documents; a whole text may come in pieces.
 * @param options The settings, and the model's block size.
 * @throws {RangeError} If a part would be empty, or an option is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { arrangeDocuments, textOf } from "@microgpt/microgpt/corpus";
 *
 * const options = { seed: 1, valFraction: 0, documentKind: "whole", normalize: "none", blockSize: 2 } as const;
 * const { documents } = arrangeDocuments(["whale"], options);
 * assertEquals(Array.from(documents, textOf).sort(), ["al", "e", "wh"]);
 * ```
 */
export function arrangeDocuments(given: Texts, options: ArrangeOptions): ArrangedDocuments {
  const { seed, valFraction, documentKind: kind, normalize, blockSize } = options;
  const texts = normalizeDocuments(given, kind, normalize);
  const all: Documents = kind === "whole" ? textBlocks(texts.slice(), blockSize) : texts;
  const { training, validation } = splitDocuments(all, { fraction: valFraction, seed });
  const cut = (documents: Documents): Documents =>
    kind === "paragraph" || kind === "line-blocks"
      ? documents.slice().flatMap((document) => cutDocument(document as string, blockSize))
      : documents;
  const pieces = cut(training);
  const [order, random] = shuffleIndices(seedRandom(seed), Uint32Array.from({ length: pieces.length }, (_, i) => i));
  return { documents: pick(pieces, order), validation: cut(validation), random };
}

/**
 * The texts that a run is trained on, in the order of the data, to look samples up in: the lines and paragraphs that are
 * not held back, and of a whole text the stretches between blocks that are. A line that is longer than the block is followed
 * by its beginning, which is what the model sees of it.
 *
 * @param given The documents; a whole text may come in pieces.
 * @param options The settings, and the model's block size.
 * @throws {RangeError} As {@linkcode arrangeDocuments}.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trainedTexts } from "@microgpt/microgpt/corpus";
 *
 * const options = { seed: 1, valFraction: 0, normalize: "none", blockSize: 3 } as const;
 * assertEquals([...trainedTexts(["anna", "bob"], { ...options, documentKind: "line" })], ["anna", "ann", "bob"]);
 * assertEquals([...trainedTexts(["call me ", "ishmael"], { ...options, documentKind: "whole" })], ["call me ishmael"]);
 * ```
 */
export function trainedTexts(given: Texts, options: ArrangeOptions): Texts {
  const { seed, valFraction, documentKind: kind, normalize, blockSize } = options;
  const texts = normalizeDocuments(given, kind, normalize);
  if (kind !== "whole") {
    const trained = Iterator.from(splitDocuments(texts, { fraction: valFraction, seed }).training).map(textOf);
    return packTexts(kind === "line" ? trained.flatMap((line) => withBeginning(line, blockSize)) : trained);
  }
  const { has } = textSet(Array.from(arrangeDocuments(texts, options).validation, keyOf));
  const runs: string[][] = [[]];
  for (const block of textBlocks(texts.slice(), blockSize)) {
    if (!has(keyOf(block))) runs[runs.length - 1].push(textOf(block));
    else runs.push([]);
  }
  return runs.map((run) => run.join("")).filter((text) => text !== "");
}

/** A line, and if it is longer than the block, what the model sees of it. */
function withBeginning(line: string, blockSize: number): string[] {
  return isLonger(line, blockSize) ? [line, beginningOf(line, blockSize)] : [line];
}

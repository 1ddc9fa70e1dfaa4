/**
 * Documents as a run takes them: split, cut into blocks, and shuffled.
 *
 * @module
 */

import { cutDocument, cutText, textOf, type TrainingDocument } from "../corpus/blocks.ts";
import { beginningOf, splitDocuments } from "../corpus/split.ts";
import { textSet } from "../corpus/text_set.ts";
import type { ModelShape } from "../model/config.ts";
import { type RandomState, seedRandom, shuffle } from "../random/mt19937.ts";
import type { Hyperparameters } from "./hyperparameters.ts";

/**
 * What decides which documents are trained on, and in which order.
 *
 * @example
 * ```ts
 * import type { Arranging } from "@microgpt/microgpt";
 *
 * const arranging: Arranging = { seed: 42, valFraction: 0.1, documents: "paragraph", blockSize: 64 };
 * ```
 */
export type Arranging = Pick<Hyperparameters, "seed" | "valFraction" | "documents"> & Pick<ModelShape, "blockSize">;

/**
 * Documents as a run takes them: what is to be trained on, in blocks and shuffled; what is held back; and the random stream
 * after the shuffle.
 *
 * @param texts The documents; a whole text may come in pieces.
 * @throws {RangeError} If a part would be empty, or an option is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { arrangeDocuments, textOf } from "@microgpt/microgpt";
 *
 * const { documents } = arrangeDocuments(["whale"], { seed: 1, valFraction: 0, documents: "whole", blockSize: 2 });
 * assertEquals(documents.map(textOf).sort(), ["al", "e", "wh"]);
 * ```
 */
export function arrangeDocuments(
  texts: readonly string[],
  { seed, valFraction, documents: kind, blockSize }: Arranging,
): {
  readonly documents: readonly TrainingDocument[];
  readonly validation: readonly TrainingDocument[];
  readonly random: RandomState;
} {
  const all = kind === "whole" ? [...cutText(texts, blockSize)] : texts;
  // What a line has past the block is not trained on, and makes it no other document.
  const length = kind === "line" ? blockSize : undefined;
  const { training, validation } = splitDocuments(all, { fraction: valFraction, seed, length });
  const cut = (documents: readonly TrainingDocument[]): readonly TrainingDocument[] =>
    kind === "paragraph" ? documents.flatMap((document) => cutDocument(document as string, blockSize)) : documents;
  const [documents, random] = shuffle(seedRandom(seed), cut(training));
  return { documents, validation: cut(validation), random };
}

/**
 * The texts that a run is trained on, in the order of the data, to look samples up in: lines as far as the block sees them,
 * the paragraphs that are not held back, and of a whole text what stands between two blocks that are.
 *
 * @param texts The documents; a whole text may come in pieces.
 * @throws {RangeError} As {@linkcode arrangeDocuments}.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trainedTexts } from "@microgpt/microgpt";
 *
 * const options = { seed: 1, valFraction: 0, blockSize: 3 };
 * assertEquals(trainedTexts(["anna", "bob"], { ...options, documents: "line" }), ["ann", "bob"]);
 * assertEquals(trainedTexts(["call me ", "ishmael"], { ...options, documents: "whole" }), ["call me ishmael"]);
 * ```
 */
export function trainedTexts(texts: readonly string[], options: Arranging): string[] {
  const { seed, valFraction, documents: kind, blockSize } = options;
  if (kind === "line") {
    const { training } = splitDocuments(texts, { fraction: valFraction, seed, length: blockSize });
    return training.map((line) => beginningOf(textOf(line), blockSize));
  }
  if (kind === "paragraph") return splitDocuments(texts, { fraction: valFraction, seed }).training.map(textOf);
  const { has } = textSet(arrangeDocuments(texts, options).validation.map(textOf));
  const runs: string[][] = [[]];
  for (const { text } of cutText(texts, blockSize)) {
    if (!has(text)) runs[runs.length - 1].push(text);
    else if (runs[runs.length - 1].length > 0) runs.push([]);
  }
  return runs.map((run) => run.join("")).filter((text) => text !== "");
}

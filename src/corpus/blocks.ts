/**
 * Long text in blocks, so that all of it is trained on, and not only as much as the model can look at.
 *
 * @module
 */

import { countCharacters } from "./code_points.ts";

/**
 * A piece of a longer document. Training predicts each character of `text` from those before it in the piece, and the first
 * from `before`.
 */
export type Block = {
  /** Its characters. */
  readonly text: string;
  /** The character before it; null at the beginning of the document, where BOS stands. */
  readonly before: string | null;
  /** Whether the document ends with it, so that BOS is predicted after its last character. */
  readonly ends: boolean;
};

/** What training takes as one piece: a whole document, or a block of one. */
export type TrainingDocument = string | Block;

/**
 * The characters of a document or block.
 *
 * @param document A document or block.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textOf } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([textOf("anna"), textOf({ text: "na", before: "n", ends: true })], ["anna", "na"]);
 * ```
 */
export function textOf(document: TrainingDocument): string {
  return typeof document === "string" ? document : document.text;
}

/** What a block leaves out of some documents. */
export type LeftOut = {
  /** The number of documents that are longer than the block. */
  readonly documents: number;
  /** The number of their characters that are past it. */
  readonly characters: number;
  /** The number of characters in all documents, those past the block included. */
  readonly total: number;
  /** `characters / total`, from 0 to 1. */
  readonly share: number;
};

/**
 * What a model does not see of documents of which only the beginning is used.
 *
 * @param documents The documents.
 * @param size From 1: the model's block size.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { leftOut } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(leftOut(["anna", "bob", "x"], 3), { documents: 1, characters: 1, total: 8, share: 1 / 8 });
 * ```
 */
export function leftOut(documents: Iterable<TrainingDocument>, size: number): LeftOut {
  let [long, past, total] = [0, 0, 0];
  for (const document of documents) {
    const length = countCharacters(textOf(document));
    total += length;
    if (length <= size) continue;
    long++;
    past += length - size;
  }
  return { documents: long, characters: past, total, share: total === 0 ? 0 : past / total };
}

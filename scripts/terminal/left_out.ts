/**
 * What a block leaves out of a data set, in words.
 *
 * @module
 */

import type { LeftOut } from "../../src/corpus/mod.ts";

/** How much of some documents a block leaves out. */
export function leftOutLine({ documents, characters, share }: LeftOut, blockSize: number): string {
  const percent = share < 0.001 ? "less than 0.1" : (100 * share).toFixed(1);
  return `left out: ${documents} docs are longer than the block of ${blockSize}, and ${characters} characters ` +
    `(${percent}%) are past it`;
}

/** How many held-back documents are no news to a model, since the block leaves out what is. */
export function seenLine(seen: number): string {
  return `seen: ${seen} of the docs held back begin like one that is trained on, as far as the block goes`;
}

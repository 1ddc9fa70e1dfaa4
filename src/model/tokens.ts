/**
 * Which tokens a model can read, and how many of them count.
 *
 * @module
 */

import { checkRange } from "../range.ts";
import type { ModelConfig } from "./config.ts";

/**
 * Refuses a token that is not in the vocabulary.
 *
 * @param tokenId The token.
 * @param config The model's shape.
 * @throws {RangeError} If it is not a whole number from 0 and below `vocabSize`.
 */
export function checkToken(tokenId: number, { vocabSize }: ModelConfig): void {
  // Every token of every step passes here; the sentence is for the few that are wrong.
  if (Number.isInteger(tokenId) && tokenId >= 0 && tokenId < vocabSize) return;
  checkRange("token", tokenId, { whole: true, from: 0, below: vocabSize });
}

/**
 * Refuses a position for which the block has no room.
 *
 * @param position Counted from 0.
 * @param config The model's shape.
 * @throws {RangeError} If it is `blockSize` or more.
 */
export function checkPosition(position: number, { blockSize }: ModelConfig): void {
  if (position < blockSize) return;
  throw new RangeError(`position ${position} is past the block: it must be below blockSize ${blockSize}`);
}

/**
 * The number of positions that the loss of a document is the mean of: one for each token that has a next one, as far as the
 * block has room.
 *
 * Source: microgpt.py, training loop: `n = min(block_size, len(tokens) - 1)`.
 *
 * @param config The model's shape.
 * @param tokens BOS, the document, BOS: two or more tokens.
 * @throws {RangeError} If there are fewer than two tokens, or one that counts is not in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { model } from "@microgpt/microgpt";
 *
 * assertEquals(model.lossPositions(model.modelConfig(27), [26, 0, 1, 26]), 3);
 * ```
 */
export function lossPositions(config: ModelConfig, tokens: readonly number[]): number {
  const n = Math.min(config.blockSize, tokens.length - 1);
  if (n < 1) throw new RangeError(`a document of ${tokens.length} tokens has no next token: it must have at least 2`);
  for (let i = 0; i <= n; i++) checkToken(tokens[i], config);
  return n;
}

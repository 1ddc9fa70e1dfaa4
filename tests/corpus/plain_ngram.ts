/**
 * Witten and Bell's smoothing from its definition, by counting again for every question: slow, and plain to see through.
 *
 * @module
 */

import type { Batch } from "../../mod.ts";

/** What to count: how many tokens to look at, how many tokens there are, and the positions of a document that count. */
export type PlainOptions = { readonly order: number; readonly vocabSize: number; readonly blockSize?: number };

/** The tokens before a position, `length` of them, or fewer at the beginning. */
const contextAt = (tokens: readonly number[], position: number, length: number): string =>
  JSON.stringify(tokens.slice(Math.max(0, position - length), position));

/** The probability of the token at a position, from 1. */
export function plainProbability(
  fitted: Batch,
  tokens: readonly number[],
  position: number,
  { order, vocabSize, blockSize = Infinity }: PlainOptions,
): number {
  let probability = 1 / vocabSize;
  for (let length = 0; length < order; length++) {
    const followers = fitted.flatMap((document) =>
      document.filter((_, i) =>
        i > 0 && i <= blockSize && contextAt(document, i, length) === contextAt(tokens, position, length)
      )
    );
    if (followers.length === 0) continue; // what was never seen says nothing
    const times = followers.filter((token) => token === tokens[position]).length;
    const kinds = new Set(followers).size;
    probability = (times + kinds * probability) / (followers.length + kinds);
  }
  return probability;
}

/** The mean loss over all positions that count, in nats. */
export function plainLoss(fitted: Batch, documents: Batch, options: PlainOptions): number {
  const losses = documents.flatMap((tokens) =>
    tokens.slice(1, (options.blockSize ?? Infinity) + 1)
      .map((_, i) => -Math.log(plainProbability(fitted, tokens, i + 1, options)))
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

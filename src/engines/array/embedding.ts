/**
 * The embedding of a token at its position, forward and backward.
 *
 * @module
 */

import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * `out[i] = wte[tokens[i]] + wpe[i]`, for the positions i from `from` and below `to`.
 *
 * Source: microgpt.py, `gpt`, `tok_emb` and `pos_emb`.
 *
 * @param out `[positions, nEmbd]`, written.
 * @param wte `[vocabSize, nEmbd]`
 * @param wpe `[blockSize, nEmbd]`
 * @param tokens The token at each position.
 * @param from First position.
 * @param to The position after the last.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embeddingForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const wte = { data: new Float64Array([1, 2, 3, 4]), width: 2 };
 * const wpe = { data: new Float64Array([10, 20]), width: 2 };
 * const out = zeroRows(1, 2, "float64");
 * embeddingForward(out, wte, wpe, [1], 0, 1);
 * assertEquals(out.data, new Float64Array([13, 24]));
 * ```
 */
export function embeddingForward(
  out: Rows,
  wte: ReadonlyRows,
  wpe: ReadonlyRows,
  tokens: ArrayLike<number>,
  from: number,
  to: number,
): void {
  const { data: y, width } = out;
  const { data: token } = wte;
  const { data: place } = wpe;
  for (let i = from; i < to; i++) {
    const row = i * width;
    const tokenRow = tokens[i] * width;
    for (let j = 0; j < width; j++) y[row + j] = token[tokenRow + j] + place[row + j];
  }
}

/**
 * The gradient reaches both summands as it is: `dWte[tokens[i]] += dOut[i]`, `dWpe[i] += dOut[i]`, for i below `n`.
 *
 * @param dWte `[vocabSize, nEmbd]`, added to; a token at several positions collects from all.
 * @param dWpe `[blockSize, nEmbd]`, added to.
 * @param dOut `[positions, nEmbd]`
 * @param tokens The token at each position.
 * @param n Number of positions.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { embeddingBackward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const [dWte, dWpe] = [zeroRows(2, 1, "float64"), zeroRows(2, 1, "float64")];
 * embeddingBackward(dWte, dWpe, { data: new Float64Array([5, 7]), width: 1 }, [1, 1], 2);
 * assertEquals([dWte.data, dWpe.data], [new Float64Array([0, 12]), new Float64Array([5, 7])]);
 * ```
 */
export function embeddingBackward(
  dWte: Rows,
  dWpe: Rows,
  dOut: ReadonlyRows,
  tokens: ArrayLike<number>,
  n: number,
): void {
  const { data: dy, width } = dOut;
  const { data: dToken } = dWte;
  const { data: dPlace } = dWpe;
  for (let i = 0; i < n; i++) {
    const row = i * width;
    const tokenRow = tokens[i] * width;
    for (let j = 0; j < width; j++) {
      dToken[tokenRow + j] += dy[row + j];
      dPlace[row + j] += dy[row + j];
    }
  }
}

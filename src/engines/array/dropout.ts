/**
 * Dropout, which is its own backward pass.
 *
 * @module
 */

import { type Dropout, dropoutAt, dropoutLimit } from "../../model/dropout.ts";
import { wordAt } from "../../random/counter.ts";
import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * `y = f x`, elementwise, in the rows from `from` and below `to`, with f the factors of {@linkcode dropoutFactor}: 0 or
 * 1 / (1 - rate). Backward it is the same on the gradient: `dX = f dY`.
 *
 * Source: Srivastava et al. 2014, section 4.
 *
 * @param y `[positions, width]`, written; it may be x.
 * @param x `[positions, width]`
 * @param dropout What is dropped at this site of the document.
 * @param from First row.
 * @param to The row after the last.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dropoutRows, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const y = zeroRows(1, 4, "float64");
 * dropoutRows(y, { data: new Float64Array([1, 2, 3, 4]), width: 4 }, { rate: 0.5, key: 42 }, 0, 1);
 * assertEquals(y.data, new Float64Array([2, 0, 0, 8]));
 * ```
 */
export function dropoutRows(y: Rows, x: ReadonlyRows, dropout: Dropout, from: number, to: number): void {
  const limit = dropoutLimit(dropout.rate);
  const scale = 1 / (1 - dropout.rate);
  const { width } = x;
  for (let i = from; i < to; i++) {
    const key = wordAt(dropout.key, i);
    const row = i * width;
    for (let j = 0; j < width; j++) y.data[row + j] = x.data[row + j] * (wordAt(key, j) < limit ? 0 : scale);
  }
}

/**
 * What each attention weight is multiplied by: a factor for each head, query and key.
 *
 * @param factors `[positions, nHead, capacity]` as rows, written where attention has weights.
 * @param dropout What is dropped of a layer's attention weights.
 * @param nHead Number of heads.
 * @param from First position.
 * @param to The position after the last.
 */
export function attentionFactors(factors: Rows, dropout: Dropout, nHead: number, from: number, to: number): void {
  const { data, width } = factors;
  const capacity = width / nHead;
  const limit = dropoutLimit(dropout.rate);
  const scale = 1 / (1 - dropout.rate);
  for (let h = 0; h < nHead; h++) {
    const head = dropoutAt(dropout, h).key;
    for (let i = from; i < to; i++) {
      const key = wordAt(head, i);
      const first = i * width + h * capacity;
      for (let t = 0; t <= i; t++) data[first + t] = wordAt(key, t) < limit ? 0 : scale;
    }
  }
}

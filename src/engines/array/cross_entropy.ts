/**
 * Softmax with cross-entropy, forward and backward: the derivative of both together is simpler than either's.
 *
 * @module
 */

import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * `probabilities[i] = softmax(logits[i])`, and the mean over the positions below `n` of `-ln probabilities[i][targets[i]]`,
 * taken from the logits, so that it is finite where a probability is too small to have a logarithm.
 *
 * Source: `crossEntropy` of the specification.
 *
 * @param probabilities `[positions, vocabSize]`, written.
 * @param logits `[positions, vocabSize]`; may be the same rows.
 * @param targets The token to be predicted at each position.
 * @param n Number of positions.
 * @returns The mean loss, in nats.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { crossEntropyForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const logits = zeroRows(2, 4, "float64"); // all alike
 * assertAlmostEquals(crossEntropyForward(logits, logits, [3, 0], 2), Math.log(4));
 * ```
 */
export function crossEntropyForward(
  probabilities: Rows,
  logits: ReadonlyRows,
  targets: ArrayLike<number>,
  n: number,
): number {
  const { data: p } = probabilities;
  const { data: x, width } = logits;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    const row = i * width;
    let max = -Infinity;
    for (let j = row; j < row + width; j++) if (x[j] > max) max = x[j];
    const target = x[row + targets[i]] - max; // the probabilities may take the logits' place
    let total = 0;
    for (let j = row; j < row + width; j++) {
      p[j] = Math.exp(x[j] - max);
      total += p[j];
    }
    const share = total ** -1;
    for (let j = row; j < row + width; j++) p[j] *= share;
    loss += Math.log(total) - target;
  }
  return loss * (1 / n);
}

/**
 * The gradient with respect to the logits, in place of the probabilities: `dLogits[i] = scale (p[i] - [j = targets[i]])`.
 *
 * Since `-ln p[t] = ln Σ exp(x) - x[t]`, and `∂ ln Σ exp(x) / ∂x[j] = p[j]`.
 *
 * @param probabilities What the forward pass wrote; overwritten by dLogits in the rows below `n`.
 * @param targets What the forward pass was given.
 * @param scale The weight of each position in the loss: 1 / n for the mean of one document.
 * @param n Number of positions.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crossEntropyBackward } from "@microgpt/microgpt/blocks";
 *
 * const rows = { data: new Float64Array([0.25, 0.75]), width: 2 };
 * crossEntropyBackward(rows, [1], 1, 1);
 * assertEquals(rows.data, new Float64Array([0.25, -0.25]));
 * ```
 */
export function crossEntropyBackward(
  probabilities: Rows,
  targets: ArrayLike<number>,
  scale: number,
  n: number,
): void {
  const { data, width } = probabilities;
  for (let i = 0; i < n; i++) {
    const row = i * width;
    data[row + targets[i]] -= 1;
    for (let j = row; j < row + width; j++) data[j] *= scale;
  }
}

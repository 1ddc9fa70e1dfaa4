/**
 * Multi-head causal self-attention, forward and backward.
 *
 * @module
 */

import type { ReadonlyRows, Rows } from "./rows.ts";

/**
 * For each position i and each head, with d its width: `weights[i] = softmax(q[i] · k[t] / √d)` over the positions
 * t ≤ i, and `out[i] = Σ weights[i][t] v[t]`.
 *
 * Source: Vaswani et al. 2017, equation 1 and section 3.2.2; microgpt.py, `gpt`, part 1.
 *
 * @param out `[positions, nEmbd]`, written from row `from` and below `to`.
 * @param weights `[positions, nHead, capacity]` as rows, written: what the backward pass needs.
 * @param q Queries, `[positions, nEmbd]`.
 * @param k Keys, `[positions, nEmbd]`, of all positions below `to`.
 * @param v Values, `[positions, nEmbd]`, of all positions below `to`.
 * @param nHead Number of heads, each nEmbd / nHead wide.
 * @param from First position.
 * @param to The position after the last.
 * @param factors With dropout, what each weight is multiplied by before values are gathered, laid out as the weights; they
 * are replaced by the products.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { attentionForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const v = { data: new Float64Array([2, 4]), width: 1 };
 * const [zero, out, weights] = [zeroRows(2, 1, "float64"), zeroRows(2, 1, "float64"), zeroRows(2, 2, "float64")];
 * attentionForward(out, weights, zero, zero, v, 1, 0, 2);
 * assertEquals(out.data, new Float64Array([2, 3])); // equal scores give the mean of what came so far
 * ```
 */
export function attentionForward(
  out: Rows,
  weights: Rows,
  q: ReadonlyRows,
  k: ReadonlyRows,
  v: ReadonlyRows,
  nHead: number,
  from: number,
  to: number,
  factors?: Rows,
): void {
  const { data: output, width } = out;
  const { data: weight } = weights;
  const gathering = factors?.data ?? weight;
  const capacity = weights.width / nHead;
  const headDim = width / nHead;
  const scale = 1 / Math.sqrt(headDim);
  for (let i = from; i < to; i++) {
    for (let h = 0; h < nHead; h++) {
      const column = h * headDim;
      const query = i * width + column;
      const first = (i * nHead + h) * capacity;
      let max = -Infinity;
      for (let t = 0; t <= i; t++) {
        const key = t * width + column;
        let score = 0;
        for (let j = 0; j < headDim; j++) score += q.data[query + j] * k.data[key + j];
        score *= scale;
        weight[first + t] = score;
        if (score > max) max = score;
      }
      let total = 0;
      for (let t = first; t <= first + i; t++) {
        const e = Math.exp(weight[t] - max);
        weight[t] = e;
        total += e;
      }
      const share = total ** -1;
      for (let t = first; t <= first + i; t++) weight[t] *= share;
      if (factors !== undefined) {
        for (let t = first; t <= first + i; t++) gathering[t] = weight[t] * gathering[t];
      }
      for (let j = 0; j < headDim; j++) {
        let sum = 0;
        for (let t = 0; t <= i; t++) sum += gathering[first + t] * v.data[t * width + column + j];
        output[query + j] = sum;
      }
    }
  }
}

/**
 * With w the weights of a position and head: `dw[t] = dOut · v[t]`, and back through the softmax
 * `ds[t] = w[t] (dw[t] - Σ w dw)`. Then `dV[t] += w[t] dOut`, `dQ[i] += ds[t] k[t] / √d`, `dK[t] += ds[t] q[i] / √d`.
 *
 * By the product rule, with `∂w[t]/∂s[u] = w[t] ([t = u] - w[u])`. With dropout, `dw[t]` comes through the factor f[t], and
 * `dV[t] += f[t] w[t] dOut`.
 *
 * @param dQ `[positions, nEmbd]`, added to.
 * @param dK `[positions, nEmbd]`, added to.
 * @param dV `[positions, nEmbd]`, added to.
 * @param dOut `[positions, nEmbd]`
 * @param weights `[positions, nHead, capacity]` as rows, as the forward pass wrote them.
 * @param q Queries, `[positions, nEmbd]`.
 * @param k Keys, `[positions, nEmbd]`.
 * @param v Values, `[positions, nEmbd]`.
 * @param nHead Number of heads.
 * @param n Number of positions.
 * @param factors With dropout, those that the forward pass was given.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { attentionBackward, attentionForward, zeroRows } from "@microgpt/microgpt/blocks";
 *
 * const [q, k, v, out, dQ, dK, dV] = Array.from({ length: 7 }, () => zeroRows(2, 1, "float64"));
 * const weights = zeroRows(2, 2, "float64");
 * attentionForward(out, weights, q, k, v, 1, 0, 2);
 * attentionBackward(dQ, dK, dV, { data: new Float64Array([0, 1]), width: 1 }, weights, q, k, v, 1, 2);
 * assertEquals(dV.data, new Float64Array([0.5, 0.5]));
 * ```
 */
export function attentionBackward(
  dQ: Rows,
  dK: Rows,
  dV: Rows,
  dOut: ReadonlyRows,
  weights: ReadonlyRows,
  q: ReadonlyRows,
  k: ReadonlyRows,
  v: ReadonlyRows,
  nHead: number,
  n: number,
  factors?: ReadonlyRows,
): void {
  const { data: dOutput, width } = dOut;
  const { data: weight } = weights;
  const capacity = weights.width / nHead;
  const headDim = width / nHead;
  const scale = 1 / Math.sqrt(headDim);
  for (let i = 0; i < n; i++) {
    for (let h = 0; h < nHead; h++) {
      const column = h * headDim;
      const query = i * width + column;
      const first = (i * nHead + h) * capacity;
      // Σ w dw, which is out · dOut.
      let mean = 0;
      for (let t = 0; t <= i; t++) {
        const f = factors === undefined ? 1 : factors.data[first + t];
        mean += f * weight[first + t] * dot(dOutput, query, v.data, t * width + column, headDim);
      }
      for (let t = 0; t <= i; t++) {
        const key = t * width + column;
        const w = weight[first + t];
        const f = factors === undefined ? 1 : factors.data[first + t];
        const gathered = f * w;
        const dScore = w * (f * dot(dOutput, query, v.data, key, headDim) - mean) * scale;
        for (let j = 0; j < headDim; j++) {
          dV.data[key + j] += gathered * dOutput[query + j];
          dQ.data[query + j] += dScore * k.data[key + j];
          dK.data[key + j] += dScore * q.data[query + j];
        }
      }
    }
  }
}

function dot(a: ArrayLike<number>, aStart: number, b: ArrayLike<number>, bStart: number, length: number): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += a[aStart + j] * b[bStart + j];
  return sum;
}

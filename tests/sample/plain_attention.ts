/**
 * Attention weights by the specification's formulas, over a whole document at once.
 *
 * @module
 */

import { type Model, model as room } from "../../mod.ts";

const { linear, mlp, numberOps, numberTransformer, rmsNorm, softmax } = room;

/** What each head looks at, `[position][layer][head][position]`, and the logits of each position. */
export function plainAttention(
  model: Model,
  tokens: readonly number[],
): { attention: number[][][][]; logits: number[][] } {
  const { weights, config: { nHead, nEmbd } } = numberTransformer(model);
  const d = nEmbd / nHead;
  const part = (x: number[], head: number): number[] => x.slice(head * d, (head + 1) * d);
  const add = (x: number[], y: number[]): number[] => x.map((xi, i) => xi + y[i]);
  let rows = tokens.map((token, i) =>
    rmsNorm(numberOps, add(Array.from(weights.wte[token]), Array.from(weights.wpe[i])))
  );
  const attention: number[][][][] = tokens.map(() => []);
  for (const layer of weights.layers) {
    const normed = rows.map((x) => rmsNorm(numberOps, x));
    const [q, k, v] = [layer.attn_wq, layer.attn_wk, layer.attn_wv].map((w) =>
      normed.map((x) => linear(numberOps, w, x))
    );
    rows = rows.map((x, i) => {
      const heads = Array.from({ length: nHead }, (_, head) =>
        softmax(
          numberOps,
          Array.from({ length: i + 1 }, (_, t) => numberOps.dot(part(q[i], head), part(k[t], head)) / Math.sqrt(d)),
        ));
      attention[i].push(heads);
      const gathered = heads.flatMap((shares, head) =>
        Array.from({ length: d }, (_, j) => shares.reduce((sum, share, t) => sum + share * part(v[t], head)[j], 0))
      );
      const middle = add(linear(numberOps, layer.attn_wo, gathered), x);
      return add(mlp(numberOps, layer, rmsNorm(numberOps, middle)), middle);
    });
  }
  return { attention, logits: rows.map((x) => linear(numberOps, weights.lm_head, x)) };
}

/**
 * The model a second time and in another way, to hold the specification against: whole sequences instead of one
 * position at a time, a causal mask instead of a cache.
 *
 * @module
 */

import type { Parameters } from "../../mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";

type Rows = number[][];

const dot = (x: number[], y: number[]): number => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
const times = (x: Rows, w: Rows): Rows => x.map((row) => w.map((out) => dot(out, row)));
const plus = (x: Rows, y: Rows): Rows => x.map((row, i) => row.map((xi, j) => xi + y[i][j]));
const norm = (x: Rows): Rows => x.map((row) => row.map((xi) => xi / Math.sqrt(dot(row, row) / row.length + 1e-5)));

function softmaxRow(row: number[]): number[] {
  const exps = row.map((x) => Math.exp(x - Math.max(...row)));
  return exps.map((e) => e / exps.reduce((a, b) => a + b));
}

/** What units are multiplied by where dropout may be: at a site, of a layer, at a position and whatever else. */
export type Factors = (site: "input" | "weights" | "attention" | "mlp", layer: number, ...place: number[]) => number;

/** The logits of all positions at once, `[positions, vocabSize]`. */
export function fullSequenceLogits(
  { config, params }: Parameters,
  tokens: readonly number[],
  factor: Factors = () => 1,
): Rows {
  const { nLayer, nEmbd, nHead } = config;
  const matrices = new Map(
    parameterLayout(config).map(({ name, rows, columns, offset }) => {
      const row = (i: number): number[] => Array.from(params.slice(offset + i * columns, offset + (i + 1) * columns));
      return [name, Array.from({ length: rows }, (_, i) => row(i))];
    }),
  );
  const matrix = (name: string): Rows => matrices.get(name)!;
  const d = nEmbd / nHead;

  const dropped = (x: Rows, of: (...place: number[]) => number): Rows =>
    x.map((row, t) => row.map((xi, j) => xi * of(t, j)));

  const embedded = tokens.map((token, i) => matrix("wte")[token].map((e, j) => e + matrix("wpe")[i][j]));
  let x = dropped(norm(embedded), (t, j) => factor("input", 0, t, j));
  for (let i = 0; i < nLayer; i++) {
    const [q, k, v] = ["q", "k", "v"].map((which) => times(norm(x), matrix(`layer${i}.attn_w${which}`)));
    const mixed: Rows = tokens.map(() => []);
    for (let h = 0; h < nHead; h++) {
      const part = (rows: Rows): Rows => rows.map((row) => row.slice(h * d, (h + 1) * d));
      const scores = times(part(q), part(k))
        .map((row, t) => row.map((score, s) => s <= t ? score / Math.sqrt(d) : -Infinity));
      const columns = part(v)[0].map((_, j) => part(v).map((row) => row[j]));
      const weights = dropped(scores.map(softmaxRow), (t, s) => factor("weights", i, h, t, s));
      times(weights, columns).forEach((row, t) => mixed[t].push(...row));
    }
    x = plus(x, dropped(times(mixed, matrix(`layer${i}.attn_wo`)), (t, j) => factor("attention", i, t, j)));
    const hidden = times(norm(x), matrix(`layer${i}.mlp_fc1`)).map((row) => row.map((h) => Math.max(0, h)));
    x = plus(x, dropped(times(hidden, matrix(`layer${i}.mlp_fc2`)), (t, j) => factor("mlp", i, t, j)));
  }
  return times(x, matrix("lm_head"));
}

/**
 * Each building block's backward side against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc, { type Arbitrary } from "fast-check";
import {
  attentionBackward,
  attentionForward,
  crossEntropyBackward,
  crossEntropyForward,
  embeddingBackward,
  embeddingForward,
  linearBackward,
  linearForward,
  type Ops,
  reluBackward,
  reluForward,
  rmsNorm,
  rmsNormBackward,
  rmsNormForward,
  type Rows,
  softmax,
  zeroRows,
  zeros,
} from "../../../mod.ts";
import { numbers } from "../../arbitraries.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

/** Sums of a few dozen float64 numbers of everyday size, in another order. */
const REORDERED = 1e-11;

const counts = fc.integer({ min: 1, max: 6 });
const matrix = (rows: number, width: number): Arbitrary<number[]> =>
  fc.array(numbers, { minLength: rows * width, maxLength: rows * width, size: "max" });
const rows = (data: readonly number[], width: number): Rows => ({ data: Float64Array.from(data), width });

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assertEquals(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assertAlmostEquals(actual[i], expected[i], REORDERED * Math.max(1, Math.abs(expected[i])));
  }
}

/** Rows of scalars cut out of a list. */
const cut = <T>(xs: readonly T[], start: number, count: number, width: number): T[][] =>
  Array.from({ length: count }, (_, i) => xs.slice(start + i * width, start + (i + 1) * width));

/** The sum of all, each times its weight: what makes one number of many, with `weights` as its gradient. */
function weighed<T>(ops: Ops<T>, ys: readonly T[][], weights: readonly number[]): T {
  return ops.dot(ys.flat(), weights.map((w) => ops.constant(w)));
}

law(
  "linear: y = W x, and its gradients are the graph's; both are added to what is there",
  [
    fc.tuple(counts, counts, counts).chain(([n, ins, outs]) =>
      fc.record({
        n: fc.constant(n),
        x: matrix(n, ins),
        w: matrix(outs, ins),
        dY: matrix(n, outs),
        ins: fc.constant(ins),
      })
    ),
  ],
  ({ n, x, w, dY, ins }) => {
    const outs = w.length / ins;
    const { value, grads } = graphGradient((ops, xs) => {
      const weight = cut(xs, n * ins, outs, ins);
      return weighed(ops, cut(xs, 0, n, ins).map((row) => weight.map((out) => ops.dot(out, row))), dY);
    }, [...x, ...w]);
    const y = zeroRows(n, outs, "float64");
    linearForward(y, rows(x, ins), rows(w, ins), 0, n);
    assertAlmostEquals(dY.reduce((sum, d, i) => sum + d * y.data[i], 0), value, 1e-9);
    const [dX, dW] = [rows(x.map(() => 1), ins), rows(w.map(() => 2), ins)];
    linearBackward(dX, dW, rows(dY, outs), rows(x, ins), rows(w, ins), n);
    assertClose(dX.data.map((d) => d - 1), grads.subarray(0, x.length));
    assertClose(dW.data.map((d) => d - 2), grads.subarray(x.length));
  },
);

law("linear: rows before `from` and from `to` on stay as they are", [counts, counts], (from, count) => {
  const y = zeroRows(from + count + 1, 3, "float64");
  const ones = (n: number): Rows => rows(new Array(2 * n).fill(1), 2);
  linearForward(y, ones(from + count + 1), ones(3), from, from + count);
  assertEquals(Array.from(y.data, (v) => v !== 0), [
    ...new Array(3 * from).fill(false),
    ...new Array(3 * count).fill(true),
    ...[false, false, false],
  ]);
});

law(
  "rmsNorm: the specification's, and its gradient the graph's",
  [
    fc.tuple(counts, counts).chain(([n, width]) =>
      fc.record({ x: matrix(n, width), dY: matrix(n, width), n: fc.constant(n) })
    ),
  ],
  ({ n, x, dY }) => {
    const width = x.length / n;
    const { grads } = graphGradient(
      (ops, xs) => weighed(ops, cut(xs, 0, n, width).map((row) => rmsNorm(ops, row)), dY),
      x,
    );
    const [y, scales, dX] = [zeroRows(n, width, "float64"), zeros(n, "float64"), zeroRows(n, width, "float64")];
    rmsNormForward(y, scales, rows(x, width), 0, n);
    rmsNormBackward(dX, rows(dY, width), rows(x, width), scales, n);
    grads.forEach((g, i) => assertAlmostEquals(dX.data[i], g, 1e-9 * Math.max(1, ...scales.map((s) => s ** 3))));
  },
);

law(
  "relu: what is not positive is 0, and so is its gradient",
  [counts.chain((n) => fc.record({ x: matrix(n, 3), dY: matrix(n, 3) }))],
  ({ x, dY }) => {
    const [y, d] = [rows(x, 3), rows(dY, 3)];
    reluForward(y, 0, x.length / 3);
    reluBackward(d, y, x.length / 3);
    assertEquals(Array.from(y.data), x.map((v) => v > 0 ? v : 0));
    assertEquals(Array.from(d.data), dY.map((v, i) => x[i] > 0 ? v : 0));
  },
);

law(
  "attention: the specification's, and its gradients the graph's",
  [
    fc.tuple(counts, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([n, nHead, headDim]) => {
      const part = matrix(n, nHead * headDim);
      return fc.record({ n: fc.constant(n), nHead: fc.constant(nHead), q: part, k: part, v: part, dOut: part });
    }),
  ],
  ({ n, nHead, q, k, v, dOut }) => {
    const width = q.length / n;
    const headDim = width / nHead;
    const { value, grads } = graphGradient((ops, xs) => {
      const [qs, ks, vs] = [0, 1, 2].map((part) => cut(xs, part * q.length, n, width));
      const out = qs.map((query, i) =>
        Array.from({ length: width }, (_, column) => {
          const head = column - column % headDim;
          const of = <T>(row: T[]): T[] => row.slice(head, head + headDim);
          const scale = ops.constant(headDim ** -0.5);
          const scores = ks.slice(0, i + 1).map((key) => ops.mul(ops.dot(of(query), of(key)), scale));
          return ops.dot(softmax(ops, scores), vs.slice(0, i + 1).map((row) => row[column]));
        })
      );
      return weighed(ops, out, dOut);
    }, [...q, ...k, ...v]);
    const [out, weights] = [zeroRows(n, width, "float64"), zeroRows(n, nHead * (n + 1), "float64")];
    const [qs, ks, vs] = [q, k, v].map((part) => rows(part, width));
    attentionForward(out, weights, qs, ks, vs, nHead, 0, n);
    assertAlmostEquals(dOut.reduce((sum, d, i) => sum + d * out.data[i], 0), value, 1e-9);
    const [dQ, dK, dV] = [0, 1, 2].map(() => zeroRows(n, width, "float64"));
    attentionBackward(dQ, dK, dV, rows(dOut, width), weights, qs, ks, vs, nHead, n);
    [dQ, dK, dV].forEach(({ data }, i) => {
      data.forEach((d, j) => assertAlmostEquals(d, grads[i * q.length + j], 1e-9));
    });
  },
);

law(
  "cross-entropy: the mean of -ln softmax at the targets, and its gradient the graph's",
  [
    fc.tuple(counts, counts).chain(([n, vocabSize]) =>
      fc.record({
        logits: matrix(n, vocabSize),
        targets: fc.array(fc.nat(vocabSize - 1), { minLength: n, maxLength: n }),
      })
    ),
  ],
  ({ logits, targets }) => {
    const n = targets.length;
    const vocabSize = logits.length / n;
    const { value, grads } = graphGradient((ops, xs) => {
      const losses = cut(xs, 0, n, vocabSize).map((row, i) => [ops.log(softmax(ops, row)[targets[i]])]);
      return weighed(ops, losses, targets.map(() => -1 / n));
    }, logits);
    const probabilities = zeroRows(n, vocabSize, "float64");
    assertAlmostEquals(crossEntropyForward(probabilities, rows(logits, vocabSize), targets, n), value, REORDERED);
    crossEntropyBackward(probabilities, targets, 1 / n, n);
    assertClose(probabilities.data, grads);
  },
);

law(
  "embedding: the sum of a token's and a position's row; a token's gradient collects from all its positions",
  [
    fc.tuple(counts, counts).chain(([n, vocabSize]) =>
      fc.record({
        tokens: fc.array(fc.nat(vocabSize - 1), { minLength: n, maxLength: n }),
        wte: matrix(vocabSize, 2),
        wpe: matrix(n, 2),
        dOut: matrix(n, 2),
      })
    ),
  ],
  ({ tokens, wte, wpe, dOut }) => {
    const n = tokens.length;
    const { value, grads } = graphGradient((ops, xs) => {
      const [token, place] = [cut(xs, 0, wte.length / 2, 2), cut(xs, wte.length, n, 2)];
      return weighed(ops, tokens.map((t, i) => token[t].map((e, j) => ops.add(e, place[i][j]))), dOut);
    }, [...wte, ...wpe]);
    const out = zeroRows(n, 2, "float64");
    embeddingForward(out, rows(wte, 2), rows(wpe, 2), tokens, 0, n);
    assertAlmostEquals(dOut.reduce((sum, d, i) => sum + d * out.data[i], 0), value, REORDERED * 100);
    const [dWte, dWpe] = [zeroRows(wte.length / 2, 2, "float64"), zeroRows(n, 2, "float64")];
    embeddingBackward(dWte, dWpe, rows(dOut, 2), tokens, n);
    assertClose([...dWte.data, ...dWpe.data], grads);
  },
);

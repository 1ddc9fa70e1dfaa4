/**
 * Attention, plain and with dropout, against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals } from "@std/assert";
import fc from "fast-check";
import { attentionBackward, attentionForward, zeroRows } from "../../../src/engines/array/mod.ts";
import { softmax } from "../../../src/model/mod.ts";
import { counts, cut, matrix, rows, SUMMED, weighed } from "./blocks.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

law(
  "attention: the specification's, and its gradients the graph's",
  [
    fc.tuple(counts, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([n, nHead, headDim]) => {
      const part = matrix(n, nHead * headDim);
      const kept = fc.option(fc.array(fc.constantFrom(0, 2), { minLength: n * n * nHead, maxLength: n * n * nHead }), {
        nil: undefined,
      });
      return fc.record({ n: fc.constant(n), nHead: fc.constant(nHead), q: part, k: part, v: part, dOut: part, kept });
    }),
  ],
  ({ n, nHead, q, k, v, dOut, kept }) => {
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
          const first = (i * nHead + head / headDim) * n;
          const weights = softmax(ops, scores).map((w, t) => kept ? ops.mul(w, ops.constant(kept[first + t])) : w);
          return ops.dot(weights, vs.slice(0, i + 1).map((row) => row[column]));
        })
      );
      return weighed(ops, out, dOut);
    }, [...q, ...k, ...v]);
    const [out, weights] = [zeroRows(n, width, "float64"), zeroRows(n, nHead * n, "float64")];
    const [qs, ks, vs] = [q, k, v].map((part) => rows(part, width));
    attentionForward(out, weights, qs, ks, vs, nHead, 0, n, kept && rows(kept, nHead * n));
    assertAlmostEquals(dOut.reduce((sum, d, i) => sum + d * out.data[i], 0), value, SUMMED);
    const [dQ, dK, dV] = [0, 1, 2].map(() => zeroRows(n, width, "float64"));
    attentionBackward(dQ, dK, dV, rows(dOut, width), weights, qs, ks, vs, nHead, n, kept && rows(kept, nHead * n));
    [dQ, dK, dV].forEach(({ data }, i) => {
      data.forEach((d, j) => assertAlmostEquals(d, grads[i * q.length + j], SUMMED));
    });
  },
);

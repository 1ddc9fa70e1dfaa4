/**
 * Products of matrices against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  linearBackward,
  linearForward,
  plainLinearBackward,
  plainLinearForward,
  type Rows,
  zeroRows,
} from "../../../src/engines/array/mod.ts";
import { assertClose, counts, cut, matrix, rows, SUMMED, weighed } from "./blocks.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

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
    assertAlmostEquals(dY.reduce((sum, d, i) => sum + d * y.data[i], 0), value, SUMMED);
    const [dX, dW] = [rows(x.map(() => 1), ins), rows(w.map(() => 2), ins)];
    linearBackward(dX, dW, rows(dY, outs), rows(x, ins), rows(w, ins), n);
    assertClose(dX.data.map((d) => d - 1), grads.subarray(0, x.length));
    assertClose(dW.data.map((d) => d - 2), grads.subarray(x.length));
  },
);

law(
  "linear: the tiled loops are the plain ones, forward to the last bit",
  [
    fc.tuple(counts, counts, counts).chain(([n, ins, outs]) =>
      fc.record({ n: fc.constant(n), x: matrix(n, ins), w: matrix(outs, ins), dY: matrix(n, outs) })
    ),
  ],
  ({ n, x, w, dY }) => {
    const [ins, outs] = [x.length / n, dY.length / n];
    const [tiled, plain] = [linearForward, plainLinearForward].map((forward) => {
      const y = zeroRows(n, outs, "float64");
      forward(y, rows(x, ins), rows(w, ins), 0, n);
      return y.data;
    });
    assertEquals(tiled, plain);
    const [backward, expected] = [linearBackward, plainLinearBackward].map((backward) => {
      const [dX, dW] = [rows(x, ins), rows(w, ins)];
      backward(dX, dW, rows(dY, outs), rows(x, ins), rows(w, ins), n);
      return [...dX.data, ...dW.data];
    });
    assertClose(backward, expected);
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

/**
 * RMSNorm against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { rmsNormBackward, rmsNormForward, zeroRows, zeros } from "../../../src/engines/array/mod.ts";
import { rmsNorm } from "../../../src/model/mod.ts";
import { counts, cut, matrix, rows, SUMMED, weighed } from "./blocks.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

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
    grads.forEach((g, i) => assertAlmostEquals(dX.data[i], g, SUMMED * Math.max(1, ...scales.map((s) => s ** 3))));
  },
);

Deno.test("rmsNorm: rows before `from`, and from `to` or `n` on, stay as they are", () => {
  const [x, y, scales] = [rows([1, 2, 3, 4], 1), rows([9, 9, 9, 9], 1), new Float64Array(4).fill(8)];
  rmsNormForward(y, scales, x, 1, 3);
  assertEquals([y.data[0], y.data[3], scales[0], scales[3]], [9, 9, 8, 8]);
  assert(y.data[1] !== 9 && y.data[2] !== 9 && scales[1] !== 8 && scales[2] !== 8);
  const dX = rows([7, 7, 7, 7, 7, 7], 2);
  rmsNormBackward(dX, rows([1, 1, 1, 1, 1, 1], 2), rows([2, 0, 2, 0, 2, 0], 2), new Float64Array(3).fill(0.5), 2);
  assertEquals(Array.from(dX.data), [7.25, 7.5, 7.25, 7.5, 7, 7]); // 0.5 - 2 · 0.5³ / 2 · 2, and 0.5
});

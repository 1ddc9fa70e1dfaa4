/**
 * RMSNorm against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals } from "@std/assert";
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

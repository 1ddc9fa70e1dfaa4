import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { attentionFactors, dropoutRows, zeroRows } from "../../../src/engines/array/mod.ts";
import { drop, dropoutAt, dropoutFactor, numberOps } from "../../../src/model/mod.ts";
import { counts, cut, matrix, rows } from "./blocks.ts";
import { law } from "../../property.ts";

const dropouts = fc.record({ rate: fc.constantFrom(0.1, 0.5, 0.9), key: fc.nat() });

law(
  "dropoutRows: the specification's, in the rows that are asked for, also in place",
  [counts.chain((n) => fc.record({ n: fc.constant(n), from: fc.nat(n), to: fc.nat(n), x: matrix(n, 3) })), dropouts],
  ({ n, from, to, x }, dropout) => {
    const expected = cut(x, 0, n, 3).flatMap((row, i) =>
      i >= from && i < to ? drop(numberOps, row, dropoutAt(dropout, i)) : row
    );
    const [y, given] = [rows(x, 3), rows(x, 3)];
    dropoutRows(y, given, dropout, from, to);
    dropoutRows(given, given, dropout, from, to);
    assertEquals([Array.from(y.data), Array.from(given.data)], [expected, expected]);
  },
);

law(
  "attentionFactors: one for each head, query and key that it may look at",
  [counts, counts, fc.nat(2), dropouts],
  (n, nHead, spare, dropout) => {
    const capacity = n + spare;
    const factors = zeroRows(n, nHead * capacity, "float64");
    factors.data.fill(-1);
    attentionFactors(factors, dropout, nHead, 0, n);
    for (let i = 0; i < n; i++) {
      for (let h = 0; h < nHead; h++) {
        for (let t = 0; t < capacity; t++) {
          const expected = t <= i ? dropoutFactor(dropoutAt(dropout, h, i), t) : -1;
          assertEquals(factors.data[(i * nHead + h) * capacity + t], expected);
        }
      }
    }
  },
);

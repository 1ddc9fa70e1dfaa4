/**
 * Embeddings against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { embeddingBackward, embeddingForward, zeroRows } from "../../../src/engines/array/mod.ts";
import { assertClose, counts, cut, matrix, rows, SUMMED, weighed } from "./blocks.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

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
    assertAlmostEquals(dOut.reduce((sum, d, i) => sum + d * out.data[i], 0), value, SUMMED);
    const [dWte, dWpe] = [zeroRows(wte.length / 2, 2, "float64"), zeroRows(n, 2, "float64")];
    embeddingBackward(dWte, dWpe, rows(dOut, 2), tokens, n);
    assertClose([...dWte.data, ...dWpe.data], grads);
  },
);

Deno.test("embedding: rows from `to` on, and from `n` on, stay as they are", () => {
  const [wte, wpe] = [rows([1, 2], 1), rows([10, 20, 30], 1)];
  const out = rows([7, 7, 7], 1);
  embeddingForward(out, wte, wpe, [1, 1, 1], 1, 2);
  assertEquals(Array.from(out.data), [7, 22, 7]);
  const [dWte, dWpe] = [rows([0, 0], 1), rows([0, 0, 0], 1)];
  embeddingBackward(dWte, dWpe, rows([5, 6, 7], 1), [0, 1, 1], 2);
  assertEquals([Array.from(dWte.data), Array.from(dWpe.data)], [[5, 6], [5, 6, 0]]);
});

/**
 * Embeddings against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals } from "@std/assert";
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

/**
 * Cross-entropy against the graph of the same function, over generated shapes and numbers.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { crossEntropyBackward, crossEntropyForward, zeroRows } from "../../../src/engines/array/mod.ts";
import { softmax } from "../../../src/model/mod.ts";
import { assertClose, counts, cut, matrix, REORDERED, rows, weighed } from "./blocks.ts";
import { graphGradient } from "../../gradients.ts";
import { law } from "../../property.ts";

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

Deno.test("cross-entropy: rows from `n` on stay as they are", () => {
  const probabilities = rows([0, 0, 5, 6], 2);
  crossEntropyForward(probabilities, rows([0, 0, 0, 0], 2), [0, 1], 1);
  assertEquals(Array.from(probabilities.data), [0.5, 0.5, 5, 6]);
  crossEntropyBackward(probabilities, [0, 1], 1, 1);
  assertEquals(Array.from(probabilities.data), [-0.5, 0.5, 5, 6]);
});

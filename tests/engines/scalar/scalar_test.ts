import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { finiteDifference, scalarEngine } from "../../../src/engines/mod.ts";
import { documentLoss, numberTransformer } from "../../../src/model/mod.ts";
import { textbookEngine } from "../../textbook.ts";
import { modelsWithTokens } from "../../arbitraries.ts";
import { law } from "../../property.ts";
import { assertSame, dropouts, engineLaws, modelsWithBatch } from "../laws.ts";

/** Sums in another order, of float64 numbers of everyday size. */
const REORDERED = 1e-12;
/** Of the largest gradient, or 1: truncation of central differences, of any model. */
const DIFFERENCES = 1e-5;

law("scalar: the loss is that of plain numbers, to the last bit", [modelsWithTokens], ({ parameters, tokens }) => {
  assertEquals(
    scalarEngine().lossAndGrad(parameters, [tokens]).loss,
    documentLoss(numberTransformer(parameters), tokens),
  );
});

law("scalar: equals the textbook, one object a number", [modelsWithTokens], ({ parameters, tokens }) => {
  assertSame(scalarEngine(), textbookEngine(), { parameters, batch: [tokens] }, REORDERED);
});

law(
  "scalar: with dropout, the gradient of the same loss",
  [modelsWithBatch, dropouts, fc.nat()],
  (example, dropout, n) => {
    const { parameters, batch } = example;
    const index = n % parameters.params.length;
    const slope = finiteDifference(parameters, batch, index, dropout);
    const { grads } = scalarEngine().lossAndGrad(parameters, batch, { dropout });
    if (slope !== undefined) {
      assertAlmostEquals(slope, grads[index], DIFFERENCES * Math.max(1, ...grads.map(Math.abs)));
    }
  },
);

engineLaws("scalar", scalarEngine, modelsWithBatch, REORDERED);

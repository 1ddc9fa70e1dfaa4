import { assertEquals } from "@std/assert";
import { scalarEngine } from "../../../src/engines/mod.ts";
import { documentLoss, numberTransformer } from "../../../src/model/mod.ts";
import { textbookEngine } from "../../textbook.ts";
import { modelsWithTokens } from "../../arbitraries.ts";
import { law } from "../../property.ts";
import { assertSame, engineLaws, modelsWithBatch } from "../laws.ts";

/** Sums in another order, of float64 numbers of everyday size. */
const REORDERED = 1e-12;

law("scalar: the loss is that of plain numbers, to the last bit", [modelsWithTokens], ({ parameters, tokens }) => {
  assertEquals(
    scalarEngine().lossAndGrad(parameters, [tokens]).loss,
    documentLoss(numberTransformer(parameters), tokens),
  );
});

law("scalar: equals the textbook, one object a number", [modelsWithTokens], ({ parameters, tokens }) => {
  assertSame(scalarEngine(), textbookEngine(), { parameters, batch: [tokens] }, REORDERED);
});

engineLaws("scalar", scalarEngine, modelsWithBatch, REORDERED);

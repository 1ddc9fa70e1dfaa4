import { assertSame, modelsWithBatch } from "../laws.ts";
import { law } from "../../property.ts";
import { arrayEngine, simdEngine } from "../../../mod.ts";
law("simd: loss and every gradient are those of the array engine in float32", modelsWithBatch, (example) => {
  assertSame(simdEngine(), arrayEngine("float32"), example, 1e-5);
}, { numRuns: 300 });

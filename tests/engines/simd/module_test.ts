import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { readGradient } from "../../../src/engines/simd/buffers.ts";
import { type Build, compile, kernelBuild } from "../../../src/engines/simd/module.ts";
import { runGradient } from "../../../src/engines/simd/phases.ts";
import { law } from "../../property.ts";
import { scaleOf } from "../laws.ts";
import { examples, filledMemory, FLOAT32 } from "./examples.ts";

/** The build that runs where relaxed SIMD does not. */
function plainBuild(): Build {
  let offered = 0;
  return compile(() => ++offered === 2);
}

law("simd: the plain build computes the same", [examples], (example) => {
  const [plain, relaxed] = [plainBuild(), kernelBuild()].map((build) => {
    const memory = filledMemory(example, { build });
    const loss = runGradient(memory);
    return { loss, grads: readGradient(memory, new Float64Array(example.parameters.params.length)) };
  });
  assertAlmostEquals(plain.loss, relaxed.loss, FLOAT32 * Math.max(1, relaxed.loss));
  const allowed = FLOAT32 * scaleOf(relaxed.grads);
  plain.grads.forEach((g, i) => assertAlmostEquals(g, relaxed.grads[i], allowed));
}, { numRuns: 40 });

Deno.test("simd: where there is no SIMD at all, a sentence says so", () => {
  assertEquals([kernelBuild().name, plainBuild().name], ["relaxed SIMD", "SIMD"]);
  assertThrows(() => compile(() => false), Error, 'the engine "simd" cannot run here');
});

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readGradient } from "../../../src/engines/simd/buffers.ts";
import { type Build, compile, kernelBuild } from "../../../src/engines/simd/module.ts";
import { runGradient } from "../../../src/engines/simd/phases.ts";
import { plainBase64, relaxedBase64 } from "../../../src/engines/simd/wasm.ts";
import { law } from "../../property.ts";
import { scaleOf } from "../laws.ts";
import { examples, filledMemory, FLOAT32 } from "./examples.ts";

/** The build that runs where relaxed SIMD does not. */
function plainBuild(): Build {
  let offered = 0;
  return compile(() => ++offered === 2);
}

/** Whether code has relaxed multiply-adds: SIMD's prefix, and 0x105 as a LEB128 number. */
function usesRelaxed(base64: string): boolean {
  const bytes = Uint8Array.fromBase64(base64);
  return bytes.some((byte, i) => byte === 0xfd && bytes[i + 1] === 0x85 && bytes[i + 2] === 0x02);
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

Deno.test("simd: a build that says that it does not fuse gives the bits of the plain one, one that does others", () => {
  assertEquals(plainBuild().fused, false);
  const gradients = [plainBuild(), kernelBuild()].map((build) =>
    fc.sample(examples, { seed: 1, numRuns: 20 }).flatMap((example) => {
      const memory = filledMemory(example, { build });
      runGradient(memory);
      return [...readGradient(memory, new Float64Array(example.parameters.params.length))];
    })
  );
  assertEquals(gradients[0].some((g, i) => g !== gradients[1][i]), kernelBuild().fused);
});

Deno.test("simd: where there is no SIMD at all, a sentence says so", () => {
  assertEquals([kernelBuild().name, plainBuild().name], ["relaxed SIMD", "SIMD"]);
  assert(usesRelaxed(relaxedBase64) && !usesRelaxed(plainBase64));
  assertThrows(() => compile(() => false), Error, 'the engine "simd" cannot run here');
  const refuse = (): never => {
    throw new TypeError("shared memory is not enabled");
  };
  assertThrows(() => compile(() => true, refuse), Error, "gives WebAssembly no memory that threads share");
});

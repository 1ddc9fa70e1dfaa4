import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parameterCount } from "../../../src/model/mod.ts";
import { readBuffer, readGradient, writeBuffer, writeGradient } from "../../../src/engines/simd/buffers.ts";
import { activeParts } from "../../../src/engines/simd/batch.ts";
import { closeMemory } from "../../../src/engines/simd/awake.ts";
import type { Memory } from "../../../src/engines/simd/memory.ts";
import { type AdamNumbers, runAdam, runGradient, runNorm } from "../../../src/engines/simd/phases.ts";
import { law } from "../../property.ts";
import type { Example } from "../laws.ts";
import { bits, examples, filledMemory } from "./examples.ts";

const ADAM: AdamNumbers = {
  rate: 0.01,
  beta1: 0.85,
  beta2: 0.99,
  rest1: 0.15,
  rest2: 0.01,
  eps: 1e-8,
  decay: 0.001,
  gradScale: 1,
};

/** Examples whose batches several threads share: two documents at least, which begin in different ways. */
const shared = examples.filter(({ batch }) => new Set(batch.map(([, first]) => first)).size > 2);

/** All numbers that Adam keeps, and what it said. */
function afterAdam(memory: Memory, numbers = ADAM) {
  const norm = runNorm(memory);
  const said = runAdam(memory, numbers);
  return { norm, said, bits: bits({ params: copy(memory, "params"), m: copy(memory, "m"), v: copy(memory, "v") }) };
}

const copy = (memory: Memory, name: "params" | "m" | "v"): Float64Array =>
  readBuffer(memory, name, new Float64Array(parameterCount(memory.config)));

const gradientOf = (memory: Memory): Float64Array =>
  readGradient(memory, new Float64Array(parameterCount(memory.config)));

/** What `use` makes of a memory in which moments have been written and a gradient been computed. */
function withGradient<T>(example: Example, threads: number, use: (memory: Memory) => T): T {
  const memory = filledMemory(example, { threads });
  try {
    writeBuffer(memory, "m", example.parameters.params.map((p) => p / 7));
    writeBuffer(memory, "v", example.parameters.params.map((p) => p * p));
    runGradient(memory);
    return use(memory);
  } finally {
    closeMemory(memory);
  }
}

for (const threads of [1, 2, 3]) {
  law(`simd, threads ${threads}: the gradient that is read is the one that Adam works with`, [shared], (example) => {
    withGradient(example, threads, (memory) => {
      if (threads > 1) assert(activeParts(memory) > 1);
      const grads = gradientOf(memory);
      // With beta1 0 the first moment is the gradient; Adam takes what is smaller than 1e-17 for 0.
      runAdam(memory, { ...ADAM, beta1: 0, rest1: 1 });
      assertEquals(copy(memory, "m"), grads.map((g) => Math.abs(g) < 1e-17 ? 0 : g));
    });
  }, { numRuns: 10 });

  law(`simd, threads ${threads}: writing back the gradient that was read changes no bit`, [shared], (example) => {
    const untouched = withGradient(example, threads, (memory) => afterAdam(memory));
    const written = withGradient(example, threads, (memory) => {
      writeGradient(memory, gradientOf(memory));
      return afterAdam(memory);
    });
    assertEquals(written, untouched);
  }, { numRuns: 10 });
}

/** An example with numbers to use as its gradient, -0 among them. */
const replaced = shared.chain((example) => {
  const { length } = example.parameters.params;
  const number = fc.oneof(
    fc.constant(-0),
    fc.float({ noNaN: true, min: -10, max: 10 }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  );
  return fc.array(number, { minLength: 1, maxLength: 30 })
    .map((few) => ({ example, grads: Array.from({ length }, (_, i) => few[i % few.length]) }));
});

law(
  "simd: a gradient that was written is read as it is, and used by any number of threads alike",
  [replaced],
  ({ example, grads }) => {
    const results = [1, 2, 3].map((threads) =>
      withGradient(example, threads, (memory) => {
        writeBuffer(memory, "m", grads.map(() => -0));
        writeGradient(memory, grads);
        const read = gradientOf(memory);
        assertEquals(new Uint8Array(read.buffer), new Uint8Array(Float64Array.from(grads, Math.fround).buffer));
        const { bits } = afterAdam(memory);
        return bits;
      })
    );
    assertEquals(results[1], results[0]);
    assertEquals(results[2], results[0]);
  },
  { numRuns: 10 },
);

law("simd: a gradient that was written leaves nothing of the one before it", [shared], ({ parameters, batch }) => {
  const broken = { parameters: { ...parameters, params: parameters.params.map(() => NaN) }, batch };
  withGradient(broken, 2, (memory) => {
    assert(gradientOf(memory).some(Number.isNaN));
    for (const name of ["params", "m", "v"] as const) writeBuffer(memory, name, parameters.params.map(() => 0));
    writeGradient(memory, parameters.params.map(() => 0.5));
    assert(runAdam(memory, ADAM).finite);
  });
}, { numRuns: 10 });

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type ModelConfig, modelConfig } from "../../../mod.ts";
import { memoryFor, splitBatch } from "../../../src/engines/simd/batch.ts";
import { closeMemory } from "../../../src/engines/simd/awake.ts";
import { createMemory, type Memory } from "../../../src/engines/simd/memory.ts";
import { kernelBuild } from "../../../src/engines/simd/module.ts";
import { runGradient, WORK_ALONE } from "../../../src/engines/simd/phases.ts";
import { filledMemory, someExample, until } from "./examples.ts";

/** What a memory for one long document is refused with. */
function refusal(config: ModelConfig, threads: number): string {
  const document = new Array(config.blockSize + 1).fill(0);
  const split = splitBatch(config, [document], threads);
  return assertThrows(() => memoryFor(kernelBuild(), config, split, threads), RangeError).message;
}

Deno.test("simd: a model that does not fit is refused, with what it needs and what would fit", () => {
  const advice = 'on 1 thread: the engine "simd" has 4096 MB at most; with a block size of 8192 it would fit';
  for (const blockSize of [65_536, 16_384]) {
    assertStringIncludes(refusal(modelConfig(27, { nLayer: 4, nEmbd: 128, blockSize }), 1), advice);
  }
  assertStringIncludes(
    refusal(modelConfig(27, { nLayer: 12, nEmbd: 1152 }), 2),
    'on 2 threads: the engine "simd" has 4096 MB at most; on 1 thread it would fit',
  );
  assertStringIncludes(refusal(modelConfig(27, { nLayer: 12, nEmbd: 1152 }), 64), "on 1 thread it would fit");
});

Deno.test("simd: where memory cannot be allocated, a sentence says how much", () => {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      throw new RangeError("out of memory");
    }
  };
  try {
    const capacity = { threads: 1, documents: 1, positions: 8, tokens: 8, pairs: 36 };
    assertThrows(
      () => createMemory(kernelBuild(), modelConfig(27), capacity),
      RangeError,
      "the model and its batch need 1 MB, which could not be allocated",
    );
  } finally {
    WebAssembly.Memory = Memory;
  }
});

Deno.test("simd: what documents share at their beginnings is computed once", () => {
  const example = someExample(["abc", "abd", "ab", "abcabc", "b", "abc", "ca", "cb"]);
  const memory = filledMemory(example);
  runGradient(memory);
  // The root; a, ab, abc, abca, abcab, abcabc, abd; b; c, ca, cb. The last token of each is only a target.
  const prefixes = new Set(
    example.batch.flatMap((tokens) => tokens.slice(1).map((_, i) => tokens.slice(0, i + 1).join())),
  );
  const nodes = ({ ints, fields }: Memory): number => ints[(fields.parts + fields.nodes) / 4];
  assertEquals([nodes(memory), prefixes.size], [12, 12]);
  // Blocks begin with any token, and those that begin with the same one share it: 0, 0 1, 1, 1 2, 2, 2 0.
  const blocks = filledMemory({ ...example, batch: [[0, 1, 2], [1, 2, 0], [0, 1, 1], [2, 0, 1], [1, 2, 1]] });
  runGradient(blocks);
  assertEquals(nodes(blocks), 6);
});

Deno.test("simd: a worker that exited when idle is restarted, that one alone, and nothing else changes", () => {
  for (const part of [1, 2]) {
    const memory = filledMemory(someExample(["abc", "bcd", "cab", "dab", "eab"]), { threads: 3 });
    try {
      memory.work.done = WORK_ALONE;
      const loss = runGradient(memory);
      const before = [...memory.workers];
      const exited = memory.fields.exited / 4 + part;
      before[part - 1].terminate();
      Atomics.store(memory.ints, exited, 1);
      assertEquals(runGradient(memory), loss);
      assertEquals(Atomics.load(memory.ints, exited), 0);
      assertEquals(memory.workers.map((worker, i) => worker !== before[i]), [part === 1, part === 2]);
    } finally {
      closeMemory(memory);
    }
  }
});

Deno.test("simd: a memory that is closed ends its workers, and is done with none", async () => {
  const memory = filledMemory(someExample(["abc", "bcd", "cab"]), { threads: 3 });
  memory.work.done = WORK_ALONE;
  runGradient(memory);
  const exited = (part: number): number => Atomics.load(memory.ints, memory.fields.exited / 4 + part);
  assertEquals([memory.workers.length, exited(1), exited(2)], [2, 0, 0]);
  closeMemory(memory);
  await until(() => exited(1) + exited(2) === 2);
  closeMemory(filledMemory(someExample(["abc"])));
});

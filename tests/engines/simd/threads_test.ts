/**
 * What several threads compute is decided by the parts of the batch alone: not by who computes them, nor when.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { documentTokens, engine, initTraining, names } from "../../../mod.ts";
import { readGradient } from "../../../src/engines/simd/buffers.ts";
import { closeMemory, type Memory } from "../../../src/engines/simd/memory.ts";
import { runAdam, runGradient, runNorm } from "../../../src/engines/simd/phases.ts";
import { granted } from "../../property.ts";
import { filledMemory } from "./examples.ts";

/** Large enough that a part takes longer than it takes to wake a thread. */
const state = initTraining(names, { nEmbd: 64, nLayer: 2 });
const batch = state.documents.slice(0, 24).map((document) => documentTokens(state.tokenizer, document));
const STEPS = 40;

/** Everything that the phases of some steps return, and the gradient of the last. */
function results(memory: Memory): unknown[] {
  const numbers = { rate: 0.01, unbias2: 1, beta1: 0.85, beta2: 0.99, rest1: 0.15, rest2: 0.01, eps: 1e-8 };
  const found: unknown[] = [];
  for (let t = 0; t < STEPS; t++) {
    found.push(runGradient(memory), runNorm(memory), runAdam(memory, { ...numbers, decay: 0.001, gradScale: 1 }));
  }
  return [...found, readGradient(memory, new Float64Array(state.params.length))];
}

for (const threads of [2, 3, 4]) {
  Deno.test(`simd: ${threads} threads compute what one does on the same parts, to the bit`, () => {
    const example = { parameters: state, batch };
    const alone = filledMemory(example, { threads });
    for (const worker of alone.workers) worker.terminate(); // the main thread then takes every part itself
    const expected = results(alone);
    const shared = filledMemory(example, { threads });
    try {
      assertEquals(results(shared), expected);
    } finally {
      closeMemory(shared);
    }
  });
}

/** A run on threads that must be over in so many milliseconds: a thread that waits for ever would never end a test. */
const LIMIT = 60_000;

Deno.test("simd: no thread waits for ever, however often threads are started", {
  ignore: !granted({ name: "read" }),
}, async () => {
  const program = `
    import { engine, initTraining, names, trainSteps } from "${new URL("../../../mod.ts", import.meta.url).href}";
    const state = initTraining(names, { nEmbd: 32 });
    for (let run = 0; run < 20; run++) {
      const threads = 2 + run % 3;
      for (const step of trainSteps(state, { steps: 30, batch: 1 + run, engine: engine("simd", { threads }) })) {
        if (!Number.isFinite(step.loss)) throw new Error("no loss");
      }
    }
    postMessage("done");
  `;
  const worker = new Worker(`data:application/typescript,${encodeURIComponent(program)}`, { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = await new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("took too long"), LIMIT);
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(event.message);
    };
  });
  clearTimeout(timer);
  worker.terminate();
  assert(ended === "done", ended);
});

Deno.test("simd: a trainer that is disposed of, or whose memory grows, ends its threads", () => {
  const { Worker } = globalThis;
  const open = new Set<Worker>();
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      open.add(this);
    }
    override terminate(): void {
      open.delete(this);
      super.terminate();
    }
  };
  try {
    const trainer = engine("simd", { threads: 3 }).trainer(state);
    trainer.gradient(batch.slice(0, 3));
    assertEquals(open.size, 2);
    trainer.gradient(batch); // more than there was room for: another memory
    assertEquals(open.size, 2);
    trainer.dispose();
    trainer.dispose();
    assertEquals(open.size, 0);
  } finally {
    globalThis.Worker = Worker;
  }
});

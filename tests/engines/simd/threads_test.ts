/**
 * What several threads compute is decided by the parts of the batch alone: not by who computes them, nor when.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { documentTokens, engine, initTraining, names, trainSteps } from "../../../mod.ts";
import { readGradient } from "../../../src/engines/simd/buffers.ts";
import { closeMemory } from "../../../src/engines/simd/awake.ts";
import type { Memory } from "../../../src/engines/simd/memory.ts";
import { adaptiveSharing } from "../../../src/engines/simd/sharing.ts";
import { wordOf } from "../../../src/engines/simd/fields.ts";
import type { Start } from "../../../src/engines/simd/workers.ts";
import { runAdam, runGradient, runNorm, WORK_ALONE } from "../../../src/engines/simd/phases.ts";
import { granted } from "../../property.ts";
import { deno, ROOT } from "../../scripts/task.ts";
import { filledMemory, someExample, until } from "./examples.ts";

/** Large enough that a part takes longer than it takes to wake a thread. */
const state = initTraining(names, { nEmbd: 64, nLayer: 2 });
const batch = state.documents.slice(0, 24).map((document) => documentTokens(state.tokenizer, document));
const STEPS = 40;

/** Everything that the phases of some steps return, and the gradient of the last. */
function results(memory: Memory, shared: boolean): unknown[] {
  const numbers = { rate: 0.01, beta1: 0.85, beta2: 0.99, rest1: 0.15, rest2: 0.01, eps: 1e-8 };
  const found: unknown[] = [];
  for (let t = 0; t < STEPS; t++) {
    found.push(
      runGradient(memory, shared),
      runNorm(memory),
      runAdam(memory, { ...numbers, decay: 0.001, gradScale: 1 }),
    );
  }
  return [...found, readGradient(memory, new Float64Array(state.params.length))];
}

for (const threads of [2, 3, 4]) {
  Deno.test(`simd: ${threads} threads compute what one does on the same parts, to the bit`, () => {
    const example = { parameters: state, batch };
    const expected = results(filledMemory(example, { threads }), false);
    const shared = filledMemory(example, { threads });
    try {
      assertEquals(results(shared, true), expected);
      assertEquals(shared.workers.length, threads - 1);
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
    const state = initTraining(names, { nEmbd: 64 });
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

Deno.test("simd: a trainer that is disposed of, or whose memory grows, ends its threads", async () => {
  const { Worker } = globalThis;
  const started: Start[] = [];
  globalThis.Worker = class extends Worker {
    override postMessage(start: Start): void {
      started.push(start);
      super.postMessage(start);
    }
  };
  /** Workers that have not ended. */
  const running = (): number =>
    started.filter(({ memory, part }) => {
      const ints = new Int32Array(memory.buffer);
      return Atomics.load(ints, ints[wordOf("exited")] / 4 + part) === 0;
    }).length;
  try {
    const trainer = engine("simd", { threads: 3 }).trainer(state);
    trainer.gradient(batch.slice(0, 3));
    assertEquals(started.length, 0); // not worth it yet
    for (let i = 0; i < 20; i++) trainer.gradient(batch.slice(0, 3));
    assertEquals([started.length, running()], [2, 2]);
    for (let i = 0; i < 20; i++) trainer.gradient(batch); // more than there was room for: another memory
    await until(() => running() === 2);
    trainer.dispose();
    trainer.dispose();
    await until(() => running() === 0);
    assertEquals(started.length, 4);
  } finally {
    globalThis.Worker = Worker;
  }
});

Deno.test("simd: of many runs that were begun and dropped, few keep their threads; whichever goes on, has its own", async () => {
  const example = someExample(["abc", "bcd", "cab"]);
  const memories = Array.from({ length: 14 }, () => {
    const memory = filledMemory(example, { threads: 2 });
    memory.work.done = WORK_ALONE;
    return memory;
  });
  const hasGone = ({ ints, fields }: Memory): boolean => Atomics.load(ints, fields.exited / 4 + 1) === 1;
  try {
    const [loss] = memories.map((memory) => runGradient(memory));
    // A worker hears of it when it has started.
    await until(() => memories.filter(hasGone).length >= 6);
    assertEquals(memories.map(hasGone), memories.map((_, i) => i < 6));
    for (let round = 0; round < 3; round++) {
      for (const memory of memories) assertEquals(runGradient(memory), loss);
    }
  } finally {
    memories.forEach(closeMemory);
  }
});

/** After 200 workers: 2 to 5 were measured, and 14 to 16 where workers are terminated. */
const GROWTH_MB = 9;

Deno.test("simd: threads go home for good: a process in which many have started and ended does not grow", {
  ignore: !granted({ name: "run" }, { name: "read" }),
}, () => {
  const program = `
    const room = (name) => import("${new URL("../../../src/engines/simd/", import.meta.url).href}" + name + ".ts");
    const { initTraining } = await import("${new URL("../../../mod.ts", import.meta.url).href}");
    const { memoryFor, splitBatch, writeBatch } = await room("batch");
    const { closeMemory } = await room("awake");
    const { kernelBuild } = await room("module");
    const { runGradient, WORK_ALONE } = await room("phases");
    const { config } = initTraining(["ab", "ba"]);
    const split = splitBatch(config, [[2, 0, 1, 2], [2, 1, 0, 2]], 2);
    let before = 0;
    for (let run = 1; run <= 250; run++) {
      const memory = memoryFor(kernelBuild(), config, split, 2);
      writeBatch(memory, split, () => 1);
      memory.work.done = WORK_ALONE;
      for (let step = 0; step < 3; step++) runGradient(memory);
      if (memory.workers.length !== 1) throw new Error("no worker");
      closeMemory(memory);
      do await new Promise((resolve) => setTimeout(resolve, 1));
      while (Atomics.load(memory.ints, memory.fields.exited / 4 + 1) === 0);
      if (run % 50 === 0) gc();
      if (run === 50) before = Deno.memoryUsage().rss;
    }
    console.log((Deno.memoryUsage().rss - before) / 1e6);
  `;
  const { code, stdout, stderr } = deno(ROOT, "eval", "--v8-flags=--expose-gc", program);
  assertEquals([code, stderr], [0, ""]);
  assert(Number(stdout) < GROWTH_MB, `it grew by ${stdout.trim()} MB`);
});

Deno.test("simd: with a clock, threads that do not pay are left out for a while, and no bit changes", () => {
  let time = 0;
  const pace = { shared: 1, alone: 1 };
  const sharing = adaptiveSharing(() => time);
  const window = (): boolean => {
    const shared = sharing.begin();
    time += 1000 * (shared ? pace.shared : pace.alone);
    sharing.end(1);
    for (let i = 1; i < 3; i++) sharing.end(1);
    return shared;
  };
  const windows = (count: number): number => Array.from({ length: count }, window).filter(Boolean).length;
  pace.shared = 0.6;
  assertEquals([windows(2), windows(1), windows(100)], [2, 0, 100]); // first steps; one window alone; it pays
  pace.shared = 2;
  assertEquals([windows(1), windows(32), windows(1), windows(64), windows(1)], [1, 0, 1, 0, 1]); // rarer and rarer
  pace.shared = 0.6;
  assertEquals([windows(128), windows(50)], [0, 50]);
  const run = (now?: () => number): unknown[] =>
    Array.from(
      trainSteps(state, { steps: 60, batch: 24, engine: engine("simd", { threads: 2, now }) }),
      ({ loss }) => loss,
    );
  let ticks = 0;
  assertEquals(run(() => ticks += 5 + 10 * Math.sin(ticks)), run());
});

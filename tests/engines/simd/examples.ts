/**
 * What the simd engine's laws are tried on.
 *
 * @module
 */

import { assert } from "@std/assert";
import fc from "fast-check";
import { type AdamState, documentTokens, initTraining, type TrainingState, trainSteps } from "../../../mod.ts";
import { memoryFor, splitBatch, writeBatch } from "../../../src/engines/simd/batch.ts";
import { writeBuffer } from "../../../src/engines/simd/buffers.ts";
import type { Memory } from "../../../src/engines/simd/memory.ts";
import { type Build, kernelBuild } from "../../../src/engines/simd/module.ts";
import { prepare } from "../../../src/engines/simd/phases.ts";
import type { Example } from "../laws.ts";

/** Of the largest gradient: sums of float32 numbers, 6e-8 each, in another order. */
export const FLOAT32 = 1e-5;

const letters = fc.constantFrom(..."abcde");
const shapes = fc.record({
  nLayer: fc.integer({ min: 1, max: 3 }),
  nHead: fc.integer({ min: 1, max: 9 }),
  headDim: fc.integer({ min: 1, max: 6 }),
  blockSize: fc.integer({ min: 1, max: 12 }),
});

/** Runs of all shapes: heads in every remainder of 4, widths in every one of 8; documents that share much and little. */
export const runs = fc
  .record({
    shape: shapes,
    documents: fc.array(fc.array(letters, { minLength: 1, maxLength: 14 }).map((l) => l.join("")), {
      minLength: 1,
      maxLength: 20,
    }),
    seed: fc.nat(),
    steps: fc.nat(8),
  })
  .map(({ shape: { headDim, ...shape }, documents, seed, steps }) => ({
    state: initTraining(documents, { ...shape, seed, nEmbd: shape.nHead * headDim }),
    steps,
  }));

/** The state after some steps of the array engine: what training visits. */
function trained(state: TrainingState, steps: number): TrainingState {
  for (const step of trainSteps(state, { steps: 8 })) {
    if (step.t > steps) break;
    state = step.state();
  }
  return state;
}

/** Models that were trained a little, with a batch of all documents. */
export const examples: fc.Arbitrary<Example> = runs.map(({ state, steps }) => {
  const { config, params, tokenizer, documents } = trained(state, steps);
  return {
    parameters: { config, params },
    batch: documents.slice().map((document) => documentTokens(tokenizer, document)),
  };
});

/** All numbers of a state, as bytes: equal means bit for bit. */
export const bits = ({ params, m, v }: AdamState): Uint8Array[] =>
  [params, m, v].map((values) => new Uint8Array(values.slice().buffer));

/** A memory with the parameters and the batch of an example in it, ready for its first phase. */
export function filledMemory(
  { parameters: { config, params }, batch }: Example,
  { build = kernelBuild(), threads = 1 }: { build?: Build; threads?: number } = {},
): Memory {
  const split = splitBatch(config, batch, threads);
  const memory = memoryFor(build, config, split, threads);
  writeBuffer(memory, "params", params);
  prepare(memory);
  writeBatch(memory, split, (positions) => 1 / (positions * batch.length));
  return memory;
}

/** Waits until something holds; no test should have to wait for longer than ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert(holds());
}

/** A model with documents enough for two threads. */
export function someExample(documents: string[]): Example {
  const state = initTraining(documents, { nEmbd: 8 });
  return {
    parameters: state,
    batch: state.documents.slice().map((document) => documentTokens(state.tokenizer, document)),
  };
}

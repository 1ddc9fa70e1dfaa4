/**
 * The simd engine: the array engine's mathematics in WebAssembly SIMD, four float32 numbers at a time, and threads.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { checkRange } from "../../range.ts";
import { type Batch, checkBatch, checkDocuments, type Engine, positionsOf } from "../engine.ts";
import { hasRoom, memoryFor, type Split, splitBatch, writeBatch } from "./batch.ts";
import { readGradient, writeBuffer } from "./buffers.ts";
import type { Memory } from "./memory.ts";
import { type Build, instantiate, kernelBuild, type Products } from "./module.ts";
import { prepare, runGradient, runLoss } from "./phases.ts";
import { simdTrainer } from "./trainer.ts";
import { canShareThreads } from "./workers.ts";

/** How the simd engine is to run. */
export type SimdOptions = {
  /**
   * Threads that share each step of training, 1 to 64; by default 1. Their number decides the order of sums, and so the
   * last bits of a run.
   */
  readonly threads?: number;
  /**
   * A clock, in milliseconds. With one, threads share the steps of a run only while that is faster than one thread alone,
   * which on a busy machine it may not be. No bit of the result depends on it.
   */
  readonly now?: () => number;
  /**
   * Matrix products of a library, such as a BLAS, in place of the kernels' own. They decide the order of sums too, and are
   * part of `build`. By default none.
   */
  readonly products?: Products;
};

/**
 * As many threads may share a step. There may be more than the machine has cores: the number decides the order of sums, and
 * so the bits, wherever a run goes on.
 */
export const MAX_THREADS = 64;

/**
 * A simd engine with memory of its own, which grows to the largest batch seen.
 *
 * In training (`trainer`) parameters and moments stay in that memory, as float32; what the documents of a batch share at
 * their beginnings is computed once; threads share the work. `lossAndGrad` and `totalLoss` run on one thread. Where threads
 * cannot share memory there is one, and `limit` says so.
 *
 * @param options Number of threads.
 * @throws {RangeError} If the number of threads is out of range.
 * @throws {Error} If this JavaScript engine has no WebAssembly SIMD.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { simdEngine } from "@microgpt/microgpt/engines";
 * import { parameterCount } from "@microgpt/microgpt/model";
 *
 * const config = modelConfig(27);
 * const zeros = { config, params: new Float64Array(parameterCount(config)) };
 * assertAlmostEquals(simdEngine().lossAndGrad(zeros, [[26, 4, 26]]).loss, Math.log(27), 1e-6);
 * ```
 */
export function simdEngine({ threads = 1, now, products }: SimdOptions = {}): Engine {
  checkRange("threads", threads, { whole: true, from: 1, to: MAX_THREADS });
  const build: Build = { ...kernelBuild(), ...(products && { products }) };
  const limit = threads === 1 ? undefined : limitOf(products);
  const granted = limit === undefined ? threads : 1;

  let memory: Memory | undefined;
  /** The memory, with room for the batch, for one thread. */
  const memoryWith = (config: ModelConfig, split: Split): Memory => {
    if (memory?.config === config && hasRoom(memory, split)) return memory;
    return memory = memoryFor(build, config, split, 1, memory?.config === config ? memory.capacity : undefined);
  };
  return {
    name: "simd",
    precision: "float32",
    threads: granted,
    build: products === undefined ? build.name : `${build.name}, ${products.name}`,
    fused: build.fused,
    ...(limit !== undefined && { limit }),
    lossAndGrad: ({ config, params }, batch, options = {}) => {
      checkBatch({ config, params }, batch, options);
      const { documents = batch.length, into = new Float64Array(params.length) } = options;
      const split = splitBatch(config, batch, 1);
      const memory = memoryWith(config, split);
      writeBuffer(memory, "params", params);
      prepare(memory);
      writeBatch(memory, split, (positions) => 1 / (positions * documents), options.dropout);
      const loss = runGradient(memory);
      return { loss, grads: readGradient(memory, into) };
    },
    totalLoss: ({ config, params }, documents) => {
      checkDocuments({ config, params }, documents);
      let filled: Memory | undefined;
      let total = 0;
      for (const batch of evaluationBatches(config, documents)) {
        const split = splitBatch(config, batch, 1);
        const memory = memoryWith(config, split);
        if (memory !== filled) {
          writeBuffer(memory, "params", params);
          prepare(memory);
          filled = memory;
        }
        writeBatch(memory, split, () => 1);
        total += runLoss(memory);
      }
      return total;
    },
    trainer: (state) => simdTrainer(build, granted, state, now),
  };
}

/** Why there cannot be several threads, if there cannot. */
function limitOf(products: Products | undefined): string | undefined {
  if (!canShareThreads()) return "threads cannot share memory here";
  return products !== undefined && products.module === undefined ? `${products.name} runs on one` : undefined;
}

/** Positions evaluated at once: enough to run at full speed, few enough to stay in the cache. */
const EVALUATED_POSITIONS = 1024;

/** The documents in their order, in batches of about that many positions. */
function* evaluationBatches(config: ModelConfig, documents: Batch): Generator<Batch> {
  let first = 0;
  let positions = 0;
  for (let d = 0; d < documents.length; d++) {
    positions += positionsOf(config, documents[d]);
    if (positions < EVALUATED_POSITIONS && d + 1 < documents.length) continue;
    yield documents.slice(first, d + 1);
    first = d + 1;
    positions = 0;
  }
}

/**
 * How many float32 multiply-adds a second one core can do, in GFLOP/s (a multiply-add counts 2): the ceiling that
 * training is measured against.
 *
 * @param now A clock, in milliseconds.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { multiplyAddCeiling } from "@microgpt/microgpt/engines";
 *
 * assert(multiplyAddCeiling(() => performance.now()) > 0);
 * ```
 */
export function multiplyAddCeiling(now: () => number): number {
  const { multiplyAdds } = instantiate(kernelBuild(), new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  const rounds = 20_000;
  const gigaflop = rounds * 12 * 4 * 2 / 1e9;
  const seconds = Array.from({ length: 300 }, () => {
    const start = now();
    multiplyAdds(rounds);
    return (now() - start) / 1000;
  });
  // The first rounds run before the code is compiled well.
  return gigaflop / seconds.slice(100).sort((a, b) => a - b)[100];
}

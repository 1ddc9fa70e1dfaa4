/**
 * The simd engine: the array engine's mathematics in WebAssembly SIMD, four float32 numbers at a time, and threads.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { checkParameters } from "../../model/parameters.ts";
import { inRange } from "../../range.ts";
import { clipScale } from "../clip.ts";
import { type Batch, checkDocuments, checkWork, type Engine, positionsOf, type Stepper } from "../engine.ts";
import {
  closeCore,
  type Core,
  coreFor,
  hasRoom,
  prepare,
  readBuffer,
  runAdam,
  runGradient,
  runLoss,
  runNorm,
  type Split,
  splitBatch,
  writeBatch,
  writeBuffer,
} from "./core.ts";
import { type Build, instantiate, kernelBuild } from "./module.ts";
import { canShareThreads } from "./workers.ts";

/**
 * How the simd engine is to run.
 *
 * @example
 * ```ts
 * import { simdEngine, type SimdOptions } from "@microgpt/microgpt";
 *
 * const options: SimdOptions = { threads: 2 };
 * const engine = simdEngine(options);
 * ```
 */
export type SimdOptions = {
  /**
   * Threads that share each step of training, 1 to 64; by default 1. Their number decides the order of sums, and so the
   * last bits of a run.
   */
  readonly threads?: number;
};

/**
 * A simd engine with memory of its own, which grows to the largest batch seen.
 *
 * In training (`stepper`) parameters and moments stay in that memory, as float32; what begins alike in the documents of a
 * batch is computed once; threads share the work. `lossAndGrad` runs on one thread. Where threads cannot share memory it
 * runs on one, and `about` says so.
 *
 * @throws {RangeError} If the number of threads is out of range.
 * @throws {Error} If there is no WebAssembly SIMD here.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { modelConfig, parameterCount, simdEngine } from "@microgpt/microgpt";
 *
 * const config = modelConfig(27);
 * const zeros = { config, params: new Float64Array(parameterCount(config)) };
 * assertAlmostEquals(simdEngine().lossAndGrad(zeros, [[26, 4, 26]]).loss, Math.log(27), 1e-6);
 * ```
 */
export function simdEngine({ threads = 1 }: SimdOptions = {}): Engine {
  inRange("threads", threads, { whole: true, from: 1, to: 64 });
  const build = kernelBuild();
  const shared = threads === 1 || canShareThreads();
  const granted = shared ? threads : 1;
  const counted = granted === 1 ? "1 thread" : `${granted} threads`;

  let core: Core | undefined;
  /** The memory, with room for the batch, for one thread. */
  const coreWith = (config: ModelConfig, split: Split): Core => {
    if (core?.config === config && hasRoom(core, split)) return core;
    return core = coreFor(build, config, split, 1, core?.config === config ? core.capacity : undefined);
  };
  return {
    name: "simd",
    about: `float32, ${build.name}, ${counted}${shared ? "" : ": threads cannot share memory here"}`,
    lossAndGrad: ({ config, params }, batch, into = new Float64Array(params.length)) => {
      checkWork({ config, params }, batch, into);
      const split = splitBatch(config, batch, 1);
      const core = coreWith(config, split);
      writeBuffer(core, "params", params);
      prepare(core);
      writeBatch(core, split);
      const loss = runGradient(core);
      return { loss, grads: readBuffer(core, "grads", into) };
    },
    totalLoss: ({ config, params }, documents) => {
      checkDocuments({ config, params }, documents);
      let filled: Core | undefined;
      let total = 0;
      for (const batch of evaluationBatches(config, documents)) {
        const split = splitBatch(config, batch, 1);
        const core = coreWith(config, split);
        if (core !== filled) {
          writeBuffer(core, "params", params);
          prepare(core);
          filled = core;
        }
        writeBatch(core, split, "by position");
        total += runLoss(core);
      }
      return total;
    },
    stepper: (state) => createStepper(build, granted, state),
  };
}

/** Positions that are evaluated at once: enough to work at full speed, few enough to stay in the cache. */
const EVALUATED_POSITIONS = 1024;

/** Documents in their order, so many at a time. */
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

function createStepper(build: Build, threads: number, state: Parameters<NonNullable<Engine["stepper"]>>[0]): Stepper {
  const { config } = state;
  for (const params of [state.params, state.m, state.v]) checkParameters({ config, params });
  let core: Core | undefined;
  let closed = false;

  /** The memory, with room for the batch; if it is a new one, the numbers move there. */
  const coreWith = (batch: Batch): Core => {
    const split = splitBatch(config, batch, threads);
    if (core === undefined || !hasRoom(core, split)) {
      const numbers = read();
      const larger = coreFor(build, config, split, threads, core?.capacity);
      if (core) closeCore(core);
      for (const name of ["params", "m", "v"] as const) writeBuffer(larger, name, numbers[name]);
      prepare(larger);
      core = larger;
    }
    writeBatch(core, split);
    return core;
  };

  const read = (): ReturnType<Stepper["read"]> => {
    const copy = (name: "params" | "m" | "v"): Float64Array =>
      core === undefined ? state[name].slice() : readBuffer(core, name, new Float64Array(state.params.length));
    return { params: copy("params"), m: copy("m"), v: copy("v") };
  };

  return {
    step: (batch, t, { learningRate, beta1, beta2, eps, weightDecay, clipNorm }) => {
      if (closed) throw new Error("the stepper is closed: it takes no more steps");
      checkWork(state, batch);
      const core = coreWith(batch);
      const loss = runGradient(core);
      if (!Number.isFinite(loss)) return { loss, gradNorm: NaN, finite: true };
      const unclipped = clipNorm > 0 ? runNorm(core) : undefined;
      const { norm, finite } = runAdam(core, {
        rate: learningRate / (1 - beta1 ** t),
        unbias2: 1 / (1 - beta2 ** t),
        beta1,
        beta2,
        rest1: 1 - beta1,
        rest2: 1 - beta2,
        eps,
        decay: learningRate * weightDecay,
        gradScale: unclipped === undefined ? 1 : clipScale(unclipped, clipNorm),
      });
      return { loss, gradNorm: unclipped ?? norm, finite: finite && Number.isFinite(unclipped ?? norm) };
    },
    read,
    close: () => {
      if (core && !closed) closeCore(core);
      closed = true;
    },
  };
}

/**
 * How many float32 multiply-adds a second one core can do, in GFLOP/s (a multiply-add counts 2): the ceiling that
 * training is measured against.
 *
 * @param now A clock, in milliseconds.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { multiplyAddCeiling } from "@microgpt/microgpt";
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

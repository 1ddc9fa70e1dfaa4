/**
 * Training on the simd engine: parameters and moments stay in its memory, as float32, from step to step.
 *
 * @module
 */

import { adamNumbers, type AdamState } from "../../optim/adam.ts";
import { CLIP_RANGES, clipScale } from "../../optim/clip.ts";
import type { StepDropout } from "../../model/dropout.ts";
import { checkRange } from "../../range.ts";
import { type Batch, checkBatch, type TrainableParameters, type Trainer } from "../engine.ts";
import { checkGradient, checkState } from "../trainer.ts";
import { hasRoom, memoryFor, splitBatch, writeBatch } from "./batch.ts";
import { readBuffer, readGradient, wholeGradient, writeBuffer, writeGradient } from "./buffers.ts";
import { closeMemory } from "./awake.ts";
import type { Memory } from "./memory.ts";
import type { Build } from "./module.ts";
import { adaptiveSharing, ALWAYS } from "./sharing.ts";
import { prepare, runAdam, runGradient, runNorm } from "./phases.ts";

/** A trainer on some threads that begins at a state. With a clock, threads share steps only while that pays. */
export function simdTrainer(
  build: Build,
  threads: number,
  initial: TrainableParameters,
  now?: () => number,
): Trainer {
  const { config, params: { length } } = initial;
  checkState(initial);
  const sharing = threads > 1 && now !== undefined ? adaptiveSharing(now) : ALWAYS;
  let positions = 0;
  let memory: Memory | undefined;
  let disposed = false;

  const state = (): AdamState => {
    const copy = (name: keyof AdamState): Float64Array =>
      memory === undefined ? initial[name].slice() : readBuffer(memory, name, new Float64Array(length));
    return { params: copy("params"), m: copy("m"), v: copy("v") };
  };

  /** The memory with the batch in it. A batch too large for it gets a larger one, to which the numbers move. */
  const memoryWith = (batch: Batch, documents: number, dropout?: StepDropout): Memory => {
    if (disposed) throw new Error("the trainer has been disposed of and takes no more steps");
    const split = splitBatch(config, batch, threads);
    positions = split.positions;
    if (memory === undefined || !hasRoom(memory, split)) {
      const numbers = state();
      const larger = memoryFor(build, config, split, threads, memory?.capacity);
      if (memory) closeMemory(memory);
      for (const name of ["params", "m", "v"] as const) writeBuffer(larger, name, numbers[name]);
      prepare(larger);
      memory = larger;
    }
    writeBatch(memory, split, (positions) => 1 / (positions * documents), dropout);
    return memory;
  };
  /** The memory, also before the first batch. */
  const memoryNow = (): Memory => disposed || memory === undefined ? memoryWith([[0, 0]], 1) : memory;

  return {
    gradient: (batch, documents = batch.length, dropout) => {
      checkBatch(initial, batch, { documents, dropout });
      const shared = sharing.begin();
      return runGradient(memoryWith(batch, documents, dropout), shared);
    },
    readGradient: () =>
      memory === undefined ? new Float64Array(length) : readGradient(memory, new Float64Array(length)),
    writeGradient: (grads) => {
      checkGradient(grads, length);
      writeGradient(memoryNow(), grads);
    },
    reduceGradient: (sum) => sum(wholeGradient(memoryNow())),
    update: (t, { clipNorm = 0, ...options } = {}) => {
      checkRange("clipNorm", clipNorm, CLIP_RANGES.clipNorm);
      const { learningRate, beta1, beta2, eps, weightDecay, unbias2 } = adamNumbers(t, options);
      const memory = memoryNow();
      const unclipped = clipNorm > 0 ? runNorm(memory) : undefined;
      const { norm, finite } = runAdam(memory, {
        rate: learningRate / (1 - beta1 ** t) / Math.sqrt(unbias2),
        beta1,
        beta2,
        rest1: 1 - beta1,
        rest2: 1 - beta2,
        eps: eps / Math.sqrt(unbias2),
        decay: learningRate * weightDecay,
        gradScale: unclipped === undefined ? 1 : clipScale(unclipped, clipNorm),
      });
      sharing.end(positions);
      const gradNorm = unclipped ?? norm;
      return { gradNorm, finite: finite && Number.isFinite(gradNorm) };
    },
    state,
    dispose: () => {
      if (memory && !disposed) closeMemory(memory);
      disposed = true;
    },
  };
}

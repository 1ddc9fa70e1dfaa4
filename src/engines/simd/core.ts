/**
 * A model in the memory of the simd engine, with the kernels that work on it.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { type Batch, positionsOf } from "../engine.ts";
import { type Capacity, forEachPlace, memoryLayout, wordOf, writeTable } from "./layout.ts";
import { type Build, instantiate, type Kernels } from "./module.ts";
import { startWorker } from "./workers.ts";

/** Phases of a step; see assembly/threads.ts. */
const GRADIENT = 0;
const ADAM = 1;
const STOP = 2;
const LOSS = 3;
const NORM = 4;

const PAGE = 65536;
/** 4 GB: what a 32-bit address can reach. */
const MAX_PAGES = 65536;
/** What padding adds to a logit. */
const NEVER = -1e30;

/** Buffers of all parameters that the memory holds, by their name in the layout. */
type BufferName = "params" | "m" | "v" | "grads";

/** The memory with its views; all of it is written in place. */
export type Core = {
  readonly config: ModelConfig;
  readonly capacity: Capacity;
  readonly fields: Readonly<Record<string, number>>;
  readonly kernels: Kernels;
  readonly ints: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /** The workers of parts 1 and up; part 0 is the caller's own. */
  readonly workers: Worker[];
  /** Starts the worker of a part. */
  readonly hire: (part: number) => Worker;
};

/**
 * A new memory, with workers if there is more than one thread; the parameters are zeros.
 *
 * @throws {RangeError} If the model with its batch does not fit.
 */
export function createCore(build: Build, config: ModelConfig, capacity: Capacity): Core {
  const layout = memoryLayout(config, capacity);
  const memory = allocate(layout.bytes);
  const ints = new Int32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const mask = layout.fields.vocabMask / 4;
  writeTable(layout, ints);
  floats.fill(NEVER, mask + config.vocabSize, mask + layout.fields.vocabWidth);
  const hire = (part: number): Worker => startWorker({ module: build.module, memory, part });
  return {
    config,
    capacity,
    fields: layout.fields,
    kernels: instantiate(build, memory),
    ints,
    floats,
    doubles: new Float64Array(memory.buffer),
    hire,
    workers: Array.from({ length: capacity.threads - 1 }, (_, i) => hire(i + 1)), // last: they read the table at once
  };
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  const megabytes = Math.ceil(bytes / 2 ** 20);
  if (pages > MAX_PAGES) {
    throw new RangeError(
      `the model and its batch need ${megabytes} MB: the engine "simd" has 4096 MB at most; ` +
        "use a smaller batch or block size, or another engine",
    );
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    throw new RangeError(`the model and its batch need ${megabytes} MB, which are not to be had`);
  }
}

/** Fills a buffer with numbers in the order of the flat buffer of parameters. */
export function writeBuffer({ config, fields, floats }: Core, name: BufferName, values: Float64Array): void {
  const start = fields[name] / 4;
  forEachPlace(config, (i, place) => {
    floats[start + place] = values[i];
  });
}

/** A buffer in the order of the flat buffer of parameters. */
export function readBuffer({ config, fields, floats }: Core, name: BufferName, into: Float64Array): Float64Array {
  const start = fields[name] / 4;
  forEachPlace(config, (i, place) => {
    into[i] = floats[start + place];
  });
  return into;
}

/** What a batch needs when it is split into parts. */
export type Split = {
  /** The documents in the order of the parts. */
  readonly order: Batch;
  /** Index of the first document of each part that has one; there may be fewer than threads. */
  readonly first: readonly number[];
  /** The most positions that a part has, and pairs of positions that attention looks at. */
  readonly tokens: number;
  readonly pairs: number;
};

/**
 * The documents of a batch in as many parts as there are threads, about equally long. Those that begin with the same token
 * stay together, since a part computes what its documents share only once.
 */
export function splitBatch(config: ModelConfig, batch: Batch, threads: number): Split {
  const order = threads === 1 ? batch : batch.toSorted((a, b) => a[1] - b[1]);
  let total = 0;
  for (let d = 0; d < order.length; d++) total += positionsOf(config, order[d]);
  const first: number[] = [];
  let before = 0;
  let part = -1;
  let tokens = 0;
  let pairs = 0;
  let partTokens = 0;
  let partPairs = 0;
  for (let d = 0; d < order.length; d++) {
    const n = positionsOf(config, order[d]);
    // A document goes to the part in which its middle lies; parts without one are left out.
    const own = Math.floor((before + n / 2) * threads / total);
    if (own !== part) {
      part = own;
      first.push(d);
      partTokens = partPairs = 0;
    }
    before += n;
    partTokens += n;
    partPairs += n * (n + 1) / 2;
    tokens = Math.max(tokens, partTokens);
    pairs = Math.max(pairs, partPairs);
  }
  return { order, first, tokens, pairs };
}

/** Whether a core has room for a batch. */
export function hasRoom({ capacity }: Core, split: Split): boolean {
  return split.order.length <= capacity.documents && split.tokens <= capacity.tokens &&
    split.pairs <= capacity.pairs;
}

/** A core with room for a batch and, if that fits, for others like it. */
export function coreFor(build: Build, config: ModelConfig, split: Split, threads: number, old?: Capacity): Core {
  const roomy = capacityFor(split, threads, old);
  const { order, tokens, pairs } = split;
  const exact = { threads, documents: order.length, tokens, pairs };
  return createCore(build, config, memoryLayout(config, roomy).bytes > MAX_PAGES * PAGE ? exact : roomy);
}

/** A capacity for a batch and for others like it. */
export function capacityFor(split: Split, threads: number, old?: Capacity): Capacity {
  const enough = (needed: number, had = 0): number => needed <= had ? had : Math.ceil(1.5 * needed);
  return {
    threads,
    documents: Math.max(split.order.length, old?.documents ?? 0),
    tokens: enough(split.tokens, old?.tokens),
    pairs: enough(split.pairs, old?.pairs),
  };
}

/** How much a document of `n` positions weighs in the loss: as much as each other, or as many times as it has positions. */
export type Weighing = "by document" | "by position";

/** Writes a batch where the kernels read it. */
export function writeBatch(
  { config, fields, ints, floats }: Core,
  { order, first }: Split,
  weighing: Weighing = "by document",
): void {
  const base = fields.tokens / 4;
  const start = fields.documentStart / 4;
  const length = fields.documentLength / 4;
  const weight = fields.documentWeight / 4;
  let token = base;
  for (let d = 0; d < order.length; d++) {
    const tokens = order[d];
    const n = positionsOf(config, tokens);
    ints[start + d] = token - base;
    ints[length + d] = n;
    floats[weight + d] = weighing === "by position" ? 1 : 1 / (n * order.length);
    for (let i = 0; i <= n; i++) ints[token++] = tokens[i];
  }
  ints[ACTIVE] = first.length;
  for (let p = 0; p < first.length; p++) ints[fields.partFirst / 4 + p] = first[p];
  ints[fields.partFirst / 4 + first.length] = order.length;
}

const ACTIVE = wordOf("active");

/** Makes the weights as the forward pass reads them, after parameters were written. */
export function prepare({ kernels }: Core): void {
  kernels.prepare();
}

/** Hires workers anew who went home because nothing was to be done for seconds. */
function callBack({ ints, fields, workers, hire }: Core): void {
  for (let i = 0; i < workers.length; i++) {
    const gone = fields.gone / 4 + i + 1;
    if (Atomics.load(ints, gone) === 0) continue;
    Atomics.store(ints, gone, 0);
    workers[i] = hire(i + 1);
  }
}

/** Computes the gradient of the batch that was written, in one buffer a part, and returns the loss. */
export function runGradient(core: Core): number {
  callBack(core);
  core.kernels.runPhase(GRADIENT);
  return sumOfParts(core, "losses");
}

/** The loss of the batch that was written: the forward pass alone. */
export function runLoss(core: Core): number {
  callBack(core);
  core.kernels.runPhase(LOSS);
  return sumOfParts(core, "losses");
}

/** The sum of a result of all parts, in their order. */
function sumOfParts({ doubles, fields, capacity: { threads } }: Core, result: "losses" | "squares"): number {
  let sum = 0;
  for (let p = 0; p < threads; p++) sum += doubles[fields[result] / 8 + p];
  return sum;
}

/** The norm of the gradient of all parts together. */
export function runNorm(core: Core): number {
  core.kernels.runPhase(NORM);
  return Math.sqrt(sumOfParts(core, "squares"));
}

/** Adam's numbers at one step, bias correction included. */
export type AdamNumbers = {
  readonly rate: number;
  readonly unbias2: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly rest1: number;
  readonly rest2: number;
  readonly eps: number;
  readonly decay: number;
  readonly gradScale: number;
};

const NUMBERS = (["rate", "unbias2", "beta1", "beta2", "rest1", "rest2", "eps", "decay", "gradScale"] as const)
  .map((name) => [name, wordOf(name)] as const);

/**
 * One step of Adam from the gradients of all parts. Returns the norm of the gradient that it worked with, and whether all
 * parameters are finite.
 */
export function runAdam(core: Core, numbers: AdamNumbers): { norm: number; finite: boolean } {
  const { kernels, ints, floats, fields, capacity: { threads } } = core;
  for (const [name, word] of NUMBERS) floats[word] = numbers[name];
  kernels.runPhase(ADAM);
  let bad = 0;
  for (let p = 0; p < threads; p++) bad |= ints[fields.notFinite / 4 + p];
  return { norm: Math.sqrt(sumOfParts(core, "squares")), finite: bad === 0 };
}

/** Ends the workers. */
export function closeCore({ kernels, workers }: Core): void {
  if (workers.length === 0) return;
  kernels.runPhase(STOP);
  for (const worker of workers) worker.terminate();
}

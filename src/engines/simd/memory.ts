/**
 * The memory of the simd engine: one model with room for a batch, the kernels that work on it, and their workers.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { type Capacity, type Layout, memoryLayout, writeTable } from "./layout.ts";
import { type Build, instantiate, type Kernels } from "./module.ts";
import { placesOf } from "./places.ts";
import { startWorker } from "./workers.ts";

const PAGE = 65536;
/** What a 32-bit address can reach. */
export const MAX_BYTES = 2 ** 32;
/** What padding adds to a logit. */
const NEVER = -1e30;

/** The memory with its views, which are written in place. */
export type Memory = {
  readonly config: ModelConfig;
  readonly capacity: Capacity;
  readonly fields: Layout["fields"];
  /** Where a buffer of the memory holds each parameter of the flat buffer. */
  readonly places: Readonly<Int32Array>;
  readonly kernels: Kernels;
  readonly ints: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  /** The workers of parts 1 and up, once they have been started; part 0 is the caller's own. */
  readonly workers: Worker[];
  /** How much has been computed so far: positions times parameters. */
  readonly work: { done: number };
  /** Starts the worker of a part. */
  readonly startWorker: (part: number) => Worker;
};

/**
 * A new memory, whose workers start when it has been in use for a while. All parameters are 0.
 *
 * @throws {RangeError} If that much cannot be allocated.
 */
export function createMemory(build: Build, config: ModelConfig, capacity: Capacity): Memory {
  const layout = memoryLayout(config, capacity, build.products !== undefined);
  const memory = allocate(layout.bytes);
  const ints = new Int32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const mask = layout.fields.vocabMask / 4;
  writeTable(layout, ints);
  floats.fill(NEVER, mask + config.vocabSize, mask + layout.fields.vocabWidth);
  return {
    config,
    capacity,
    fields: layout.fields,
    places: placesOf(config, build.products !== undefined),
    kernels: instantiate(build, memory),
    ints,
    floats,
    doubles: new Float64Array(memory.buffer),
    startWorker: (part) => startWorker({ module: build.module, memory, part, products: build.products?.module }),
    workers: [],
    work: { done: 0 },
  };
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  const megabytes = Math.ceil(bytes / 2 ** 20);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    throw new RangeError(`the model and its batch need ${megabytes} MB, which could not be allocated`);
  }
}

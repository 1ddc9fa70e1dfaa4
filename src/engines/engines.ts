/**
 * The one table of engines.
 *
 * @module
 */

import { arrayEngine } from "./array/array.ts";
import type { Engine } from "./engine.ts";
import { settingError } from "../range.ts";
import { scalarEngine } from "./scalar/scalar.ts";
import type { Products } from "./simd/module.ts";
import { simdEngine } from "./simd/simd.ts";

/** What an engine runs on. */
export type EngineOptions = {
  /** Threads that share each step of training, 1 to 64; by default 1. Only simd can have more. */
  readonly threads?: number;
  /** A clock, in milliseconds, with which simd's threads share steps only while that pays; see `SimdOptions`. */
  readonly now?: () => number;
  /** Matrix products of a library for simd; see `SimdOptions`. */
  readonly products?: Products;
};

/** The names of the engines. */
export type EngineName = "scalar" | "array" | "simd";

const ENGINES: Readonly<Record<EngineName, (options: EngineOptions) => Engine>> = {
  scalar: (options) => single("scalar", options, scalarEngine),
  array: (options) => single("array", options, () => arrayEngine()),
  simd: simdEngine,
};

/** An engine that has no threads to share its work. */
function single(name: EngineName, { threads = 1 }: EngineOptions, create: () => Engine): Engine {
  if (threads !== 1) {
    throw settingError((nameOf) =>
      `${nameOf("threads")} ${threads} cannot be used with the engine "${name}": it has 1; "simd" can have more`
    );
  }
  return create();
}

/** The names of the engines, from the plainest to the fastest. */
export const ENGINE_NAMES: readonly EngineName[] = Object.keys(ENGINES) as EngineName[];

/**
 * A new engine, with working memory of its own.
 *
 * @param name `"scalar"`: every number a node in a graph. `"array"`: the derivatives worked out by hand, float64.
 * `"simd"`: the same in WebAssembly SIMD, float32.
 * @param options What it runs on.
 * @throws {RangeError} If there is no such engine, or it cannot have so many threads.
 * @throws {Error} If simd cannot run here.
 * @example
 * ```ts
 * import { engine, modelConfig } from "@microgpt/microgpt";
 * import { parameterCount } from "@microgpt/microgpt/model";
 *
 * const config = modelConfig(27);
 * const params = new Float64Array(parameterCount(config)).fill(0.1);
 * const { loss, grads } = engine("array").lossAndGrad({ config, params }, [[26, 0, 1, 26]]);
 * ```
 */
export function engine(name: EngineName, options: EngineOptions = {}): Engine {
  if (!Object.hasOwn(ENGINES, name)) {
    throw settingError((nameOf) =>
      `${nameOf("engine")} "${name}" does not exist: it must be one of ${ENGINE_NAMES.join(", ")}`
    );
  }
  return ENGINES[name](options);
}

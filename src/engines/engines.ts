/**
 * The one table of engines.
 *
 * @module
 */

import type { Engine } from "./engine.ts";
import { arrayEngine } from "./array/array.ts";
import { scalarEngine } from "./scalar/scalar.ts";

/**
 * The names of the engines.
 *
 * @example
 * ```ts
 * import type { EngineName } from "@microgpt/microgpt";
 *
 * const name: EngineName = "scalar";
 * ```
 */
export type EngineName = "scalar" | "array";

const ENGINES: Readonly<Record<EngineName, () => Engine>> = { scalar: scalarEngine, array: arrayEngine };

/**
 * The names of the engines, from the plainest to the fastest.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { ENGINE_NAMES } from "@microgpt/microgpt";
 *
 * assert(ENGINE_NAMES.includes("array"));
 * ```
 */
export const ENGINE_NAMES: readonly EngineName[] = Object.keys(ENGINES) as EngineName[];

/**
 * A new engine, with working memory of its own.
 *
 * @param name `"scalar"`: every number a node in a graph. `"array"`: the derivatives worked out by hand.
 * @throws {RangeError} If there is no such engine.
 * @example
 * ```ts
 * import { engine, modelConfig, parameterCount } from "@microgpt/microgpt";
 *
 * const config = modelConfig(27);
 * const params = new Float64Array(parameterCount(config)).fill(0.1);
 * const { loss, grads } = engine("scalar").lossAndGrad({ config, params }, [[26, 0, 1, 26]]);
 * ```
 */
export function engine(name: EngineName): Engine {
  if (!Object.hasOwn(ENGINES, name)) {
    throw new RangeError(`engine "${name}" does not exist: it must be one of ${ENGINE_NAMES.join(", ")}`);
  }
  return ENGINES[name]();
}

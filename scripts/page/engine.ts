/**
 * What a browser can compute with.
 *
 * @module
 */

import { engine, type EngineName } from "../../mod.ts";

/** The fastest engine that runs here: simd needs WebAssembly's vectors, and memory that could be shared. */
export function fastestEngine(): EngineName {
  try {
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return engine("simd").name as EngineName;
  } catch {
    return "array";
  }
}

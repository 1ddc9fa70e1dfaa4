/**
 * Whose matrix products compute a run with `--blas`.
 *
 * @module
 */

import { type ModelConfig, modelConfig } from "../../mod.ts";
import { type Products, simdEngine } from "../../src/engines/mod.ts";
import { parameterCount } from "../../src/model/mod.ts";
import { blasProducts } from "./blas.ts";
import { ANY_BLAS } from "./flags.ts";
import type { Run } from "./run.ts";
import { tell } from "../cli/printable.ts";

/**
 * The products of a BLAS for a run: for one that goes on, what it had; for a new one, the BLAS where it is faster than the
 * engine's own kernels.
 *
 * @param named What `--blas` names.
 */
export function productsFor({ state: { config }, engine, before }: Run, named: string): Products | undefined {
  if (engine.name !== "simd") {
    throw new RangeError(`--blas cannot be used with the engine ${engine.name}: it needs --engine simd`);
  }
  const products = blasProducts(named === ANY_BLAS ? undefined : named);
  if (before?.build?.endsWith(products.name)) return products;
  if (isFaster(products, config)) return products;
  tell(`note: at this size the engine's own kernels are faster than ${products.name}, and compute the run`);
  return undefined;
}

/** Positions of the documents that are timed together, about: those that the engine computes at once. */
const TIMED_POSITIONS = 512;
const TIMES = 7;

/** Whether the products of a library make a layer of a model faster. */
function isFaster(products: Products, config: ModelConfig): boolean {
  const { nEmbd, nHead } = config;
  const layer = modelConfig(8, { nLayer: 1, nEmbd, nHead, blockSize: 16 });
  const params = new Float64Array(parameterCount(layer)).fill(0.01);
  // Documents that begin in different ways, so that none shares what another computes.
  const batch = Array.from(
    { length: TIMED_POSITIONS / 16 },
    (_, d) => Array.from({ length: 17 }, (_, i) => (d >> (i % 5)) & 7),
  );
  const engines = [simdEngine(), simdEngine({ products })];
  const times = engines.map(() => [] as number[]);
  for (let i = 0; i < TIMES; i++) {
    engines.forEach((engine, e) => {
      const start = performance.now();
      engine.lossAndGrad({ config: layer, params }, batch);
      times[e].push(performance.now() - start);
    });
  }
  const [own, library] = times.map((each) => Math.min(...each));
  return library < own;
}

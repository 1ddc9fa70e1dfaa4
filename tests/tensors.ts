/**
 * The tensors of a model by their names, for tests that change one number or one row.
 *
 * @module
 */

import type { Parameters } from "../mod.ts";
import { parameterLayout } from "../src/model/mod.ts";

/** The rows of a tensor. They are views: what is written into them is written into the parameters. */
export function tensorOf({ config, params }: Parameters, tensor: string): Float64Array[] {
  const { rows, columns, offset } = parameterLayout(config).find(({ name }) => name === tensor)!;
  return Array.from({ length: rows }, (_, i) => params.subarray(offset + i * columns, offset + (i + 1) * columns));
}

/** The same model, whose parameters can be written without changing the one given. */
export function copyOf<M extends Parameters>(model: M): M {
  return { ...model, params: model.params.slice() };
}

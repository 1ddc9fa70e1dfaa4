/**
 * Matrix products as plain as can be, in place of a library's. Workers load this file too.
 *
 * @module
 */

import type { Product, Products } from "../../../src/engines/mod.ts";

/** The products on a memory, each number rounded to float32 once. */
export function productsOn(memory: WebAssembly.Memory): Product {
  const floats = new Float32Array(memory.buffer);
  return (way, c, cStride, a, aStride, b, bStride, rows, columns, inner) => {
    const at = (matrix: number, stride: number, r: number, k: number): number => floats[(matrix + r * stride) / 4 + k];
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < columns; k++) {
        let sum = way === 2 ? at(c, cStride, r, k) : 0;
        for (let i = 0; i < inner; i++) {
          const left = way === 2 ? at(a, aStride, i, r) : at(a, aStride, r, i);
          sum += left * (way === 0 ? at(b, bStride, k, i) : at(b, bStride, i, k));
        }
        floats[(c + r * cStride) / 4 + k] = sum;
      }
    }
  };
}

/** The same as a library. */
export const PLAIN_PRODUCTS: Products = {
  name: "plain products",
  on: productsOn,
  module: { url: import.meta.url, options: {} },
};

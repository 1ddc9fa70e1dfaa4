/**
 * The WebAssembly module: the relaxed build where it runs, else the plain one.
 *
 * @module
 */

import { plainBase64, relaxedBase64 } from "./wasm.ts";

/** What the module exports; see assembly/index.ts. */
export type Kernels = {
  readonly prepare: () => void;
  readonly runPhase: (phase: number) => void;
  readonly serve: (part: number) => void;
  readonly multiplyAdd: (a: number, b: number, c: number) => number;
  readonly multiplyAdds: (rounds: number) => number;
};

/**
 * A product of matrices in the memory, `C = A Bᵀ` (way 0), `C = A B` (way 1) or `C += Aᵀ B` (way 2): addresses and strides
 * in bytes, C's rows and columns, and the number of products in a sum. See assembly/products.ts.
 */
export type Product = (
  way: number,
  c: number,
  cStride: number,
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  rows: number,
  columns: number,
  inner: number,
) => void;

/** Matrix products of a library, which work on the memory of the kernels. */
export type Products = {
  /** What computes them; it becomes part of the name of the build. */
  readonly name: string;
  /** The products on a memory. */
  readonly on: (memory: WebAssembly.Memory) => Product;
  /**
   * For other threads: a module whose `productsOn(memory, options)` is what `on(memory)` is here. Without it there is one
   * thread.
   */
  readonly module?: { readonly url: string; readonly options: unknown };
};

/** A compiled build. */
export type Build = {
  readonly name: "relaxed SIMD" | "SIMD";
  readonly module: WebAssembly.Module;
  /** Whether products are added without being rounded first: relaxed SIMD leaves that to the processor. */
  readonly fused: boolean;
  /** Matrix products that are not the kernels' own. */
  readonly products?: Products;
};

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

let compiled: Build | undefined;

/**
 * The fastest build that this JavaScript engine accepts, compiled once.
 *
 * @throws {Error} If it accepts neither.
 */
export function kernelBuild(): Build {
  return compiled ??= compile(WebAssembly.validate);
}

/** A memory of one page as the kernels import it: one that threads can share. */
const smallestMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/**
 * The first build that `accepts` takes, compiled.
 *
 * @param share Makes a memory that threads can share.
 * @throws {Error} If it takes neither, or there is no such memory.
 */
export function compile(
  accepts: (bytes: Uint8Array<ArrayBuffer>) => boolean,
  share: () => WebAssembly.Memory = smallestMemory,
): Build {
  for (const [name, base64] of [["relaxed SIMD", relaxedBase64], ["SIMD", plainBase64]] as const) {
    const bytes = bytesOf(base64);
    if (!accepts(bytes)) continue;
    const module = new WebAssembly.Module(bytes);
    return { name, module, fused: fuses(module, shared(share)) };
  }
  throw new Error(
    'the engine "simd" cannot run here: this JavaScript engine has no WebAssembly SIMD; the engine "array" can',
  );
}

function shared(share: () => WebAssembly.Memory): WebAssembly.Memory {
  try {
    return share();
  } catch {
    throw new Error(
      'the engine "simd" cannot run here: this JavaScript engine gives WebAssembly no memory that threads share (in a ' +
        'browser, the page must be cross-origin isolated); the engine "array" can',
    );
  }
}

/** Source: WebAssembly's relaxed SIMD, `relaxed_madd`, which may round once or twice. */
function fuses(module: WebAssembly.Module, memory: WebAssembly.Memory): boolean {
  const { multiplyAdd } = instantiate({ module }, memory);
  // (1 + 2^-12)^2 is 1 + 2^-11 + 2^-24, of which a float32 has no room for the last.
  return multiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

/** The kernels, working on a memory. */
export function instantiate(
  { module, products }: Pick<Build, "module" | "products">,
  memory: WebAssembly.Memory,
): Kernels {
  const product: Product = products?.on(memory) ?? (() => {});
  return new WebAssembly.Instance(module, { env: { memory, product } }).exports as Kernels;
}

/**
 * Matrix products of the system's BLAS, for the simd engine. Only what may load libraries (`--allow-ffi`) can use them.
 * Workers load this file too, so it imports nothing.
 *
 * @module
 */

import type { Product, Products } from "../../src/engines/mod.ts";

/** How the usual libraries are called, the one to be preferred first. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  darwin: [
    ...["libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"],
    ...["/usr/local/opt/openblas/lib/libopenblas.dylib", "libblis.dylib"],
  ],
  windows: ["libopenblas.dll", "openblas.dll", "libblis.dll"],
  other: ["libopenblas.so.0", "libopenblas.so", "libblis.so.4", "libblis.so"],
};

const SYMBOLS = {
  cblas_sgemm: {
    // Order, transpositions; m, n, k; alpha, A, B, beta, C, with the distance from row to row behind each matrix.
    parameters: [
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "i32",
      "f32",
      "usize",
      "i32",
      "usize",
      "i32",
      "f32",
      "usize",
      "i32",
    ],
    result: "void",
  },
  openblas_set_num_threads: { parameters: ["i32"], result: "void", optional: true },
  openblas_get_config: { parameters: [], result: "pointer", optional: true },
  openblas_get_corename: { parameters: [], result: "pointer", optional: true },
  bli_thread_set_num_threads: { parameters: ["i64"], result: "void", optional: true },
  bli_info_get_version_str: { parameters: [], result: "pointer", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

type Library = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A library with one thread of its own: the engine has threads, and the order of sums must not depend on the machine. */
function open(file: string): Library {
  const { symbols } = Deno.dlopen(file, SYMBOLS);
  symbols.openblas_set_num_threads?.(1);
  symbols.bli_thread_set_num_threads?.(1n);
  return symbols;
}

/** What a library calls itself; how it sums depends on its version, and on the processor that it takes this one for. */
function nameOf(library: Library, file: string): string {
  const say = (pointer: Deno.PointerValue | undefined): string =>
    pointer ? Deno.UnsafePointerView.getCString(pointer) : "";
  const version = say(library.openblas_get_config?.()).match(/^OpenBLAS \S+/)?.[0];
  if (version !== undefined) return `${version} ${say(library.openblas_get_corename?.())}`.trim();
  const blis = say(library.bli_info_get_version_str?.());
  return blis === "" ? file.replace(/^.*[/\\]/, "") : `BLIS ${blis}`;
}

const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** The products of a library on a memory. Workers find it by its name too. */
export function productsOn(memory: WebAssembly.Memory, { file }: { readonly file: string }): Product {
  // Addresses are below 2^53, and numbers are faster than the bigints of Deno's types.
  const multiply = open(file).cblas_sgemm as unknown as (...values: number[]) => void;
  const base = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(new Uint8Array(memory.buffer))));
  return (way, c, cStride, a, aStride, b, bStride, rows, columns, inner) => {
    const transA = way === 2 ? TRANSPOSED : PLAIN;
    const transB = way === 0 ? TRANSPOSED : PLAIN;
    // Addresses come as signed numbers.
    const [atA, atB, atC] = [base + (a >>> 0), base + (b >>> 0), base + (c >>> 0)];
    const [strideA, strideB, strideC] = [aStride >> 2, bStride >> 2, cStride >> 2];
    const beta = way === 2 ? 1 : 0;
    // deno-fmt-ignore
    multiply(ROW_MAJOR, transA, transB, rows, columns, inner, 1, atA, strideA, atB, strideB, beta, atC, strideC);
  };
}

/**
 * The products of a BLAS.
 *
 * @param file The library; by default OpenBLAS or BLIS under one of their usual names.
 * @throws {Error} If it cannot be loaded, or there is none.
 */
export function blasProducts(file?: string): Products {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Error("--blas needs a task that may load libraries: deno task train:native --blas");
  }
  const names = file === undefined ? NAMES[Deno.build.os] ?? NAMES.other : [file];
  for (const name of names) {
    try {
      const options = { file: name };
      const on = (memory: WebAssembly.Memory): Product => productsOn(memory, options);
      return { name: nameOf(open(name), name), on, module: { url: import.meta.url, options } };
    } catch (error) {
      if (file === undefined) continue;
      throw new Error(
        `--blas ${JSON.stringify(file)} cannot be used: it must be a BLAS library with cblas_sgemm (${
          (error as Error).message
        })`,
      );
    }
  }
  throw new Error(
    `--blas found no library (${names.join(", ")}): install OpenBLAS, with "apt install libopenblas0" or ` +
      '"brew install openblas", or name the file of another BLAS',
  );
}

/**
 * Worker threads of the simd engine. What they do is in assembly/threads.ts; here they only start and end.
 *
 * @module
 */

import type { Products } from "./module.ts";

/** What a worker is given: the kernels, the memory, which part of a batch is its own, and where a library's products are. */
export type Start = {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly part: number;
  readonly products?: Products["module"];
};

/** A worker's whole program, as text, so that it needs no file, no permission and no URL. */
const PROGRAM = `onmessage = async ({ data: { module, memory, part, products } }) => {
  const product = products ? (await import(products.url)).productsOn(memory, products.options) : () => {};
  new WebAssembly.Instance(module, { env: { memory, product } }).exports.serve(part);
  close();
};`;

/** Whether threads can share memory and wait for each other here. (A page's main thread may not wait.) */
export function canShareThreads(): boolean {
  try {
    return typeof Worker === "function" &&
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1) === "not-equal";
  } catch {
    return false;
  }
}

/** Starts a worker. */
export function startWorker(start: Start): Worker {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
  worker.postMessage(start);
  return worker;
}

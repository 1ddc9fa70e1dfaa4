/**
 * Worker threads of the simd engine. What they do is in assembly/threads.ts; here they only start and end.
 *
 * @module
 */

type Start = { readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory; readonly part: number };

/** A worker's whole program, as text: so it needs no file, no permission and no URL. */
const PROGRAM = `onmessage = ({ data: { module, memory, part } }) => {
  new WebAssembly.Instance(module, { env: { memory } }).exports.serve(part);
  close();
};`;

/** Whether threads can share memory and wait for each other here. (In a page's main thread they may not wait.) */
export function canShareThreads(): boolean {
  try {
    return typeof Worker === "function" &&
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1) === "not-equal";
  } catch {
    return false;
  }
}

/** Starts the workers for parts 1 to `threads` - 1; part 0 is the caller's own. */
export function startWorkers(module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number): Worker[] {
  return Array.from({ length: threads - 1 }, (_, i) => {
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
    const start: Start = { module, memory, part: i + 1 };
    worker.postMessage(start);
    return worker;
  });
}

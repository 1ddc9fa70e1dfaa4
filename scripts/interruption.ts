/**
 * Ctrl-C and friends: the first one asks to stop after the step, the second one ends the process at once.
 *
 * @module
 */

/** Whether somebody has asked to stop. */
export type Interruption = {
  /** The exit code to stop with, once it was asked for: 128 and the signal's number. */
  readonly requested: () => number | undefined;
  /** No longer listens. */
  readonly end: () => void;
};

/**
 * Training keeps its thread busy, so that signals are listened for on another one. After the first it stops listening, and
 * the next does what it always does.
 */
const PROGRAM = `onmessage = ({ data: { exitCode, signals } }) => {
  const remove = signals.map(([signal, code]) => {
    const listener = () => {
      Atomics.store(exitCode, 0, code);
      remove.forEach((each) => each());
    };
    try {
      Deno.addSignalListener(signal, listener);
    } catch {
      return () => {}; // this system has no such signal
    }
    return () => Deno.removeSignalListener(signal, listener);
  });
  postMessage("listening");
};`;

const SIGNALS: [signal: Deno.Signal, exitCode: number][] = [["SIGINT", 130], ["SIGTERM", 143]];

/** Listens, once the promise is fulfilled, until it is ended; until then the process does not end by itself. */
export async function listenForInterruption(): Promise<Interruption> {
  const exitCode = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
  worker.postMessage({ exitCode, signals: SIGNALS });
  await new Promise((listening) => worker.onmessage = listening);
  return {
    requested: () => Atomics.load(exitCode, 0) || undefined,
    end: () => worker.terminate(),
  };
}

/**
 * Ctrl-C and friends: the first one asks to stop after the step, a second one ends the process at once.
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
 * Training keeps its thread busy, so that signals are listened for on another one. Some time after the first it stops
 * listening, and the next does what it always does. Not at once: one Ctrl-C may arrive twice, from the terminal and from
 * `deno task`.
 */
const PROGRAM = `onmessage = ({ data: { exitCode, signals, once, tells } }) => {
  const remove = signals.map(([signal, code]) => {
    const listener = () => {
      if (Atomics.compareExchange(exitCode, 0, 0, code) !== 0) return;
      if (tells) console.error("\\nfinishing the step; Ctrl-C once more leaves at once");
      setTimeout(() => remove.forEach((each) => each()), once);
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

/** Signals that come within so many milliseconds are one. */
const ONCE_MS = 300;
const SIGNALS: [signal: Deno.Signal, exitCode: number][] = [["SIGINT", 130], ["SIGTERM", 143]];

/** Listens, once the promise is fulfilled, until it is ended; until then the process does not end by itself. */
export async function listenForInterruption(): Promise<Interruption> {
  const exitCode = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
  worker.postMessage({ exitCode, signals: SIGNALS, once: ONCE_MS, tells: Deno.stderr.isTerminal() });
  await new Promise((listening) => worker.onmessage = listening);
  return {
    requested: () => Atomics.load(exitCode, 0) || undefined,
    end: () => worker.terminate(),
  };
}

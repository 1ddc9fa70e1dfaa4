/**
 * Ctrl-C and the like: the first asks for a stop after the current step, a second ends the process at once.
 *
 * @module
 */

/** Whether somebody has asked for a stop. */
export type Interruption = {
  /** The exit code to stop with, once a stop was asked for: 128 plus the number of the signal. */
  readonly requested: () => number | undefined;
  /** Stops listening. */
  readonly end: () => void;
};

/**
 * Listens for signals on another thread, since training keeps its own busy. A short while after the first signal it stops
 * listening, so that the next one does what it always does. Not at once: one Ctrl-C may arrive twice, from the terminal and
 * from `deno task`.
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

/** Signals that come within this many milliseconds count as one. */
const ONCE_MS = 300;
const SIGNALS: [signal: Deno.Signal, exitCode: number][] = [["SIGINT", 130], ["SIGTERM", 143]];

/** For what is over before a hand has reached the keys: starting to listen would take a tenth of its time. */
export const NO_INTERRUPTION: Interruption = { requested: () => undefined, end: () => {} };

/** Starts listening; the promise is fulfilled once it does. Until `end` the process does not end on its own. */
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

/**
 * Ctrl-C, a closed terminal and the like: the first asks for a stop after the current step, a second ends the process at
 * once.
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
const PROGRAM = `onmessage = ({ data: { exitCode, signals, once, tells, ending } }) => {
  const ask = (code) => Atomics.compareExchange(exitCode, 0, 0, code) === 0;
  const untilEnd = async () => {
    const bytes = new Uint8Array(64);
    while (await Deno.stdin.read(bytes).catch(() => null) !== null);
    ask(ending);
  };
  if (ending !== undefined) untilEnd();
  const remove = signals.map(([signal, code]) => {
    const listener = () => {
      if (!ask(code)) return;
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
const SIGNALS: [signal: Deno.Signal, exitCode: number][] = [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]];

/** For what is over before a hand has reached the keys: starting to listen would take a tenth of its time. */
export const NO_INTERRUPTION: Interruption = { requested: () => undefined, end: () => {} };

/** What a run exits with whose standard input has ended: as if its parent had sent it SIGTERM. */
const PARENT_ENDED = 143;

/**
 * Starts listening; the promise is fulfilled once it does. Until `end` the process does not end on its own.
 *
 * @param endsWithStdin Whether the end of standard input asks for a stop too.
 */
export async function listenForInterruption(endsWithStdin = false): Promise<Interruption> {
  const exitCode = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
  const ending = endsWithStdin ? PARENT_ENDED : undefined;
  worker.postMessage({ exitCode, signals: SIGNALS, once: ONCE_MS, tells: Deno.stderr.isTerminal(), ending });
  await new Promise((listening) => worker.onmessage = listening);
  return {
    requested: () => Atomics.load(exitCode, 0) || undefined,
    end: () => worker.terminate(),
  };
}

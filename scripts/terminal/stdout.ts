/**
 * Printing to stdout, and how wide it is.
 *
 * @module
 */

import { writeAll } from "../files/write.ts";

/** Prints a line if stdout takes it: a full disk or a reader that left must not cost the training. */
export function say(line: string): void {
  try {
    console.log(line);
  } catch {
    // The model is what counts.
  }
}

/** Nobody sees lines one by one that come faster than this. */
const FLUSH_MS = 20;

/**
 * Prints lines, many at once where they come fast. Unlike `console.log` it throws once nobody reads any more, as in
 * `deno task sample | head -1`.
 */
export function printLines(lines: Iterable<string>): void {
  let waiting = "";
  let flushed = -Infinity;
  const flush = (): void => {
    writeAll(Deno.stdout, encoder.encode(waiting));
    waiting = "";
    flushed = performance.now();
  };
  try {
    for (const line of lines) {
      waiting += line;
      if (performance.now() - flushed > FLUSH_MS) flush();
    }
  } finally {
    flush();
  }
}

const encoder = new TextEncoder();

/** A terminal, as far as a progress line needs one. */
export type Terminal = {
  readonly write: (text: string) => void;
  /** Its width in characters, which may change; 0 if the terminal does not say. */
  readonly columns: () => number;
};

/** The width to assume of a terminal that does not say. */
export const UNKNOWN_WIDTH = 80;

/** The terminal that stdout is. */
export const stdoutTerminal: Terminal = {
  write: (text) => writeAll(Deno.stdout, encoder.encode(text)),
  columns: () => Deno.consoleSize().columns,
};

/** The width of the terminal, if stdout is one. */
export function terminalColumns(): number | undefined {
  return Deno.stdout.isTerminal() ? stdoutTerminal.columns() || UNKNOWN_WIDTH : undefined;
}

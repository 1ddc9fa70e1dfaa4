/**
 * Printing to stdout, and how wide it is.
 *
 * @module
 */

import { printableLines } from "../cli/printable.ts";
import { writeAll } from "../files/write.ts";

/** Prints lines if stdout takes them: a full disk or a reader that left must not cost the training. */
export function say(text: string): void {
  sayAsIs(printableLines(text));
}

/** The same for what has colors, and nothing from outside. */
export function sayAsIs(text: string): void {
  try {
    console.log(text);
  } catch {
    // The model is what counts.
  }
}

/** Nobody sees text piece by piece that comes faster than this. */
const FLUSH_MS = 20;

/** Text on its way to stdout. */
export type Output = {
  /** Takes text, and prints what waits unless something was printed just now. */
  readonly write: (text: string) => void;
  /** Prints what waits. */
  readonly flush: () => void;
};

/**
 * Prints text, much at once where it comes fast. Unlike `console.log` it throws once nobody reads any more, as in
 * `deno task sample | head -1`.
 */
export function bufferedStdout(): Output {
  let waiting = "";
  let flushed = -Infinity;
  const flush = (): void => {
    writeAll(Deno.stdout, encoder.encode(waiting));
    waiting = "";
    flushed = performance.now();
  };
  const write = (text: string): void => {
    waiting += text;
    if (performance.now() - flushed > FLUSH_MS) flush();
  };
  return { write, flush };
}

/** Prints lines, as {@linkcode bufferedStdout} does. */
export function printLines(lines: Iterable<string>): void {
  const { write, flush } = bufferedStdout();
  try {
    for (const line of lines) write(line);
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

/** The terminal that stdout is. One that was closed takes nothing more, and must not cost the training. */
export const stdoutTerminal: Terminal = {
  write: (text) => {
    try {
      writeAll(Deno.stdout, encoder.encode(text));
    } catch {
      // The model is what counts.
    }
  },
  columns: () => {
    try {
      return Deno.consoleSize().columns;
    } catch {
      return 0;
    }
  },
};

/** Whether a terminal only prints what comes: it says so by TERM=dumb, and cannot go back in a line, nor show colors. */
export function isDumb(): boolean {
  const isKnown = Deno.permissions.querySync({ name: "env", variable: "TERM" }).state === "granted";
  return isKnown && Deno.env.get("TERM") === "dumb";
}

/** The width of the terminal, if stdout is one. */
export function terminalColumns(): number | undefined {
  return Deno.stdout.isTerminal() ? stdoutTerminal.columns() || UNKNOWN_WIDTH : undefined;
}

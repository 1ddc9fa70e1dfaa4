/**
 * Text from outside, on a terminal: file names, data, what a checkpoint says. None of it may move the cursor, color what
 * follows, or turn the order of characters around.
 *
 * @module
 */

/**
 * Controls (C0 and C1), line and paragraph separators, and marks that change the direction of writing. (Unicode's properties
 * would say it more shortly, but take milliseconds to compile.)
 */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
// deno-lint-ignore no-control-regex
const UNSAFE_IN_LINES = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text on one line, with whatever a terminal would act on written as escapes. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeOf);
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replace(UNSAFE_IN_LINES, escapeOf);
}

function escapeOf(c: string): string {
  const short = JSON.stringify(c).slice(1, -1);
  return short.length > 1 ? short : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Prints lines to stdout. Throws if nobody reads any more, or the disk is full. */
export function print(text: string): void {
  console.log(printableLines(text));
}

/** Prints a line to stderr, if it takes it: a terminal that was closed must not cost what was computed. */
export function tell(line: string): void {
  try {
    console.error(printable(line));
  } catch {
    // Nobody reads it.
  }
}

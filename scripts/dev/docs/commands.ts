/**
 * What to run of a code block, and whether it printed what the page shows.
 *
 * @module
 */

import type { Block } from "./page.ts";

/** What is done with a block. */
export type Plan =
  | { readonly kind: "run" }
  /** Run with these arguments, which take the place of those that a command has. */
  | { readonly kind: "shortened"; readonly args: string }
  | { readonly kind: "skipped"; readonly reason: string };

/**
 * The plan that a note asks for: nothing, `with ARGUMENTS`, or `not, REASON`.
 *
 * @throws {SyntaxError} If it is something else.
 */
export function planOf(note: string | undefined): Plan {
  if (note === undefined) return { kind: "run" };
  const [, args] = note.match(/^with (\S.*)$/) ?? [];
  if (args !== undefined) return { kind: "shortened", args };
  const [, reason] = note.match(/^not, (\S.*)$/s) ?? [];
  if (reason !== undefined) return { kind: "skipped", reason };
  throw new SyntaxError(`"run: ${note}" is not known: it must be "run: with ARGUMENTS" or "run: not, REASON"`);
}

/** Whether a block is code that Deno does not look at. */
export function isIgnored({ language }: Block): boolean {
  return /^ts\b.*\bignore\b/.test(language);
}

/** The commands of a block, one a line, or more lines where one ends in a backslash; without their comments. */
export function commandsOf(code: string): string[] {
  return code.replace(/\\\n\s*/g, "").split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter(Boolean);
}

/** A command with other arguments: a flag that it has gets the new value, what it lacks is added. */
export function withArguments(command: string, args: string): string {
  const given = args.match(/--[\w-]+ [^-\s]\S*|\S+/g) ?? [];
  return given.reduce((line, arg) => {
    const [flag, value] = arg.split(" ");
    const known = new RegExp(`(?<=\\s)${flag}[ =]\\S+`);
    return value !== undefined && known.test(line) ? line.replace(known, arg) : `${line} ${arg}`;
  }, command);
}

/**
 * Whether a command printed what a page shows, in which a line `…` stands for any lines.
 *
 * @returns Nothing if it did, else the first line that it did not print, or what was printed past the last.
 */
export function outputDifference(shown: string, printed: string): string | undefined {
  const expected = shown.trimEnd().split("\n");
  const actual = printed.trimEnd().split("\n").map((line) => line.trimEnd());
  let at = 0;
  let anywhere = false;
  for (const line of expected) {
    if (line === "…") {
      anywhere = true;
      continue;
    }
    const found = anywhere ? actual.indexOf(line, at) : actual[at] === line ? at : -1;
    if (found < 0) return `it did not print ${JSON.stringify(line)}${anywhere ? "" : nextOf(actual, at)}`;
    at = found + 1;
    anywhere = false;
  }
  return anywhere || at === actual.length ? undefined : `after the last line it printed ${JSON.stringify(actual[at])}`;
}

function nextOf(lines: readonly string[], at: number): string {
  return at < lines.length ? `, but ${JSON.stringify(lines[at])}` : "";
}

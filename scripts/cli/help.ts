/**
 * The help of a task.
 *
 * @module
 */

import type { Flag } from "./flags.ts";

/** Flags that belong together, under a title. */
export type FlagGroup = readonly [title: string, names: readonly string[]];

/** What the help says. */
export type Help = {
  /** The task as it is called, with what it takes besides flags. */
  readonly usage: string;
  /** One line on what it does. */
  readonly summary: string;
  /** Commands to begin with. */
  readonly examples?: readonly string[];
  readonly flags: Readonly<Record<string, Flag<unknown>>>;
  /** The order in which the flags are listed; those in no group come last. */
  readonly groups?: readonly FlagGroup[];
};

/** The longest flag beside which there is room for a text. */
const MOST_LEFT = 26;
/** A narrower terminal has the texts below the flags. */
const LEAST_COLUMNS = 60;
/** How far texts below flags are moved in. */
const INDENT = 6;

/**
 * The help text.
 *
 * @param columns The terminal's width; without a terminal each flag has one line, which programs can search for.
 */
export function helpText({ usage, summary, examples = [], flags, groups = [] }: Help, columns = Infinity): string {
  const grouped = new Set(groups.flatMap(([, names]) => names));
  const rest: FlagGroup = [groups.length > 0 ? "help" : "", Object.keys(flags).filter((name) => !grouped.has(name))];
  const lines = [...groups, rest].flatMap(([title, names]) => {
    const known = names.filter((name) => Object.hasOwn(flags, name)).map((name): [string, Flag<unknown>] => [
      name,
      flags[name],
    ]);
    return known.length === 0 ? [] : ["", ...(title === "" ? [] : [`${title}:`]), ...flagLines(known, columns, flags)];
  });
  return [
    ...wrapped(summary, columns),
    "",
    ...examples.map((example) => `  ${example}`),
    ...(examples.length > 0 ? [""] : []),
    `  deno task ${usage} [flags]`,
    ...lines,
  ].join("\n");
}

/** The lines of some flags. All flags of the help decide how wide the left column is. */
function flagLines(
  shown: readonly [string, Flag<unknown>][],
  columns: number,
  all: Readonly<Record<string, Flag<unknown>>>,
): string[] {
  const leftOf = ([name, { takes }]: [string, Flag<unknown>]): string => `  --${name} ${takes}`.trimEnd();
  const widest = Math.max(...Object.entries(all).map((entry) => leftOf(entry).length));
  const width = columns === Infinity ? widest : Math.min(widest, MOST_LEFT);
  const isNarrow = columns < LEAST_COLUMNS;
  const indent = isNarrow ? INDENT : width + 2;
  return shown.flatMap((entry) => {
    const left = leftOf(entry);
    const [first, ...others] = wrapped(textOf(entry[1]), columns - indent).map((line) => " ".repeat(indent) + line);
    if (isNarrow || left.length > width) return [left, first, ...others];
    return [left + first.slice(left.length), ...others];
  });
}

function textOf({ takes, help, fallback }: Flag<unknown>): string {
  const isShown = takes !== "" && fallback !== undefined && String(fallback) !== "";
  return isShown ? `${help} (default ${fallback})` : help;
}

/** Text as lines of so many characters; a longer word stands alone. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(/(?<!\(default) /)) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/**
 * The characters of a data set, those that nobody sees among them.
 *
 * @module
 */

import { nameCharacter } from "../cli/characters.ts";

/** More would fill the screen. */
const MOST = 60;

/** The characters of a vocabulary on one line, those that show nothing by their code points, cut short if there are many. */
export function vocabularyLine(vocabulary: readonly string[]): string {
  const shown = vocabulary.slice(0, MOST).map((character) => {
    const name = visible(character);
    return name.startsWith("U+") ? ` ${name} ` : name;
  });
  const more = vocabulary.length > MOST ? ` … and ${vocabulary.length - MOST} more` : "";
  return `vocabulary: ${shown.join("").replaceAll("  ", " ").trim()}${more}`;
}

const visible = (character: string): string => character === " " ? "␣" : nameCharacter(character);

/**
 * Controls, spaces other than the usual, what has no width, no meaning yet or only a private one, and what stands for bytes
 * that could not be read.
 */
const ODD = /[\p{C}\p{Default_Ignorable_Code_Point}\ufffd]|(?![ \u3000])\p{Z}/u;

/** What the most frequent of them are called; a BOM at the beginning of a file is no character of the data. */
const NAMES: Readonly<Record<string, string>> = {
  "\0": "zero",
  "\t": "tab",
  "\x1b": "escape",
  "\xa0": "no-break space",
  "\xad": "soft hyphen",
  "\u200b": "zero width space",
  "\u200c": "zero width non-joiner",
  "\u200d": "zero width joiner",
  "\u200e": "left-to-right mark",
  "\u200f": "right-to-left mark",
  "\u2028": "line separator",
  "\ufe0f": "variation selector",
  "\ufeff": "inner BOM",
  "\ufffd": "replacement character",
};

/** How many characters to name. */
const MOST_ODD = 8;
const MOST_RARE = 20;

/**
 * The characters that are probably in the data by mistake: those that nobody sees, and those that come up once or twice.
 *
 * @param counts How often each character comes up.
 * @returns Undefined if there are none.
 */
export function oddLine(counts: ReadonlyMap<string, number>): string | undefined {
  const all = [...counts].filter(([character]) => character !== "\n");
  const odd = all.filter(([character]) => ODD.test(character));
  const seen = (times: number): string[] =>
    all.filter(([character, count]) => count === times && !ODD.test(character)).map(([character]) => character);
  const parts = [
    listed(odd.map(([character, count]) => `${describe(character)} ${timesOf(count)}`), ", ", MOST_ODD),
    ...[1, 2].map((times) => listed(seen(times).map(visible), " ", MOST_RARE, `seen ${timesOf(times)}: `)),
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : `odd: ${parts.join("; ")}`;
}

function describe(character: string): string {
  const name = NAMES[character];
  return nameCharacter(character) + (name === undefined ? "" : ` (${name})`);
}

function timesOf(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

/** The first of some names, and how many more there are; nothing if there are none. */
function listed(names: readonly string[], between: string, most: number, before = ""): string {
  if (names.length === 0) return "";
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return before + names.slice(0, most).join(between) + more;
}

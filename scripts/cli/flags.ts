/**
 * Command line flags: what a task takes, how a value is read, and what is said when it is wrong.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { checkRange, type Range } from "../../mod.ts";
import { editDistance } from "../../src/sample/mod.ts";
import { flagFor } from "./other_names.ts";
import { fromProject, fromUser } from "./places.ts";

/** A flag of a task. */
export type Flag<T> = {
  /** What its value is called in the help; empty for a flag that takes none. */
  readonly takes: string;
  readonly help: string;
  /** The value where the flag is not given. */
  readonly fallback: T;
  /** Reads the value; the error it throws names the flag and says what would be right. */
  readonly read: (flag: string, text: string) => T;
  /** Reads all values of a flag that may be given several times. */
  readonly readAll?: (flag: string, texts: readonly string[]) => T;
};

/** The values of flags, by the flags' names. */
export type Values<F> = { readonly [name in keyof F]: F[name] extends Flag<infer T> ? T : never };

// Each digit can belong to one part only: a number of 100,000 digits is told apart at once.
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/** What is said of a value that is longer. */
const SHOWN = 60;

function readNumber(flag: string, text: string, range: Range): number {
  return DECIMAL.test(text)
    ? checkRange(flag, Number(text), range, shortened(text))
    : checkRange(flag, NaN, range, JSON.stringify(shortened(text)));
}

/** A value as it is said to be wrong. */
function shortened(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}

/** A flag that takes a number. */
export function number<T extends number | undefined>(range: Range, fallback: T, help: string): Flag<number | T> {
  return { takes: "N", help, fallback, read: (flag, text) => readNumber(flag, text, range) };
}

/** A flag that takes text. */
export function text(fallback: string, help: string): Flag<string> {
  return { takes: "TEXT", help, fallback, read: (_, value) => value };
}

/** A flag that takes one of several words. */
export function choice<T extends string>(words: readonly T[], fallback: T, help: string): Flag<T> {
  const read = (flag: string, word: string): T => {
    const found = words.find((known) => known === word);
    if (found === undefined) {
      throw new Error(`${flag} ${JSON.stringify(word)} cannot be used: it must be one of ${words.join(", ")}`);
    }
    return found;
  };
  return { takes: words.join("|"), help, fallback, read };
}

/** A flag that takes the path of a file, from where the user stands; the one it falls back to is the project's. */
export function file(fallback: string, help: string): Flag<string> {
  return path("file", fallback, help);
}

/** The same for a flag that may be given several times. */
export function files(help: string): Flag<readonly string[]> {
  const { takes, read } = path("file", "", help);
  const readAll = (flag: string, texts: readonly string[]): string[] => texts.map((text) => read(flag, text));
  return {
    takes,
    help: `${help}; may be given several times`,
    fallback: [],
    read: (flag, text) => [read(flag, text)],
    readAll,
  };
}

/** A flag that takes the path of a folder likewise. */
export function folder(fallback: string, help: string): Flag<string> {
  return path("folder", fallback, help);
}

function path(what: "file" | "folder", fallback: string, help: string): Flag<string> {
  const read = (flag: string, path: string): string => {
    if (/^$|[/\\]$/.test(path)) {
      throw new Error(`${flag} ${JSON.stringify(path)} cannot be used: it must name a ${what}`);
    }
    return fromUser(path);
  };
  return { takes: what.toUpperCase(), help, fallback: fromProject(fallback), read };
}

/** A flag that takes a file or nothing, for which `without` stands; a name without a slash is not looked for in a folder. */
export function optionalFile(without: string, help: string): Flag<string | undefined> {
  const read = (_: string, name: string): string => name === "" ? without : /[/\\]/.test(name) ? fromUser(name) : name;
  return { takes: "[FILE]", help, fallback: undefined, read };
}

/** A flag that takes a library: a file, or a name that the system looks up. */
export function library(help: string): Flag<string | undefined> {
  const read = (_: string, name: string): string => /[/\\]/.test(name) ? fromUser(name) : name;
  return { takes: "FILE", help, fallback: undefined, read };
}

/** A flag that takes an encoding; its value is the name that `TextDecoder` gives it. */
export function encoding<T extends string | undefined>(fallback: T, help: string): Flag<string | T> {
  const read = (flag: string, label: string): string => {
    try {
      return new TextDecoder(label).encoding;
    } catch {
      throw new Error(
        `${flag} ${
          JSON.stringify(label)
        } cannot be used: it must be an encoding that TextDecoder knows, such as utf-8, ` +
          "utf-16le, windows-1252 or shift_jis",
      );
    }
  };
  return { takes: "NAME", help, fallback, read };
}

/** A flag that is either given or not. */
export function toggle(help: string): Flag<boolean> {
  return { takes: "", help, fallback: false, read: () => true };
}

/**
 * The values of a task's flags.
 *
 * @param operands Where to put arguments that are not flags; without it they are refused.
 * @throws {Error} If an argument is not a flag of the task, or a value is missing or out of range.
 */
export function parseFlags<F extends Record<string, Flag<unknown>>>(
  flags: F,
  args: readonly string[],
  operands?: string[],
): Values<F> {
  const names = Object.keys(flags);
  const takesValue = (name: string): boolean => flags[name].takes !== "";
  const joined = joinValues(flags, args, operands);
  const parsed: Readonly<Record<string, unknown>> = parseArgs(joined, {
    string: names.filter(takesValue),
    boolean: names.filter((name) => !takesValue(name)),
  });
  const values = names.map((name) => {
    const { read, readAll, fallback } = flags[name];
    const value = parsed[name];
    if (readAll && value !== undefined) return [name, readAll(`--${name}`, valuesOf(name, joined))];
    return [name, value === undefined || value === false ? fallback : read(`--${name}`, String(value))];
  });
  return Object.fromEntries(values);
}

/** All values that a flag is given. */
function valuesOf(name: string, joined: readonly string[]): string[] {
  return joined.filter((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)).map((arg) =>
    arg.slice(name.length + 3)
  );
}

/** The names of the flags among arguments that {@linkcode parseFlags} accepts. */
export function givenFlags(args: readonly string[]): Set<string> {
  return new Set(args.flatMap((arg) => arg.match(/^--([^=]+)/)?.[1] ?? []));
}

/** The flag of a setting: `nLayer` has `n-layer`; `documentKind` has `documents`, which says as much. */
export function flagOf(setting: string): string {
  if (setting === "documentKind") return "documents";
  return setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * The arguments, each checked to be a flag, with every value joined to its flag by `=`. That leaves `parseArgs` nothing to
 * guess: in `--learning-rate -1` the -1 is a wrong number, not a flag called 1.
 */
function joinValues(flags: Record<string, Flag<unknown>>, args: readonly string[], operands?: string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === "--" && operands !== undefined) {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === "--") throw new Error('"--" is not needed: write the flags right after the name of the task');
    if (!/^-./.test(arg)) {
      if (operands === undefined) throw new Error(`${JSON.stringify(arg)} is not a flag: --help lists them`);
      operands.push(arg);
      continue;
    }
    const [, name, value] = arg.match(/^--([^=]+)(?:=(.*))?$/s) ?? [];
    const flag = name !== undefined && Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw new Error(unknownFlag(arg, Object.keys(flags)));
    if (flag.takes === "") {
      if (value !== undefined) throw new Error(`--${name} takes no value: leave out "=${value}"`);
      joined.push(`--${name}=true`);
    } else {
      let given: string | undefined = value ?? args[i + 1];
      if (given === undefined || (value === undefined && given.startsWith("--"))) {
        if (!flag.takes.startsWith("[")) throw new Error(`--${name} needs a value: --${name} ${flag.takes}`);
        given = "";
      } else if (value === undefined) i++;
      joined.push(given === "" ? `--${name}` : `--${name}=${given}`);
    }
  }
  return joined;
}

function unknownFlag(arg: string, names: readonly string[]): string {
  const given = arg.replace(/=.*$/s, "");
  const word = given.replace(/^-+/, "").toLowerCase();
  const nearest = names
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const mistyped = nearest.distance <= 2 && nearest.distance < word.length ? nearest.name : undefined;
  const meant = flagFor(word, names) ?? mistyped ?? names.find((name) => isFragment(word, name));
  return `${given} is not a flag: ${meant === undefined ? "--help lists them" : `did you mean --${meant}?`}`;
}

/** Whether a word is most of one of the words in a flag's name, or their initials: `temp`, `layers`, `lr`. */
function isFragment(word: string, name: string): boolean {
  const parts = name.split("-").filter((part) => part.length > 2);
  const initials = name.split("-").map((part) => part[0]).join("");
  return word.length > 1 && word === initials ||
    word.length > 2 && parts.some((part) => part.startsWith(word) || word.startsWith(part));
}

/**
 * Ranges of numbers, checked in one place so that every error names the value and says what would be right.
 *
 * @module
 */

/** The numbers that a setting may have. Every bound is optional. */
export type Range = {
  /** Whole numbers only. */
  readonly whole?: true;
  /** The smallest number allowed. */
  readonly from?: number;
  /** Numbers must be larger than this one. */
  readonly above?: number;
  /** The largest number allowed. */
  readonly to?: number;
  /** Numbers must be smaller than this one. */
  readonly below?: number;
};

/** A sentence on settings, given what to call each of them. */
type Sentence = (nameOf: (setting: string) => string) => string;

// Not as their cause: an error whose cause is a function cannot be sent to another thread, and prints it when uncaught.
const sentences: WeakMap<Error, Sentence> = new WeakMap();

/**
 * An error that speaks of settings, by the names they have in this library.
 *
 * @param sentence The message, given what to call each setting, so that {@linkcode messageWith} can use other names.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { settingError } from "@microgpt/microgpt";
 *
 * assertEquals(settingError((nameOf) => `${nameOf("nEmbd")} 10 is odd`).message, "nEmbd 10 is odd");
 * ```
 */
export function settingError(sentence: (nameOf: (setting: string) => string) => string): RangeError {
  const error = new RangeError(sentence((setting) => setting));
  sentences.set(error, sentence);
  return error;
}

/**
 * The message of an error, with other names for the settings that it speaks of.
 *
 * @param error Any error.
 * @param nameOf What to call a setting: command line flags, say, have names of their own.
 * @returns The message as it is, unless the error comes from {@linkcode settingError}, as those of this library do.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { messageWith, modelConfig } from "@microgpt/microgpt";
 *
 * const error = assertThrows(() => modelConfig(27, { nEmbd: 10 }), RangeError, "nEmbd 10 cannot be split over nHead 4");
 * const flags: Record<string, string> = { nEmbd: "--width", nHead: "--heads" };
 * const message = messageWith(error, (setting) => flags[setting]);
 * assertEquals(message, "--width 10 cannot be split over --heads 4: it must be a multiple");
 * ```
 */
export function messageWith(error: Error, nameOf: (setting: string) => string): string {
  return sentences.get(error)?.(nameOf) ?? error.message;
}

function describe({ whole, from, above, to, below }: Range): string {
  const lower = from !== undefined ? ` from ${from}` : above !== undefined ? ` above ${above}` : "";
  const upper = to !== undefined ? (from !== undefined ? ` to ${to}` : ` up to ${to}`) : "";
  return `a ${whole ? "whole " : ""}number${lower}${upper}${below !== undefined ? ` and below ${below}` : ""}`;
}

/**
 * The value itself, if it lies in the range.
 *
 * @param name What the value is called in the error.
 * @param value The number.
 * @param range The numbers that it may be.
 * @param written How the value is shown there, if it was not written as JavaScript writes numbers.
 * @throws {RangeError} If it does not (NaN and infinities never do); the message names `name`, the value and the range.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { checkRange } from "@microgpt/microgpt";
 *
 * assertEquals(checkRange("steps", 10, { whole: true, from: 1 }), 10);
 * assertThrows(() => checkRange("steps", 0.5, { whole: true, from: 1 }), RangeError, "a whole number from 1");
 * ```
 */
export function checkRange(name: string, value: number, range: Range, written: string = String(value)): number {
  const { whole, from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = range;
  const isNumber = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isNumber || value < from || value <= above || value > to || value >= below) {
    throw settingError((nameOf) => `${nameOf(name)} ${written} cannot be used: it must be ${describe(range)}`);
  }
  return value;
}

/**
 * The part of `@std/cli/parse-args` that this project uses, for machines that do not reach JSR: `deno.json` links here.
 * It behaves as the real one does on arguments of the forms `--flag`, `--flag=value`, `-f` and `word`.
 *
 * @module
 */

import { parseArgs as parse } from "node:util";

/** What the flags are. */
export type ParseOptions = {
  /** Flags without a value. */
  boolean?: readonly string[];
  /** Flags with a value. */
  string?: readonly string[];
  /** Called with each argument that is none of these flags; where it returns false the argument is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
};

/** The values of the flags by name, and under `_` the arguments that are no flags. */
export type Args = { _: (string | number)[]; [flag: string]: unknown };

/** Arguments to values. A `string` flag without a value is "", a `boolean` flag that is absent is false. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { boolean = [], string = [], unknown = () => true } = options;
  const result: Args = { _: [] };
  for (const name of boolean) result[name] = false;

  const { tokens } = parse({ args, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (unknown(token.value) !== false) result._.push(token.value);
    } else if (token.kind === "option") {
      const { name, rawName, value } = token;
      const isString = string.includes(name);
      const parsed = value ?? (isString ? "" : true);
      const arg = value === undefined ? rawName : `${rawName}=${value}`;
      if (isString || boolean.includes(name) || unknown(arg, name, parsed) !== false) result[name] = parsed;
    }
  }
  return result;
}

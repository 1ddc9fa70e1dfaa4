/**
 * The part of `@std/cli/parse-args` that this project uses, for machines that do not reach JSR: `deno.json` links here.
 * It behaves as the real one does on arguments of the forms `--flag` and `--flag=value`.
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
};

/** The values of the flags by name, and under `_` the arguments that are no flags. */
export type Args = { _: (string | number)[]; [flag: string]: unknown };

/** Arguments to values. A `string` flag without a value is "", a `boolean` flag that is absent is false. */
export function parseArgs(args: string[], { boolean = [], string = [] }: ParseOptions = {}): Args {
  const { tokens, positionals } = parse({ args, strict: false, allowPositionals: true, tokens: true });
  const result: Args = { _: positionals };
  for (const name of boolean) result[name] = false;
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, value } = token;
    if (string.includes(name)) result[name] = value ?? "";
    else result[name] = boolean.includes(name) ? value !== "false" : value ?? true;
  }
  return result;
}

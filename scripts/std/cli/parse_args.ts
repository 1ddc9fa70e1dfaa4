/**
 * The part of `@std/cli/parse-args` that this project uses, for machines that cannot reach JSR: `deno.json` links here.
 * It behaves as the real one does on arguments of the forms `--flag` and `--flag=value`.
 *
 * (`parseArgs` of node:util would do the work, but loading it is a tenth of the time that a task takes to start.)
 *
 * @module
 */

/** What the flags are. */
export type ParseOptions = {
  /** Flags without a value. */
  boolean?: readonly string[];
  /** Flags with a value. */
  string?: readonly string[];
};

/** The values of the flags by name, and under `_` the arguments that are not flags. */
export type Args = { _: (string | number)[]; [flag: string]: unknown };

/** Arguments to values. A `string` flag without a value is "", a `boolean` flag that is absent is false. */
export function parseArgs(args: string[], { boolean = [], string = [] }: ParseOptions = {}): Args {
  const result: Args = { _: [] };
  for (const name of boolean) result[name] = false;
  for (const arg of args) {
    const [, name, value] = arg.match(/^--([^=]+)(?:=(.*))?$/s) ?? [];
    if (name === undefined) result._.push(arg);
    else if (string.includes(name)) result[name] = value ?? "";
    else result[name] = boolean.includes(name) ? value !== "false" : value ?? true;
  }
  return result;
}

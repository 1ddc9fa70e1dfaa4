/**
 * What every task does around its own work: read the flags, show help, and turn errors into one sentence.
 *
 * @module
 */

import { type Flag, helpText, parseFlags, toggle, type Values } from "./flags.ts";

/** A task of `deno task`. */
export type Task<F> = {
  readonly name: string;
  /** One line on what it does. */
  readonly summary: string;
  readonly flags: F;
  /** Checks flags against each other, before anything is read. */
  readonly check?: (values: Values<F>) => void;
  readonly run: (values: Values<F>) => void | Promise<void>;
};

/**
 * Runs a task with the arguments of the process. Exits 2 if the flags are wrong, 1 if the work fails; either way with
 * one sentence on stderr.
 */
export async function runTask<F extends Record<string, Flag<unknown>>>(task: Task<F>): Promise<void> {
  const flags = { ...task.flags, help: toggle("show this help") };
  if (Deno.args.some((arg) => arg === "--help" || arg === "-h")) {
    await attempt(1, () => console.log(helpText(task.name, task.summary, flags)));
    return;
  }
  const values = await attempt(2, () => {
    const parsed = parseFlags(flags, Deno.args);
    task.check?.(parsed);
    return parsed;
  });
  await attempt(1, () => task.run(values));
}

async function attempt<T>(exitCode: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Whoever reads the output has had enough of it.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(exitCode);
  }
}

/**
 * What every task does around its own work: read the flags, show help, and turn errors into one sentence.
 *
 * @module
 */

import { messageWith } from "../../mod.ts";
import type { FlagGroup } from "./help.ts";
import { printable, tell } from "./printable.ts";
import { type Flag, flagOf, givenFlags, parseFlags, toggle, type Values } from "./flags.ts";

/** A task of `deno task`. */
export type Task<F> = {
  readonly name: string;
  /** What its one argument that is not a flag is called, if it takes one; with "…" at the end it takes one or more. */
  readonly operand?: string;
  /** One line on what it does. */
  readonly summary: string;
  /** Commands to begin with, for the help. */
  readonly examples?: readonly string[];
  readonly flags: F;
  /** How the help groups them. */
  readonly groups?: readonly FlagGroup[];
  /** Checks flags against each other, before anything is read. */
  readonly check?: (values: Values<F>, given: ReadonlySet<string>) => void;
  /**
   * The work; `given` are the flags that were not left to their defaults, `operands` the arguments that are not flags. It
   * may return an exit code.
   */
  readonly run: (
    values: Values<F>,
    given: ReadonlySet<string>,
    operands: string[],
  ) => number | void | Promise<number | void>;
};

/**
 * Runs a task with the arguments of the process. Exits with 2 if the flags are wrong, with 1 if the work fails; either way
 * with one sentence on stderr.
 */
export async function runTask<F extends Record<string, Flag<unknown>>>(task: Task<F>): Promise<void> {
  const flags = { ...task.flags, help: toggle("show this help") };
  const attempt = async <T>(exitCode: number, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      // Whoever reads the output has had enough of it.
      if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
      tell(`error: ${sentenceOf(error, flags)}`);
      Deno.exit(exitCode);
    }
  };

  if (Deno.args.some((arg) => arg === "--help" || arg === "-h")) {
    const usage = task.operand === undefined ? task.name : `${task.name} ${task.operand}`;
    const { helpText } = await import("./help.ts");
    await attempt(1, () => console.log(helpText({ ...task, usage, flags }, terminalWidth())));
    return;
  }
  const given = givenFlags(Deno.args);
  const operands: string[] = [];
  const values = await attempt(2, () => {
    const parsed = parseFlags(flags, Deno.args, task.operand === undefined ? undefined : operands);
    if (task.operand !== undefined) checkOperands(task.name, task.operand, operands);
    task.check?.(parsed, given);
    return parsed;
  });
  const exitCode = await attempt(1, () => task.run(values, given, operands));
  if (exitCode) Deno.exit(exitCode);
}

/** The width of the terminal that the help is for, if it is for one; 80 where it does not say. */
function terminalWidth(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns || 80 : undefined;
}

/** Refuses more or fewer arguments than a task takes. */
function checkOperands(task: string, operand: string, operands: readonly string[]): void {
  const takesMany = operand.endsWith("…");
  if (operands.length === 1 || takesMany && operands.length > 1) return;
  const found = operands.length === 0 ? "none" : operands.map((text) => JSON.stringify(text)).join(" ");
  throw new Error(
    `deno task ${task} takes ${takesMany ? "at least " : ""}one ${operand.replace(/…$/, "")}, not ${found}`,
  );
}

/** What an error says, on one line; settings that are flags of the task are called so: `nEmbd` is `--n-embd`. */
export function sentenceOf(error: unknown, flags: Readonly<Record<string, unknown>>): string {
  const nameOf = (setting: string): string => {
    const flag = flagOf(setting);
    return Object.hasOwn(flags, flag) ? `--${flag}` : setting;
  };
  return printable(error instanceof Error ? messageWith(error, nameOf) : String(error));
}

/**
 * Runs what a page tells its readers to run.
 *
 * @module
 */

import { commandsOf, isIgnored, outputDifference, planOf, withArguments } from "./commands.ts";
import type { Block, Page } from "./page.ts";
import { inScratchCopy } from "./scratch.ts";

/** What became of a page. */
export type Outcome = {
  /** Number of commands that were run. */
  readonly commands: number;
  /** Number of code blocks that were run as files. */
  readonly files: number;
  /** Number of outputs that were compared with what the page shows. */
  readonly compared: number;
  /** Number of blocks that are there to be read: nothing in them was run or compared. */
  readonly shown: number;
  /** Where commands were shortened, and how. */
  readonly shortened: readonly string[];
  /** Where a block was not run, and why. */
  readonly skipped: readonly string[];
  readonly problems: readonly string[];
};

/** `deno` and `npx deno@…` are the Deno that runs this; a command that fails ends its block. */
const PRELUDE = `set -e
deno() { "$DENO" "$@"; }
npx() { while [ "\${1#deno}" = "$1" ]; do shift; done; shift; deno "$@"; }
`;

/** A block that takes longer than this hangs. */
const PATIENCE_MS = 60_000;

/** Runs the `sh` blocks of a page one after the other, in a copy of the project that the page has to itself. */
export function runPage(path: string, { blocks }: Page, root: URL, files: readonly string[]): Promise<Outcome> {
  return inScratchCopy(root, files, async (folder) => {
    let outcome: Outcome = { commands: 0, files: 0, compared: 0, shown: 0, shortened: [], skipped: [], problems: [] };
    /** What the last `sh` block printed, if it was run as it stands. */
    let printed: string | undefined;
    for (const block of blocks) {
      const at = `${path}:${block.line}`;
      try {
        if (block.language === "sh") [outcome, printed] = await runCommands(block, at, folder, outcome);
        else if (isIgnored(block)) outcome = await runAsFile(block, at, folder, outcome);
        else outcome = readBlock(block, printed, outcome);
      } catch (error) {
        printed = undefined;
        const { message } = error as Error;
        outcome = { ...outcome, problems: [...outcome.problems, `${at}: ${message}`] };
      }
    }
    return outcome;
  });
}

/** Runs a `sh` block. Returns what it printed, if it was run as it stands. */
async function runCommands(
  block: Block,
  at: string,
  folder: string,
  outcome: Outcome,
): Promise<[outcome: Outcome, printed: string | undefined]> {
  const plan = planOf(block.note);
  if (plan.kind === "skipped") return [skip(outcome, at, plan.reason), undefined];
  const commands = commandsOf(block.code);
  const counted = { ...outcome, commands: outcome.commands + commands.length };
  if (plan.kind === "run") return [counted, await shell(commands, folder)];
  await shell(commands.map((command) => withArguments(command, plan.args)), folder);
  return [{ ...counted, shortened: [...counted.shortened, `${at}: with ${plan.args}`] }, undefined];
}

/** Runs a block of `ts ignore`, which Deno leaves alone, as the test file that its note names. */
async function runAsFile({ note = "", code }: Block, at: string, folder: string, outcome: Outcome): Promise<Outcome> {
  const [, file] = note.match(/^as (\S+_test\.ts)$/) ?? [];
  if (file !== undefined) {
    Deno.mkdirSync(`${folder}/${file.slice(0, file.lastIndexOf("/") + 1)}`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/${file}`, code);
    await shell([`deno test --quiet ${file}`], folder);
    return { ...outcome, files: outcome.files + 1 };
  }
  const plan = planOf(note);
  if (plan.kind === "skipped") return skip(outcome, at, plan.reason);
  throw new Error('ignored code must have the comment "run: as FILE_test.ts" or "run: not, REASON" above it');
}

/** Looks at a block that is not run here. */
function readBlock(block: Block, printed: string | undefined, outcome: Outcome): Outcome {
  const { note, code } = block;
  if (note === "output") {
    if (printed === undefined) {
      throw new Error("the commands above were not run as they stand: nothing can be compared");
    }
    const difference = outputDifference(code, printed);
    if (difference !== undefined) throw new Error(`this is not what the commands above print: ${difference}`);
    return { ...outcome, compared: outcome.compared + 1 };
  }
  if (note !== undefined) throw new Error(`"run: ${note}" has no use above a block of ${block.language || "text"}`);
  return isCode(block) ? outcome : { ...outcome, shown: outcome.shown + 1 };
}

function skip(outcome: Outcome, at: string, reason: string): Outcome {
  return { ...outcome, skipped: [...outcome.skipped, `${at}: ${reason}`] };
}

/** Whether {@linkcode testCode} checks and runs a block. */
export function isCode(block: Block): boolean {
  return /^ts\b/.test(block.language) && !isIgnored(block);
}

/** What commands print to stdout. If one fails, the error has the end of what they printed. */
async function shell(commands: readonly string[], folder: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", PRELUDE + commands.join("\n")],
    cwd: folder,
    env: { DENO: Deno.execPath(), NO_COLOR: "1", INIT_CWD: folder },
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`the command fails:\n${lastLines(out + err)}`);
  return out;
}

/** The end of what a command printed, which says why it failed; without what Deno adds. */
function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) =>
    line.trim() !== "" && !/^Stack backtrace:|^ +\d+: <unknown>|^ +at .*\(/.test(line)
  );
  return lines.slice(-12).join("\n");
}

/** Checks and runs the `ts` blocks of pages, with no permission. Returns what is wrong. */
export async function testCode(paths: readonly string[], root: URL): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-prompt", "--quiet", ...paths],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return success ? [] : [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim()).filter(Boolean);
}

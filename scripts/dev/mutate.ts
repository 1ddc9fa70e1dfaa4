/**
 * `deno task mutate FILE…`: plants small faults into source files, one at a time, and lists those that no test sees.
 *
 * @module
 */

import { seedRandom, shuffle } from "../../src/random/mod.ts";
import { number, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { reason } from "../files/reason.ts";
import { table } from "../terminal/table.ts";
import { mutationsOf } from "./mutate/mutations.ts";
import { baseline, type Copy, copyTree, type Mutant, type Outcome, testsOf, tryMutant } from "./mutate/trial.ts";

const FLAGS = {
  "sample": number(
    { whole: true, from: 1 },
    undefined,
    "try so many faults of each file, drawn by --seed (default: all)",
  ),
  "seed": number({ whole: true, from: 0 }, 42, "seed of the sample"),
  "jobs": number({ whole: true, from: 1, to: 64 }, navigator.hardwareConcurrency, "faults to try at the same time"),
  "patience": number({ from: 2 }, 5, "tests may take so many times as long as without a fault"),
};

/** A fault with what became of it. */
type Result = { readonly mutant: Mutant; readonly outcome: Outcome };

/** The shortest time limit, in milliseconds. */
const LEAST = 10_000;

/** The faults of a file, or a sample of them. */
function mutantsOf(file: string, sample: number | undefined, seed: number): Mutant[] {
  const all = mutationsOf(readSource(file)).map((mutation) => ({ ...mutation, file }));
  if (sample === undefined || sample >= all.length) return all;
  const [order] = shuffle(seedRandom(seed), all);
  return order.slice(0, sample).sort((a, b) => a.start - b.start);
}

function readSource(file: string): string {
  if (!/^(src|scripts)\/.*\.ts$/.test(file)) {
    throw new Error(`${JSON.stringify(file)} cannot be mutated: it must be a TypeScript file in src/ or scripts/`);
  }
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw new Error(`source file ${file} cannot be read: ${reason(error, file)}`);
  }
}

async function mutate(
  { sample, seed, jobs, patience }: Values<typeof FLAGS>,
  _given: ReadonlySet<string>,
  files: string[],
): Promise<void> {
  const mutants = files.flatMap((file) => mutantsOf(file, sample, seed));
  const copies = Array.from({ length: jobs }, copyTree);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  Deno.addSignalListener("SIGINT", stop);
  try {
    const limits = await limitsOf(files, copies[0], patience);
    const results: Result[] = [];
    const waiting = mutants.values();
    await Promise.all(copies.map(async (copy) => {
      for (const mutant of waiting) {
        const tests = testsOf(mutant.file, isThere);
        const outcome = await tryMutant(copy, mutant, tests, tests.map((some) => limits.get(some.join())!));
        if (stopped) return; // Ctrl-C reaches the tests as well: that they failed says nothing
        results.push({ mutant, outcome });
        showProgress(results.length, mutants.length);
        if (outcome === "survived") console.log(`survived: ${mutant.file}:${mutant.line}  ${mutant.change}`);
      }
    }));
    console.log(summary(files, results));
    if (stopped) Deno.exitCode = 130;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    for (const copy of copies) copy.remove();
  }
}

/** The time limit of each group of tests. */
async function limitsOf(files: readonly string[], copy: Copy, patience: number) {
  const groups = new Map(files.flatMap((file) => testsOf(file, isThere)).map((some) => [some.join(), some]));
  const limits = new Map<string, number>();
  for (const [key, some] of groups) limits.set(key, Math.max(LEAST, patience * await baseline(copy, some)));
  return limits;
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Where the work stands, on a terminal. */
function showProgress(done: number, all: number): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r${done} / ${all}\x1b[K`));
}

/** A line for each file, and one for all. */
function summary(files: readonly string[], results: readonly Result[]): string {
  const rowOf = (name: string, some: readonly Result[]): string[] => {
    const count = (outcome: Outcome): number => some.filter((result) => result.outcome === outcome).length;
    const survived = count("survived");
    const share = some.length === 0 ? "" : `${(100 * (some.length - survived) / some.length).toFixed(1)}%`;
    return [
      name,
      String(some.length),
      String(count("caught")),
      String(count("took too long")),
      String(survived),
      share,
    ];
  };
  const rows = files.map((file) => rowOf(file, results.filter(({ mutant }) => mutant.file === file)));
  return table([["file", "faults", "caught", "too long", "survived", "seen"], ...rows, rowOf("all", results)]);
}

if (import.meta.main) {
  await runTask({
    name: "mutate",
    operand: "FILE…",
    summary: "Plants small faults into source files, one at a time, and lists those that no test sees.",
    flags: FLAGS,
    run: mutate,
  });
}

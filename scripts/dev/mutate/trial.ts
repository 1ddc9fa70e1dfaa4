/**
 * Trying faults: in copies of the tree, so that the tree itself stays as it is.
 *
 * @module
 */

import type { Mutation } from "./mutation.ts";

/** What became of a fault. */
export type Outcome = "caught" | "survived" | "took too long";

/** A fault in a file. */
export type Mutant = Mutation & { readonly file: string };

/** A copy of the tree, to work in. */
export type Copy = {
  readonly folder: string;
  readonly remove: () => void;
};

/** The tree's files, those that are not committed yet included. */
export function copyTree(): Copy {
  const folder = Deno.makeTempDirSync({ prefix: "mutate-" });
  const { success, stdout, stderr } = new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard"],
  }).outputSync();
  if (!success) throw new Error(`the files of the tree cannot be listed: ${new TextDecoder().decode(stderr).trim()}`);
  for (const path of new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "")) {
    const target = `${folder}/${path}`;
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    try {
      Deno.copyFileSync(path, target);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it was deleted, which is not committed yet
    }
  }
  return { folder, remove: () => Deno.removeSync(folder, { recursive: true }) };
}

/** How a run of tests ended. */
type Ending = "passed" | "failed" | "took too long";

/** Runs a command in a copy, for so many milliseconds at most. */
async function run({ folder }: Copy, args: readonly string[], limit: number): Promise<Ending> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, limit);
  const { success } = await child.status;
  clearTimeout(timer);
  return late ? "took too long" : success ? "passed" : "failed";
}

/** AssemblyScript is compiled before it is tried. */
const isAssembly = (file: string): boolean => file.includes("/assembly/");

/** The tests that belong to a file, and then all of them. */
export function testsOf(file: string, exists: (path: string) => boolean): string[][] {
  const own = file.replace(/^src\//, "tests/").replace(/\.ts$/, "_test.ts").replace(/^scripts\//, "tests/scripts/");
  const nearest = isAssembly(file) ? "tests/engines/simd" : own;
  return exists(nearest) ? [[nearest], []] : [[]];
}

const TEST = ["test", "--no-check", "--fail-fast"];
const BUILD = ["task", "build"];
const MINUTE = 60_000;

/** How long the tests of a file take without a fault, in milliseconds; fails if they do not pass. */
export async function baseline(copy: Copy, tests: readonly string[]): Promise<number> {
  const start = performance.now();
  const ending = await run(copy, [...TEST, ...tests], 10 * MINUTE);
  if (ending !== "passed") throw new Error(`the tests ${tests.join(" ")} do not pass without a fault: mend them first`);
  return performance.now() - start;
}

/** Puts a fault into a copy, runs its own tests and then the rest, until one fails, and takes the fault out again. */
export async function tryMutant(
  copy: Copy,
  { file, start, end, replacement }: Mutant,
  tests: readonly (readonly string[])[],
  limits: readonly number[],
): Promise<Outcome> {
  const path = `${copy.folder}/${file}`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.slice(0, start) + replacement + text.slice(end));
  try {
    if (isAssembly(file) && await run(copy, BUILD, MINUTE) !== "passed") return "caught";
    for (const [i, some] of tests.entries()) {
      const ending = await run(copy, [...TEST, ...some], limits[i]);
      if (ending !== "passed") return ending === "failed" ? "caught" : "took too long";
    }
    return "survived";
  } finally {
    Deno.writeTextFileSync(path, text);
  }
}

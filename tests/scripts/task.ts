/**
 * Runs the tasks as a user does.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../property.ts";

/** The folder of the project. */
export const ROOT = new URL("../..", import.meta.url);

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** `deno task name args…`, without the line that says which command it runs. */
export function task(name: string, ...args: string[]): Outcome {
  return deno(ROOT, "task", "--quiet", name, ...args);
}

/** `deno task name args…` with bytes on standard input. */
export async function taskReading(input: BlobPart, name: string, ...args: string[]): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", INIT_CWD: Deno.realPathSync(ROOT) },
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}); // it may not read to the end
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** `deno args…` in a folder. */
export function deno(cwd: string | URL, ...args: string[]): Outcome {
  // Whoever runs the tests may stand elsewhere.
  const env = { NO_COLOR: "1", INIT_CWD: Deno.realPathSync(cwd) };
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), { args, cwd, env }).outputSync();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** A test that runs tasks, with a folder of its own; it is ignored where it lacks the permissions to. */
export function taskTest(name: string, test: (folder: string) => void | Promise<void>): void {
  const fn = async (): Promise<void> => {
    const folder = Deno.makeTempDirSync();
    try {
      await test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
  const ignore = !granted({ name: "run" }, { name: "read" }, { name: "write" }, { name: "net", host: "127.0.0.1" });
  Deno.test({ name, ignore, fn });
}

/** One sentence on stderr, nothing on stdout, no stack trace. */
export function assertRefused(outcome: Outcome, code: number, sentence: string): void {
  assertStringIncludes(outcome.stderr, sentence);
  assertMatch(outcome.stderr, /^error: [^\n]+\n$/);
  assertEquals([outcome.code, outcome.stdout], [code, ""]);
}

/** Waits until something holds; fails if it does not within ten seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    assert(i < 1000, "it never held");
    await new Promise((later) => setTimeout(later, 10));
  }
}

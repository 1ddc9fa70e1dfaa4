/**
 * Training runs that are stopped from outside.
 *
 * @module
 */

import type { Data } from "../../scripts/files/data.ts";
import { ROOT } from "./task.ts";

/** A run that was started, and has printed what was waited for. */
export type Started = {
  /** Sends signals, one after the other, and waits for the end. */
  readonly stop: (
    ...signals: (Deno.Signal | "wait" | "blink")[]
  ) => Promise<{ status: Deno.CommandStatus; code: number; stderr: string }>;
};

/** In milliseconds: longer, and shorter, than the time in which two signals count as one. */
const WAITS: Record<string, number> = { wait: 600, blink: 60 };

/** Documents as if they had been read from a file. */
export function dataWith(documents: readonly string[], hash = ""): Data {
  return { documents, hash, path: "d", source: { path: "d", encoding: "utf-8" } };
}

/**
 * Starts `train` with these flags, for more steps than it will take unless the flags say otherwise, and waits for the line
 * of the first step, or for the words after `--until`.
 */
export async function startTraining(...given: string[]): Promise<Started> {
  const [awaited, flags] = given[0] === "--until" ? [given[1], given.slice(2)] : ["step", given];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-write", "scripts/train.ts", "--steps", "1000000000", ...flags],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  let printed = "";
  while (!printed.includes(awaited)) {
    const { value, done } = await reader.read();
    if (done) break;
    printed += new TextDecoder().decode(value);
  }
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    stop: async (...signals) => {
      for (const signal of signals) {
        if (signal === "wait" || signal === "blink") {
          await new Promise((resolve) => setTimeout(resolve, WAITS[signal]));
        } else child.kill(signal);
      }
      const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text(), rest]);
      return { status, code: status.code, stderr };
    },
  };
}

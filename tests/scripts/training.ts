/**
 * Training runs that are stopped from outside.
 *
 * @module
 */

import { ROOT } from "./task.ts";

/** A run that was started and has taken its first step. */
export type Started = {
  /** Sends signals, one after the other, and waits for the end. */
  readonly stop: (...signals: Deno.Signal[]) => Promise<{ status: Deno.CommandStatus; code: number; stderr: string }>;
};

/** Starts `train` with these flags, for as many steps as nobody waits for unless the flags say otherwise. */
export async function startTraining(...flags: string[]): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-write", "scripts/train.ts", "--steps", "1000000000", ...flags],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  let printed = "";
  for (let chunk = await reader.read(); !printed.includes("step") && !chunk.done; chunk = await reader.read()) {
    printed += new TextDecoder().decode(chunk.value);
    if (printed.includes("step")) break;
  }
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    stop: async (...signals) => {
      for (const signal of signals) child.kill(signal);
      const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text(), rest]);
      return { status, code: status.code, stderr };
    },
  };
}

/**
 * The runs of a sweep: each trains one cell in a process of its own.
 *
 * @module
 */

import { type LogEnd, type LogEntry, type LogHeader, parseRunLog } from "../../mod.ts";
import { readCheckpoint } from "../files/checkpoints.ts";
import { scriptPath } from "../cli/places.ts";
import { tell } from "../cli/printable.ts";
import { crc32 } from "../../src/formats/mod.ts";
import { bestPath } from "../files/beside.ts";
import { isBeingWritten } from "../files/lock.ts";
import { removeIfThere } from "../files/write.ts";
import { type Cell, flagsOf } from "./grid.ts";
import type { Result } from "./results.ts";

/** The runs that are going on. */
const children = new Set<Deno.ChildProcess>();

/** Trains one cell; its model and its log go into the folder. It goes on from where it was interrupted, if it was. */
export async function trainCell(cell: Cell, folder: string): Promise<Result> {
  const path = `${folder}/${nameOf(cell)}`;
  const log = `${path}.jsonl`;
  const model = `${path}.safetensors`;
  // On another host, perhaps: what it has saved is not to be cleared away.
  if (isBeingWritten(model)) return failed("another process is at work on it");
  const own = ["--samples=0", "--quiet", "--end-with-stdin", `--out=${model}`, `--log=${log}`];
  const started = performance.now();
  const begun = flagsOf(cell).filter((flag) => !flag.startsWith("--init-from="));
  let ended = canGoOn(model) ? await trained([`--resume=${model}`, ...begun, ...own]) : undefined;
  if (ended === undefined || ended.code === 1) {
    // What cannot go on is no model to keep.
    removeIfThere(model);
    removeIfThere(bestPath(model));
    ended = await trained([...flagsOf(cell), ...own]);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  if (ended.code === 0) return resultIn(parseRunLog(Deno.readTextFileSync(log)), seconds);
  return failed(reasonIn(ended.stderr) || "it was killed", seconds);
}

/** Whether a run that did not come to its end has left something to go on from. */
function canGoOn(model: string): boolean {
  try {
    const { t, hyperparameters: { steps } } = readCheckpoint(model);
    return t < steps;
  } catch {
    return false;
  }
}

/** A run in a process of its own, which ends when this one does, however that ends. */
async function trained(flags: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", scriptPath("train.ts"), ...flags],
    stdin: "piped", // which closes when this process ends
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  children.add(child);
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  children.delete(child);
  await child.stdin.close().catch(() => {});
  return { code, stderr };
}

/** Why a run failed: what it said last as an error; notes may stand before it. */
export function reasonIn(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const error = lines.findLast((line) => line.startsWith("error: ")) ?? lines.at(-1)!;
  return error.replace(/^error: /, "");
}

/** When the sweep is interrupted, ends its runs too, and waits for them: they save what they have. */
export function endWithRuns(): void {
  let isEnding = false;
  const end = async (exitCode: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    for (const child of children) child.kill("SIGTERM");
    tell("interrupted: the same command goes on with the runs that are not done");
    await Promise.all([...children].map((child) => child.status));
    Deno.exit(exitCode);
  };
  for (const [signal, exitCode] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
    try {
      Deno.addSignalListener(signal, () => void end(exitCode));
    } catch {
      // This system has no such signal.
    }
  }
}

/** The result of a run that failed. */
export function failed(error: string, seconds = ""): Result {
  return { status: "failed", steps: "", trainLoss: "", valLoss: "", dataHash: "", seconds, error };
}

/**
 * How a cell's run ended, if its log says so. How long it took is not in it.
 *
 * @param hash The SHA-256 of its data now, on which it must have been trained; "" where that is not at hand.
 */
export function resultOf(cell: Cell, folder: string, hash: string): Result | undefined {
  try {
    const result = resultIn(parseRunLog(Deno.readTextFileSync(`${folder}/${nameOf(cell)}.jsonl`)), "");
    return result.status === "ok" && [result.dataHash, ""].includes(hash) ? result : undefined;
  } catch {
    return undefined; // no log, or one that is being written
  }
}

/** How a run ended, from its log. */
export function resultIn(entries: readonly LogEntry[], seconds: string): Result {
  const end = entries.findLast((entry): entry is LogEnd => entry.type === "end");
  const header = entries.find((entry): entry is LogHeader => entry.type === "header");
  if (end === undefined || header === undefined) return failed("its log has no end", seconds);
  return {
    status: "ok",
    steps: String(end.t),
    trainLoss: String(end.training.loss),
    valLoss: end.validation === undefined ? "" : String(end.validation.loss),
    dataHash: header.dataHash ?? "",
    seconds,
    error: "",
  };
}

/** The name of a cell's files, without extension: readable, and different for each cell. */
function nameOf(cell: Cell): string {
  const flags = flagsOf(cell).join(" ");
  const hash = crc32(new TextEncoder().encode(flags)).toString(16).padStart(8, "0");
  return `${flags.replace(/[^\w.=-]+/g, "_").replaceAll("--", "").slice(0, 80)}-${hash}`;
}

/**
 * The runs of a sweep: each trains one cell in a process of its own.
 *
 * @module
 */

import { type LogEnd, type LogEntry, type LogHeader, parseRunLog } from "../../mod.ts";
import { crc32 } from "../../src/formats/mod.ts";
import { bestPath } from "../files/beside.ts";
import { removeIfThere } from "../files/write.ts";
import { type Cell, flagsOf } from "./grid.ts";
import type { Result } from "./results.ts";

/** The runs that are going on. */
const children = new Set<Deno.ChildProcess>();

/** Trains one cell; its model and its log go into the folder. */
export async function trainCell(cell: Cell, folder: string): Promise<Result> {
  const path = `${folder}/${nameOf(cell)}`;
  const log = `${path}.jsonl`;
  const own = ["--samples=0", "--quiet", `--out=${path}.safetensors`, `--log=${log}`];
  // What a run that did not come to its end has left: it is no model to keep.
  removeIfThere(`${path}.safetensors`);
  removeIfThere(bestPath(`${path}.safetensors`));
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", "scripts/train.ts", ...flagsOf(cell), ...own],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  children.add(child);
  const { success, stderr } = await child.output();
  children.delete(child);
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  if (success) return resultIn(parseRunLog(Deno.readTextFileSync(log)), seconds);
  const said = new TextDecoder().decode(stderr).trim().replace(/^error: /, "").split("\n")[0];
  return failed(said || "it was killed", seconds);
}

/** When the sweep is interrupted, ends its runs too: they save what they have. */
export function endWithRuns(): void {
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, () => {
      for (const child of children) child.kill("SIGTERM");
      console.error("interrupted: the same command goes on with the runs that are not done");
      Deno.exit(exitCode);
    });
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

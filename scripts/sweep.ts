/**
 * `deno task sweep`: trains with every combination of flags and several seeds, in parallel, and compares what comes out.
 *
 * @module
 */

import { crc32, HYPERPARAMETER_RANGES, type LogEnd, parseRunLog } from "../mod.ts";
import { number, text, type Values } from "./flags.ts";
import { reason } from "./files.ts";
import { type Cell, cellsOf, flagsOf, GRID_FLAGS, gridOf } from "./sweep/grid.ts";
import { meanAndDeviation, openResults, type Result, type Row, summarize } from "./sweep/results.ts";
import { runTask } from "./task.ts";

const OWN_FLAGS = {
  "seeds": number({ whole: true, from: 1, to: 100_000 }, 3, "how many seeds to repeat each combination with"),
  "seed": number(HYPERPARAMETER_RANGES.seed, 42, "the first of them"),
  "jobs": number({ whole: true, from: 1, to: 1024 }, navigator.hardwareConcurrency, "runs at the same time"),
  "out": text("out/sweep", "folder for the results, and for the model and the log of each run"),
};
const FLAGS = { ...GRID_FLAGS, ...OWN_FLAGS };
type Own = Values<typeof OWN_FLAGS>;

const seedsOf = ({ seed, seeds }: Own): number[] => Array.from({ length: seeds }, (_, i) => seed + i);

/** The file name of a cell, without its end: readable, and its own. */
function nameOf(cell: Cell): string {
  const flags = flagsOf(cell).join(" ");
  const hash = crc32(new TextEncoder().encode(flags)).toString(16).padStart(8, "0");
  return `${flags.replace(/[^\w.=-]+/g, "_").replaceAll("--", "").slice(0, 80)}-${hash}`;
}

/** Trains one cell in a process of its own. */
async function train(cell: Cell, folder: string): Promise<Result> {
  const path = `${folder}/${nameOf(cell)}`;
  const log = `${path}.jsonl`;
  const own = ["--samples=0", "--quiet", `--out=${path}.safetensors`, `--log=${log}`];
  const started = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--allow-write", "scripts/train.ts", ...flagsOf(cell), ...own],
    stdin: "null",
    stdout: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const seconds = ((performance.now() - started) / 1000).toFixed(2);
  const failed = (error: string): Result => ({
    status: "failed",
    steps: "",
    trainLoss: "",
    valLoss: "",
    seconds,
    error,
  });
  if (!success) {
    return failed(new TextDecoder().decode(stderr).trim().replace(/^error: /, "").split("\n")[0] || "killed");
  }
  const end = parseRunLog(Deno.readTextFileSync(log)).findLast((entry): entry is LogEnd => entry.type === "end");
  if (end === undefined) return failed("its log has no end");
  const valLoss = end.validation === undefined ? "" : String(end.validation.loss);
  return { status: "ok", steps: String(end.t), trainLoss: String(end.training.loss), valLoss, seconds, error: "" };
}

async function sweep(values: Values<typeof FLAGS>, given: ReadonlySet<string>): Promise<number | void> {
  const own = values as unknown as Own;
  const grid = gridOf(values as unknown as Readonly<Record<string, string>>, given);
  const flags = Object.keys(grid);
  const cells = cellsOf(grid, seedsOf(own));
  const path = `${own.out}/results.csv`;
  const results = openResults(path, flags);
  const keyOf = (cell: Cell): string => JSON.stringify(flagsOf(cell));
  const done = new Set(results.rows.map(keyOf));
  const waiting = cells.filter((cell) => !done.has(keyOf(cell)));
  console.log(`${cells.length} runs, ${cells.length - waiting.length} of them done before; ${own.jobs} at a time`);

  let finished = cells.length - waiting.length;
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await train(cell, own.out).catch((error): Result => ({
        ...{ status: "failed", steps: "", trainLoss: "", valLoss: "", seconds: "" },
        error: reason(error),
      }));
      results.add({ ...cell, result });
      if (result.status === "failed") failed++;
      console.log(`${++finished} / ${cells.length}  ${flagsOf(cell).join(" ")}  ${outcome(result)}`);
    }
  };
  await Promise.all(Array.from({ length: own.jobs }, work));

  const wanted = new Set(cells.map(keyOf));
  const rows = results.rows.filter((row) => wanted.has(keyOf(row)));
  console.log(table(rows, flags.filter((name) => grid[name].length > 1)));
  console.log(`results: ${path}`);
  if (failed === 0) return;
  console.error(
    `error: ${failed} of ${cells.length} runs failed: ${path} says why, and the same command tries them again`,
  );
  return 1;
}

function outcome({ status, trainLoss, valLoss, error }: Result): string {
  if (status === "failed") return `failed: ${error}`;
  return valLoss === "" ? `train ${Number(trainLoss).toFixed(4)}` : `val ${Number(valLoss).toFixed(4)}`;
}

/** Mean and standard deviation of the final loss, a line for each combination, the best first. */
function table(rows: readonly Row[], varied: readonly string[]): string {
  const what = rows.some(({ result }) => result.valLoss !== "") ? "val loss" : "train loss";
  const lines = summarize(rows, varied)
    .map(({ values, losses }) => ({ values, losses, ...meanAndDeviation(losses) }))
    .sort((a, b) => a.mean - b.mean)
    .map(({ values, losses, mean, deviation }) => [
      ...varied.map((name) => values[name]),
      String(losses.length),
      mean.toFixed(4),
      deviation === undefined ? "" : deviation.toFixed(4),
      Math.min(...losses).toFixed(4),
    ]);
  const all = [[...varied, "seeds", what, "± sd", "best"], ...lines];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, i) => cell.padStart(widths[i])).join("  ")).join("\n");
}

if (import.meta.main) {
  await runTask({
    name: "sweep",
    summary: "Trains with every combination of the given values, separated by commas, and with several seeds.",
    flags: FLAGS,
    check: (values, given) => {
      const own = values as unknown as Own;
      if (/^$|[/\\]$/.test(own.out)) {
        throw new Error(`--out ${JSON.stringify(own.out)} cannot be used: it must name a folder`);
      }
      cellsOf(gridOf(values as unknown as Readonly<Record<string, string>>, given), seedsOf(own));
    },
    run: sweep,
  });
}

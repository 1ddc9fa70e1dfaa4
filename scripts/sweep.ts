/**
 * `deno task sweep`: trains with every combination of flags and several seeds, in parallel, and compares what comes out.
 *
 * @module
 */

import { crc32, HYPERPARAMETER_RANGES, type LogEnd, type LogHeader, parseRunLog } from "../mod.ts";
import { isUrl } from "./files/cache.ts";
import { hashOf } from "./files/data.ts";
import { number, text, type Values } from "./cli/flags.ts";
import { reason } from "./files/checkpoints.ts";
import { type Cell, cellsOf, flagsOf, GRID_FLAGS, gridOf } from "./sweep/grid.ts";
import { meanAndDeviation, openResults, type Result, type Row, summarize, type Summary } from "./sweep/results.ts";
import { runTask } from "./cli/task.ts";

const OWN_FLAGS = {
  "seeds": number({ whole: true, from: 1, to: 100_000 }, 3, "how many seeds to repeat each combination with"),
  "seed": number(HYPERPARAMETER_RANGES.seed, 42, "the first of them"),
  "jobs": number({ whole: true, from: 1, to: 1024 }, navigator.hardwareConcurrency, "runs at the same time"),
  "out": text("out/sweep", "folder for the results, and for the model and the log of each run"),
};
const FLAGS = { ...GRID_FLAGS, ...OWN_FLAGS };
type Own = Values<typeof OWN_FLAGS>;

const DEFAULT_DATA = "data/names.txt";

const seedsOf = ({ seed, seeds }: Own): number[] => Array.from({ length: seeds }, (_, i) => seed + i);

/** The file name of a cell, without its end: readable, and its own. */
function nameOf(cell: Cell): string {
  const flags = flagsOf(cell).join(" ");
  const hash = crc32(new TextEncoder().encode(flags)).toString(16).padStart(8, "0");
  return `${flags.replace(/[^\w.=-]+/g, "_").replaceAll("--", "").slice(0, 80)}-${hash}`;
}

/** The runs that are going on. */
const children = new Set<Deno.ChildProcess>();

/** Trains one cell in a process of its own. */
async function train(cell: Cell, folder: string): Promise<Result> {
  const path = `${folder}/${nameOf(cell)}`;
  const log = `${path}.jsonl`;
  const own = ["--samples=0", "--quiet", `--out=${path}.safetensors`, `--log=${log}`];
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
  if (!success) {
    const said = new TextDecoder().decode(stderr).trim().replace(/^error: /, "").split("\n")[0];
    return { ...FAILED, seconds, error: said || "it was killed" };
  }
  const entries = parseRunLog(Deno.readTextFileSync(log));
  const end = entries.findLast((entry): entry is LogEnd => entry.type === "end");
  const header = entries.find((entry): entry is LogHeader => entry.type === "header");
  if (end === undefined || header === undefined) return { ...FAILED, seconds, error: "its log has no end" };
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

const FAILED: Result = {
  ...{ status: "failed", steps: "", trainLoss: "", valLoss: "", dataHash: "", seconds: "" },
  error: "",
};

/** Takes a folder for this sweep alone; another one must not write there meanwhile. */
function lockFolder(folder: string): Deno.FsFile {
  let file: Deno.FsFile;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    file = Deno.openSync(`${folder}/.lock`, { write: true, create: true });
  } catch (error) {
    throw new Error(`folder ${folder} cannot be used: ${reason(error)}`);
  }
  if (file.tryLockSync(true)) return file;
  throw new Error(`another sweep is at work in ${folder}: wait for it, or name another folder with --out`);
}

/** Ends the runs with the sweep: they save what they have. */
function endWithRuns(): void {
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, () => {
      for (const child of children) child.kill("SIGTERM");
      console.error("interrupted: the same command goes on with the runs that are not done");
      Deno.exit(exitCode);
    });
  }
}

async function sweep(values: Values<typeof FLAGS>, given: ReadonlySet<string>): Promise<number | void> {
  const own = values as unknown as Own;
  const grid = gridOf(values as unknown as Readonly<Record<string, string>>, given);
  const flags = Object.keys(grid);
  const cells = cellsOf(grid, seedsOf(own));
  using _lock = lockFolder(own.out);
  endWithRuns();
  const path = `${own.out}/results.csv`;
  const hashes = await hashesOf(cells);
  const results = openResults(path, flags, ({ values }) => hashes.get(values.data ?? DEFAULT_DATA) ?? "");
  const keyOf = (cell: Cell): string => JSON.stringify(flagsOf(cell));
  const done = new Set(results.rows.map(keyOf));
  const waiting = cells.filter((cell) => !done.has(keyOf(cell)));
  console.log(`${cells.length} runs, ${cells.length - waiting.length} of them done before; ${own.jobs} at a time`);

  let finished = cells.length - waiting.length;
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await train(cell, own.out).catch((error): Result => ({ ...FAILED, error: reason(error) }));
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

/** The hash of each data file that cells name; none for what has to be fetched. */
async function hashesOf(cells: readonly Cell[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { values: { data = DEFAULT_DATA } } of cells) {
    if (!hashes.has(data)) hashes.set(data, isUrl(data) ? "" : await hashOf(data));
  }
  return hashes;
}

function outcome({ status, trainLoss, valLoss, error }: Result): string {
  if (status === "failed") return `failed: ${error}`;
  return valLoss === "" ? `train ${Number(trainLoss).toFixed(4)}` : `val ${Number(valLoss).toFixed(4)}`;
}

/** Mean and standard deviation of the final losses, a line for each combination, the best first. */
function table(rows: readonly Row[], varied: readonly string[]): string {
  const summaries = summarize(rows, varied);
  // Losses on different documents are not compared: by those of validation only where all have them.
  const byValidation = summaries.every(({ valLosses }) => valLosses.length > 0);
  const meanOf = ({ trainLosses, valLosses }: Summary): number =>
    meanAndDeviation(byValidation ? valLosses : trainLosses).mean;
  const cells = (losses: readonly number[]): string[] => {
    if (losses.length === 0) return ["", ""];
    const { mean, deviation } = meanAndDeviation(losses);
    return [mean.toFixed(4), deviation?.toFixed(4) ?? ""];
  };
  const lines = summaries.sort((a, b) => meanOf(a) - meanOf(b)).map((summary) => [
    ...varied.map((name) => summary.values[name]),
    String(summary.trainLosses.length),
    ...cells(summary.trainLosses),
    ...cells(summary.valLosses),
  ]);
  const held = summaries.some(({ valLosses }) => valLosses.length > 0);
  const all = [[...varied, "seeds", "train loss", "± sd", "val loss", "± sd"], ...lines]
    .map((row) => held ? row : row.slice(0, -2));
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

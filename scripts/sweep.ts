/**
 * `deno task sweep`: trains with every combination of flags and several seeds, in parallel, and compares what comes out.
 *
 * @module
 */

import { HYPERPARAMETER_RANGES } from "../src/train/mod.ts";
import { folder, number, toggle, type Values } from "./cli/flags.ts";
import { fromProject } from "./cli/places.ts";
import { shellWord } from "./cli/shell.ts";
import { runTask } from "./cli/task.ts";
import { isUrl } from "./files/cache.ts";
import { hashOf } from "./files/data.ts";
import { reason } from "./files/reason.ts";
import { type Cell, cellsOf, flagsOf, GRID_FLAGS, gridOf, keyOf, seedsOf } from "./sweep/grid.ts";
import { keepModels } from "./sweep/models.ts";
import { openResults, type Result, type Row, rowsOf } from "./sweep/results.ts";
import { endWithRuns, failed, resultOf, trainCell } from "./sweep/runs.ts";
import type { FlagGroup } from "./cli/help.ts";
import { GROUPS } from "./train/flags.ts";
import { terminalColumns } from "./terminal/stdout.ts";
import { summaryTable } from "./sweep/summary.ts";
import { print, tell } from "./cli/printable.ts";

const OWN_FLAGS = {
  "seeds": number({ whole: true, from: 1, to: 100_000 }, 3, "how many seeds to repeat each combination with"),
  "seed": number(HYPERPARAMETER_RANGES.seed, 42, "the first of them"),
  "jobs": number({ whole: true, from: 1, to: 1024 }, navigator.hardwareConcurrency, "runs at the same time"),
  "out": folder("out/sweep", "folder for the results, and for the model and the log of each run"),
  "list": toggle("print a command for each run, one a line, instead of training"),
  "index": number({ whole: true, from: 1 }, undefined, "train the N-th of these runs alone, as on one of many hosts"),
  "gather": toggle("train nothing: collect what is in the folder, complete or not"),
};
const FLAGS = { ...GRID_FLAGS, ...OWN_FLAGS };
type Own = Values<typeof OWN_FLAGS>;

const DEFAULT_DATA = fromProject("data/names.txt");

function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Error(`folder ${folder} cannot be used: ${reason(error)}`);
  }
}

/** Takes a folder for this sweep alone; no other may write there at the same time. */
function lockFolder(folder: string): Deno.FsFile {
  makeFolder(folder);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(`${folder}/.lock`, { write: true, create: true });
  } catch (error) {
    throw new Error(`folder ${folder} cannot be used: ${reason(error)}`);
  }
  if (file.tryLockSync(true)) return file;
  throw new Error(`another sweep is at work in ${folder}: wait for it, or name another folder with --out`);
}

async function sweep(values: Values<typeof FLAGS>, given: ReadonlySet<string>): Promise<number | void> {
  const own = values as unknown as Own;
  const grid = gridOf(values as unknown as Readonly<Record<string, string>>, given);
  const flags = Object.keys(grid);
  const asked = cellsOf(grid, seedsOf(own));
  if (own.list) return list(asked.length);
  if (own.index !== undefined) return await trainOne(asked, own.index, own.out);
  using _lock = lockFolder(own.out);
  const cells = keepModels(asked, own.out);
  if (!own.gather) endWithRuns();
  const path = `${own.out}/results.csv`;
  const hashes = await hashesOf(cells);
  const hashOfData = ({ values }: Cell): string => hashes.get(values.data ?? DEFAULT_DATA) ?? "";
  const results = openResults(path, flags, hashOfData);
  const done = new Set(results.rows.map(keyOf));
  const waiting = cells.filter((cell) => !done.has(keyOf(cell)));
  if (own.gather) {
    const found = waiting.flatMap((cell) => {
      const result = resultOf(cell, own.out, hashOfData(cell));
      return result === undefined ? [] : [{ ...cell, result }];
    });
    found.forEach(results.add);
    const missing = waiting.length - found.length;
    print(`${cells.length} runs, ${cells.length - missing} of them complete`);
    if (missing === cells.length) tell("note: --gather finds the runs that were started with the same flags");
    return show(results.rows, cells, grid, path);
  }
  let finished = cells.length - waiting.length;
  let failures = 0;
  print(`${cells.length} runs, ${finished} of them done before; ${own.jobs} at a time`);

  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await trainCell(cell, own.out).catch((error) => failed(reason(error)));
      results.add({ ...cell, result });
      if (result.status === "failed") failures++;
      print(`${++finished} / ${cells.length}  ${flagsOf(cell).join(" ")}  ${outcome(result)}`);
    }
  };
  await Promise.all(Array.from({ length: own.jobs }, work));

  show(results.rows, cells, grid, path);
  if (failures === 0) return;
  tell(
    `error: ${failures} of ${cells.length} runs failed: ${path} says why, and the same command tries them again`,
  );
  return 1;
}

/** What has come out so far. */
function show(
  rows: readonly Row[],
  cells: readonly Cell[],
  grid: Readonly<Record<string, readonly string[]>>,
  path: string,
): void {
  const own = rowsOf(cells, rows);
  const varied = Object.keys(grid).filter((name) => grid[name].length > 1);
  if (own.length > 0) print(summaryTable(own, varied, terminalColumns()));
  print(`results: ${path}`);
}

/** A command for each run: for GNU parallel, xargs, or the tasks of a Slurm array. */
function list(count: number): void {
  const args = Deno.args.filter((arg) => arg !== "--list").map(shellWord);
  for (let i = 1; i <= count; i++) console.log(["deno task sweep", ...args, `--index ${i}`].join(" "));
}

/** Trains one run, unless it is complete. Others may train others at the same time, each with files of its own. */
async function trainOne(asked: readonly Cell[], index: number, out: string): Promise<number | void> {
  if (index > asked.length) {
    throw new RangeError(`--index ${index} cannot be used: there are ${asked.length} runs, counted from 1`);
  }
  makeFolder(out);
  const cell = keepModels(asked, out)[index - 1];
  endWithRuns();
  const [hash] = (await hashesOf([cell])).values();
  const before = resultOf(cell, out, hash);
  const result = before ?? await trainCell(cell, out).catch((error) => failed(reason(error)));
  const was = result === before ? " (done before)" : "";
  print(`${index} / ${asked.length}  ${flagsOf(cell).join(" ")}  ${outcome(result)}${was}`);
  return result.status === "ok" ? undefined : 1;
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

if (import.meta.main) {
  await runTask({
    name: "sweep",
    summary: "Trains with every combination of the given values, separated by commas, and with several seeds.",
    examples: [
      "deno task sweep --learning-rate 0.003,0.01,0.03 --n-embd 16,32",
      "deno task sweep --steps 500,1000 --val-fraction 0.1 --seeds 5 --out out/longer",
      "deno task sweep --dropout 0,0.1 --list | xargs -P 4 -I{} sh -c '{}'",
    ],
    flags: FLAGS,
    groups: [
      ["sweep", Object.keys(OWN_FLAGS)],
      ...GROUPS.map(([title, names]): FlagGroup => [
        title,
        names.filter((name) => !Object.hasOwn(OWN_FLAGS, name)),
      ]),
    ],
    check: (values, given) => {
      const modes = ["list", "index", "gather"].filter((name) => given.has(name));
      if (modes.length > 1) {
        throw new Error(`--${modes[0]} cannot be used with --${modes[1]}: each does something else`);
      }
      cellsOf(gridOf(values as unknown as Readonly<Record<string, string>>, given), seedsOf(values as unknown as Own));
    },
    run: sweep,
  });
}

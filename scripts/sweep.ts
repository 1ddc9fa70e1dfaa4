/**
 * `deno task sweep`: trains with every combination of flags and several seeds, in parallel, and compares what comes out.
 *
 * @module
 */

import { HYPERPARAMETER_RANGES } from "../src/train/mod.ts";
import { folder, number, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { isUrl } from "./files/cache.ts";
import { hashOf } from "./files/data.ts";
import { reason } from "./files/reason.ts";
import { type Cell, cellsOf, flagsOf, GRID_FLAGS, gridOf, keyOf, seedsOf } from "./sweep/grid.ts";
import { keepModels } from "./sweep/models.ts";
import { openResults, type Result, rowsOf } from "./sweep/results.ts";
import { endWithRuns, failed, trainCell } from "./sweep/runs.ts";
import { summaryTable } from "./sweep/summary.ts";

const OWN_FLAGS = {
  "seeds": number({ whole: true, from: 1, to: 100_000 }, 3, "how many seeds to repeat each combination with"),
  "seed": number(HYPERPARAMETER_RANGES.seed, 42, "the first of them"),
  "jobs": number({ whole: true, from: 1, to: 1024 }, navigator.hardwareConcurrency, "runs at the same time"),
  "out": folder("out/sweep", "folder for the results, and for the model and the log of each run"),
};
const FLAGS = { ...GRID_FLAGS, ...OWN_FLAGS };
type Own = Values<typeof OWN_FLAGS>;

const DEFAULT_DATA = "data/names.txt";

/** Takes a folder for this sweep alone; no other may write there at the same time. */
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

async function sweep(values: Values<typeof FLAGS>, given: ReadonlySet<string>): Promise<number | void> {
  const own = values as unknown as Own;
  const grid = gridOf(values as unknown as Readonly<Record<string, string>>, given);
  const flags = Object.keys(grid);
  const asked = cellsOf(grid, seedsOf(own));
  using _lock = lockFolder(own.out);
  const cells = keepModels(asked, own.out);
  endWithRuns();
  const path = `${own.out}/results.csv`;
  const hashes = await hashesOf(cells);
  const results = openResults(path, flags, ({ values }) => hashes.get(values.data ?? DEFAULT_DATA) ?? "");
  const done = new Set(results.rows.map(keyOf));
  const waiting = cells.filter((cell) => !done.has(keyOf(cell)));
  let finished = cells.length - waiting.length;
  let failures = 0;
  console.log(`${cells.length} runs, ${finished} of them done before; ${own.jobs} at a time`);

  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await trainCell(cell, own.out).catch((error) => failed(reason(error)));
      results.add({ ...cell, result });
      if (result.status === "failed") failures++;
      console.log(`${++finished} / ${cells.length}  ${flagsOf(cell).join(" ")}  ${outcome(result)}`);
    }
  };
  await Promise.all(Array.from({ length: own.jobs }, work));

  console.log(summaryTable(rowsOf(cells, results.rows), flags.filter((name) => grid[name].length > 1)));
  console.log(`results: ${path}`);
  if (failures === 0) return;
  console.error(
    `error: ${failures} of ${cells.length} runs failed: ${path} says why, and the same command tries them again`,
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

if (import.meta.main) {
  await runTask({
    name: "sweep",
    summary: "Trains with every combination of the given values, separated by commas, and with several seeds.",
    flags: FLAGS,
    check: (values, given) => {
      cellsOf(gridOf(values as unknown as Readonly<Record<string, string>>, given), seedsOf(values as unknown as Own));
    },
    run: sweep,
  });
}

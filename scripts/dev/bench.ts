/**
 * `deno task bench`: how long a training step takes, for each engine, width and batch, in one run; and with `--startup`
 * what a run costs besides.
 *
 * @module
 */

import { type Engine, engine, initTraining, names, type TrainingState, trainSteps } from "../../mod.ts";
import { describeEngine, multiplyAddCeiling } from "../../src/engines/mod.ts";
import { textbookEngine } from "../../tests/textbook.ts";
import { toggle, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { tableLine } from "../terminal/table.ts";
import { type Patience, stepFlop, timeSampling, timeSteps } from "./bench/measure.ts";
import { measureStartups, moduleGraph, startupTable } from "./bench/startup.ts";

const WIDTHS = [16, 32, 64, 128];
const BATCHES = [1, 16, 64];

const SHORT: Patience = { warmUpMs: 400, measureMs: 600 };
const FULL: Patience = { warmUpMs: 1500, measureMs: 3000 };
/** A short run leaves out whatever takes longer than this for a step. */
const SHORT_STEP_MS = 160;

const FLAGS = {
  "full": toggle("measure longer, and also what is slow"),
  "json": toggle("print JSON"),
  "startup": toggle("measure what starting a program costs instead, and what it loads"),
};

/** One line of the table. */
type Row = {
  readonly engine: string;
  readonly about: string;
  readonly threads: number;
  readonly width: number;
  readonly batch: number;
  readonly stepMicros: number;
  readonly documentMicros: number;
  readonly tokensPerSecond: number;
  readonly gigaflops: number;
  /** Share of the multiply-adds that the cores of its threads could do. */
  readonly ceilingShare: number;
  /** How many times as fast as the array engine. */
  readonly timesArray: number | null;
};

/** The engines to compare, made anew for each measurement. */
function contenders(): { name: string; threads: number; create: () => Engine }[] {
  const threads = navigator.hardwareConcurrency;
  return [
    { name: "textbook", threads: 1, create: textbookEngine },
    { name: "scalar", threads: 1, create: () => engine("scalar") },
    { name: "array", threads: 1, create: () => engine("array") },
    { name: "simd", threads: 1, create: () => engine("simd") },
    ...(threads > 1
      ? [{ name: `simd ${threads}t`, threads, create: () => engine("simd", { threads, now: () => performance.now() }) }]
      : []),
  ];
}

const COLUMNS: [title: string, width: number, cell: (row: Row) => string][] = [
  ["engine", 9, (row) => row.engine],
  ["width", 5, (row) => String(row.width)],
  ["batch", 5, (row) => String(row.batch)],
  ["µs/step", 10, (row) => rounded(row.stepMicros)],
  ["µs/document", 11, (row) => rounded(row.documentMicros)],
  ["tokens/s", 10, (row) => Math.round(row.tokensPerSecond).toLocaleString("en")],
  ["GFLOP/s", 8, (row) => row.gigaflops.toFixed(2)],
  ["ceiling", 7, (row) => `${(100 * row.ceilingShare).toFixed(1)}%`],
  ["× array", 8, (row) => row.timesArray === null ? "" : row.timesArray.toPrecision(3)],
];

function rounded(micros: number): string {
  return micros < 100 ? micros.toFixed(1) : String(Math.round(micros)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** One line of the table: its columns have fixed widths, since it is printed as it grows. */
function line(cells: readonly string[]): string {
  return tableLine(cells, COLUMNS.map(([, width]) => width), { gap: " " });
}

/** Roughly how long a step takes, before it is measured: the shorter of two. */
function probe(state: TrainingState, create: () => Engine, batch: number): number {
  const steps = trainSteps(state, { engine: create(), batch, steps: 2 });
  const time = (): number => {
    const start = performance.now();
    steps.next();
    return performance.now() - start;
  };
  const first = time();
  const shorter = first > 4 * SHORT_STEP_MS ? first : Math.min(first, time());
  steps.return(undefined);
  return shorter;
}

function* measure(full: boolean, ceiling: number): Generator<Row> {
  const patience = full ? FULL : SHORT;
  for (const width of WIDTHS) {
    const state = initTraining(names, { nEmbd: width });
    for (const batch of BATCHES) {
      const cell: Omit<Row, "timesArray">[] = [];
      for (const { name, threads, create } of contenders()) {
        if (name === "textbook" && (batch > 1 || width > 16)) continue;
        if (!full && probe(state, create, batch) > SHORT_STEP_MS) continue;
        const chosen = create();
        const time = timeSteps(state, { engine: chosen, batch, patience });
        const { stepMicros, positions } = time;
        const gigaflops = stepFlop(time, state.config) / stepMicros / 1000;
        cell.push({
          engine: name,
          about: describeEngine(chosen),
          threads,
          width,
          batch,
          stepMicros,
          documentMicros: stepMicros / batch,
          tokensPerSecond: positions / stepMicros * 1e6,
          gigaflops,
          ceilingShare: gigaflops / (threads * ceiling),
        });
      }
      const array = cell.find(({ engine }) => engine === "array")?.stepMicros;
      for (const row of cell) yield { ...row, timesArray: array === undefined ? null : array / row.stepMicros };
    }
  }
}

/** The model of a default run, whose samples have the usual length. */
function trained(): TrainingState {
  let state = initTraining(names);
  const steps = 1000;
  for (const step of trainSteps(state, { steps, engine: engine("simd") })) if (step.t === steps) state = step.state();
  return state;
}

/** The start of programs, with the modules and memory that they take. */
async function benchStartup(json: boolean): Promise<void> {
  const startups = await measureStartups();
  const graphs = ["scripts/train.ts", "mod.ts"].map(moduleGraph);
  const deno = Deno.version.deno;
  console.log(json ? JSON.stringify({ deno, startups, graphs }, null, 2) : `Deno ${deno}; medians:`);
  if (!json) console.log(startupTable(startups, graphs));
}

function bench({ full, json, startup }: Values<typeof FLAGS>): Promise<void> | void {
  if (startup && full) throw new RangeError("--startup cannot be used with --full: it measures starts, not steps");
  if (startup) return benchStartup(json);
  const ceiling = multiplyAddCeiling(() => performance.now());
  const cores = navigator.hardwareConcurrency;
  const samplingTokensPerSecond = timeSampling(trained(), full ? FULL : SHORT);
  const about = describeEngine(engine("simd"));
  if (json) {
    const rows = [...measure(full, ceiling)];
    const deno = Deno.version.deno;
    console.log(
      JSON.stringify({ deno, cores, simd: about, ceilingGigaflops: ceiling, samplingTokensPerSecond, rows }, null, 2),
    );
    return;
  }
  console.log(`Deno ${Deno.version.deno}, ${cores} cores; simd: ${about}`);
  console.log(`one core's multiply-add ceiling: ${ceiling.toFixed(1)} GFLOP/s (float32, 128 bits)`);
  console.log(
    `sampling at width 16: ${Math.round(samplingTokensPerSecond).toLocaleString("en")} tokens/s on one thread`,
  );
  console.log("training, 1 layer, 4 heads, block size 16, on data/names.txt; medians:");
  console.log(line(COLUMNS.map(([title]) => title)));
  for (const row of measure(full, ceiling)) console.log(line(COLUMNS.map(([, , cell]) => cell(row))));
}

if (import.meta.main) {
  await runTask({
    name: "bench",
    summary: "Measures training steps: engine by width by batch. Or, with --startup, what a run costs besides.",
    flags: FLAGS,
    run: bench,
  });
}

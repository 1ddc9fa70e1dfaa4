/**
 * `deno task bench --startup`: what a run costs besides its steps. Each program is started anew, turn by turn with one that
 * does nothing.
 *
 * @module
 */

import { table } from "../../terminal/table.ts";
import { median } from "./median.ts";

/** A program to start. */
type Program = { readonly name: string; readonly args: readonly string[] };

/** What starting a program takes. */
export type Startup = {
  readonly name: string;
  /** Median time from start to end, in milliseconds. */
  readonly ms: number;
  /** How many times as long as the empty program. */
  readonly timesEmpty: number;
  /** The most memory that the process held, in MB; null where the system does not tell. */
  readonly peakMegabytes: number | null;
};

/** What is loaded before a program begins. */
export type ModuleGraph = { readonly name: string; readonly modules: number; readonly kilobytes: number };

const ROOT = new URL("../../../", import.meta.url);

/** Starts of each program. */
const TURNS = 9;
/** Milliseconds between two looks at the memory of a process. */
const LOOK_MS = 3;

/** Programs that a user starts, after the empty one. */
function programs(folder: string): Program[] {
  const train = ["--allow-read", "--allow-write", "--allow-env=INIT_CWD", "scripts/train.ts"];
  const out = ["--out", `${folder}/model`];
  Deno.writeTextFileSync(`${folder}/empty.ts`, "");
  return [
    { name: "an empty program", args: [`${folder}/empty.ts`] },
    { name: "train --help", args: [...train, "--help"] },
    { name: "train --steps 1", args: [...train, "--steps", "1", ...out] },
    { name: "train", args: [...train, ...out] },
    { name: "train --engine simd", args: [...train, "--engine", "simd", ...out] },
    {
      name: "sample",
      args: ["--allow-read", "--allow-env=INIT_CWD", "scripts/sample.ts", "--model", `${folder}/model`],
    },
  ];
}

/** Starts the programs in turn. */
export async function measureStartups(): Promise<Startup[]> {
  const folder = Deno.makeTempDirSync();
  try {
    const all = programs(folder).map((program) => ({ ...program, times: [] as number[], peaks: [] as number[] }));
    for (let i = 0; i < TURNS; i++) {
      for (const { args, times, peaks } of all) {
        times.push(await timeOf(args));
        const peak = await peakOf(args);
        if (peak !== undefined) peaks.push(peak);
      }
    }
    const empty = median(all[0].times);
    return all.map(({ name, times, peaks }) => ({
      name,
      ms: median(times),
      timesEmpty: median(times) / empty,
      peakMegabytes: peaks.length === 0 ? null : Math.max(...peaks),
    }));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function start(args: readonly string[]): Deno.ChildProcess {
  const options = { cwd: ROOT, stdin: "null", stdout: "null", stderr: "null" } as const;
  return new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", ...args], ...options }).spawn();
}

async function ended(process: Deno.ChildProcess, args: readonly string[]): Promise<void> {
  const { success, code } = await process.status;
  if (!success) throw new Error(`"deno run ${args.join(" ")}" ended with code ${code}`);
}

async function timeOf(args: readonly string[]): Promise<number> {
  const before = performance.now();
  await ended(start(args), args);
  return performance.now() - before;
}

/** The most memory that a program held when it was last looked at, in MB: Linux counts it. */
async function peakOf(args: readonly string[]): Promise<number | undefined> {
  const process = start(args);
  let peak: number | undefined;
  let isRunning = true;
  const end = ended(process, args).finally(() => isRunning = false);
  while (isRunning) {
    peak = peakSoFar(process.pid) ?? peak;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await end;
  return peak;
}

/** Deno itself may read files of /proc only with every permission. */
function peakSoFar(pid: number): number | undefined {
  try {
    const grep = new Deno.Command("grep", { args: ["VmHWM", `/proc/${pid}/status`], stderr: "null" }).outputSync();
    const kilobytes = new TextDecoder().decode(grep.stdout).match(/(\d+) kB/)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1000;
  } catch {
    return undefined; // no such program
  }
}

/** The modules that are loaded for a file of the project. */
export function moduleGraph(file: string): ModuleGraph {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json", file], cwd: ROOT })
    .outputSync();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { size?: number }[] };
  return {
    name: file,
    modules: modules.length,
    kilobytes: modules.reduce((sum, { size = 0 }) => sum + size, 0) / 1000,
  };
}

/** What was measured, as a table. */
export function startupTable(startups: readonly Startup[], graphs: readonly ModuleGraph[]): string {
  const programs = startups.map(({ name, ms, timesEmpty, peakMegabytes }) => [
    ...[name, ms.toFixed(0), timesEmpty.toFixed(1)],
    peakMegabytes === null ? "unknown" : peakMegabytes.toFixed(0),
  ]);
  const files = graphs.map(({ name, modules, kilobytes }) => [name, String(modules), kilobytes.toFixed(0)]);
  return `${table([["program", "ms", "× empty", "peak MB"], ...programs])}\n\n${
    table([["loaded for", "modules", "kB"], ...files])
  }`;
}

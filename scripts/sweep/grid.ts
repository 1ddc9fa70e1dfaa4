/**
 * What a sweep runs: every combination of the values given to its flags, with every seed.
 *
 * @module
 */

import { type Flag, parseFlags, text } from "../cli/flags.ts";
import { fromUser } from "../cli/places.ts";
import { checkFlags, FLAGS as TRAIN_FLAGS } from "../train/flags.ts";

/** Flags of `train` that a sweep sets itself, or that make no difference to its results. */
const OWN = [
  ...["out", "seed", "samples", "temperature", "resume", "allow-other-data", "skip-unknown", "refresh"],
  ...["checkpoint-every", "checkpoint-seconds", "keep-every", "end-with-stdin"],
  ...["log", "log-every", "snapshot-every", "quiet", "blas", "mpi", "mpi-library"],
];

/** The other flags of `train`: each takes values separated by commas. */
export const GRID_FLAGS: Record<string, Flag<string>> = Object.fromEntries(
  Object.entries<Flag<unknown>>(TRAIN_FLAGS)
    .filter(([name]) => !OWN.includes(name))
    .map(([name, { takes, help }]) => [name, { ...text("", help), takes: `${takes},…` }]),
);

/** Whether the values of a flag are paths. */
const isPath = (name: string): boolean => GRID_FLAGS[name].takes.startsWith("FILE");

/** One run: the values of the flags that were given, and a seed. */
export type Cell = {
  readonly values: Readonly<Record<string, string>>;
  readonly seed: number;
};

/** The flags of a cell as `train` takes them. */
export function flagsOf({ values, seed }: Cell): string[] {
  return [...Object.entries(values).map(([name, value]) => `--${name}=${value}`), `--seed=${seed}`];
}

/** The seeds of each combination: as many as are asked for, one after the other. */
export function seedsOf({ seed, seeds }: { readonly seed: number; readonly seeds: number }): number[] {
  return Array.from({ length: seeds }, (_, i) => seed + i);
}

/** What tells one cell from another. */
export function keyOf(cell: Cell): string {
  return JSON.stringify(flagsOf(cell));
}

/** More runs are a mistake, and would take all memory before the first of them began. */
const MAX_CELLS = 100_000;

/** All cells of a grid, each checked as `train` would. */
export function cellsOf(grid: Readonly<Record<string, readonly string[]>>, seeds: readonly number[]): Cell[] {
  const count = Object.values(grid).reduce((product, values) => product * values.length, seeds.length);
  if (count > MAX_CELLS) {
    throw new RangeError(`the values make ${count} runs with ${seeds.length} seeds each: ${MAX_CELLS} are the most`);
  }
  let combinations: Record<string, string>[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    combinations = combinations.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
  }
  const cells = combinations.flatMap((values) => seeds.map((seed) => ({ values, seed })));
  for (const cell of cells) {
    const flags = flagsOf(cell);
    checkFlags(parseFlags(TRAIN_FLAGS, flags), new Set(Object.keys(cell.values)));
  }
  return cells;
}

/** The values of the flags that were given, each once. */
export function gridOf(values: Readonly<Record<string, string>>, given: ReadonlySet<string>): Record<string, string[]> {
  const names = Object.keys(GRID_FLAGS).filter((name) => given.has(name));
  return Object.fromEntries(names.map((name) => {
    const listed = values[name].split(",").map((value) => value.trim());
    return [name, [...new Set(isPath(name) ? listed.map(fromUser) : listed)]];
  }));
}

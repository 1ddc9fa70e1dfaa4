/**
 * How the runs of a sweep ended, as a CSV file (RFC 4180, one row a line) that grows with each of them.
 *
 * @module
 */

import { writeAll, writeWhole } from "../files/write.ts";
import { type Cell, keyOf } from "./grid.ts";

/** How a run ended. */
export type Result = {
  readonly status: "ok" | "failed";
  /** Number of steps taken. */
  readonly steps: string;
  /** Losses at the end, in nats; "" where there is none. */
  readonly trainLoss: string;
  readonly valLoss: string;
  /** SHA-256 of its data. */
  readonly dataHash: string;
  /** How long it took. */
  readonly seconds: string;
  /** Why it failed. */
  readonly error: string;
};

const COLUMNS: [title: string, name: keyof Result][] = [
  ["status", "status"],
  ["steps_taken", "steps"],
  ["train_loss", "trainLoss"],
  ["val_loss", "valLoss"],
  ["data_sha256", "dataHash"],
  ["seconds", "seconds"],
  ["error", "error"],
];

/** A finished run. */
export type Row = Cell & { readonly result: Result };

const cellText = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const rowText = (cells: readonly string[]): string => `${cells.map(cellText).join(",")}\n`;

function parseRow(line: string): string[] {
  return Array.from(
    `,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g),
    ([, quoted, plain]) => quoted === undefined ? plain : quoted.replaceAll('""', '"'),
  );
}

/** The results of a sweep, kept in a file. */
export type Results = {
  /** Runs that have succeeded, now or before. */
  readonly rows: Row[];
  readonly add: (row: Row) => void;
};

/**
 * The results in a file, if there are any. Those of failed runs, and of data that has changed since, are dropped so that
 * they are tried again.
 *
 * @param hashOfData The SHA-256 of a cell's data now; "" where it is not at hand.
 * @throws {Error} If the file holds something else, or the results of other flags.
 */
export function openResults(path: string, flags: readonly string[], hashOfData: (cell: Cell) => string): Results {
  const rows = doneIn(parseResults(textOf(path), flags, path), flags, hashOfData);
  const lines = rows.map((row) => rowLine(row, flags));
  writeWhole(path, new TextEncoder().encode([headerLine(flags), ...lines].join("")), "results");
  return {
    rows,
    add: (row) => {
      using file = Deno.openSync(path, { append: true });
      writeAll(file, new TextEncoder().encode(rowLine(row, flags)));
      file.syncSync();
      if (row.result.status === "ok") rows.push(row);
    },
  };
}

/** The text of a file; "" if it is not there. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

const headerOf = (flags: readonly string[]): string[] => [...flags, "seed", ...COLUMNS.map(([title]) => title)];

/** The first line of the file. */
export function headerLine(flags: readonly string[]): string {
  return rowText(headerOf(flags));
}

/** A row as a line of the file. */
export function rowLine({ values, seed, result }: Row, flags: readonly string[]): string {
  return rowText([...flags.map((name) => values[name]), String(seed), ...COLUMNS.map(([, name]) => result[name])]);
}

/**
 * The rows of a file. A last line without a line end is dropped: the sweep was killed writing it.
 *
 * @throws {Error} If it has other columns.
 */
export function parseResults(text: string, flags: readonly string[], path: string): Row[] {
  const header = headerOf(flags);
  const lines = text.split("\n").slice(0, -1);
  const isOther = text !== "" && lines[0] !== rowText(header).trimEnd();
  // A header without rows, which --gather leaves if it finds nothing, is nothing to lose.
  const isBare = text === `${lines[0]}\n` && lines[0].endsWith(COLUMNS.map(([title]) => title).join(","));
  if (isOther && isBare) return [];
  if (isOther) {
    throw new Error(
      `${path} has other columns than ${header.join(",")}: it belongs to another sweep; name another folder with --out`,
    );
  }
  return lines.slice(1).map(parseRow).filter((cells) => cells.length === header.length).map((cells): Row => ({
    values: Object.fromEntries(flags.map((name, i) => [name, cells[i]])),
    seed: Number(cells[flags.length]),
    result: Object.fromEntries(COLUMNS.map(([, name], i) => [name, cells[flags.length + 1 + i]])) as Result,
  }));
}

/** The rows of runs that need not be made again: that succeeded, each once, and on data that is the same now. */
export function doneIn(rows: readonly Row[], flags: readonly string[], hashOfData: (cell: Cell) => string): Row[] {
  return rows.filter(({ result }) => result.status === "ok").filter(firstOfEach(flags))
    .filter((row) => [row.result.dataHash, ""].includes(hashOfData(row)));
}

/** Lets the first row of each cell pass. */
function firstOfEach(flags: readonly string[]): (row: Row) => boolean {
  const seen = new Set<string>();
  return ({ values, seed }) => {
    const key = JSON.stringify([...flags.map((name) => values[name]), seed]);
    return !seen.has(key) && seen.add(key) !== undefined;
  };
}

/** The rows of these cells: the file may have those of other values and seeds too. */
export function rowsOf(cells: readonly Cell[], rows: readonly Row[]): Row[] {
  const wanted = new Set(cells.map(keyOf));
  return rows.filter((row) => wanted.has(keyOf(row)));
}

/**
 * How the runs of a sweep ended, as a CSV file (RFC 4180, one row a line) that grows with each of them.
 *
 * @module
 */

import { writeAll, writeWhole } from "../files/write.ts";
import type { Cell } from "./grid.ts";

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
    line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g),
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
  const header = [...flags, "seed", ...COLUMNS.map(([title]) => title)];
  const rows = read(path, header).map((cells): Row => ({
    values: Object.fromEntries(flags.map((name, i) => [name, cells[i]])),
    seed: Number(cells[flags.length]),
    result: Object.fromEntries(COLUMNS.map(([, name], i) => [name, cells[flags.length + 1 + i]])) as Result,
  })).filter(({ result }) => result.status === "ok").filter(firstOfEach(flags))
    .filter((row) => [row.result.dataHash, ""].includes(hashOfData(row)));
  const line = ({ values, seed, result }: Row): string =>
    rowText([...flags.map((name) => values[name]), String(seed), ...COLUMNS.map(([, name]) => result[name])]);
  writeWhole(path, new TextEncoder().encode(rowText(header) + rows.map(line).join("")), "results");
  return {
    rows,
    add: (row) => {
      using file = Deno.openSync(path, { append: true });
      writeAll(file, new TextEncoder().encode(line(row)));
      file.syncSync();
      if (row.result.status === "ok") rows.push(row);
    },
  };
}

/** The rows of a file, without its header. A last line without a line end is dropped: the sweep was killed writing it. */
function read(path: string, header: readonly string[]): string[][] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const lines = text.split("\n").slice(0, -1);
  if (text !== "" && lines[0] !== rowText(header).trimEnd()) {
    throw new Error(
      `${path} has other columns than ${header.join(",")}: it belongs to another sweep; name another folder with --out`,
    );
  }
  return lines.slice(1).map(parseRow).filter((cells) => cells.length === header.length);
}

/** Lets the first row of each cell pass. */
function firstOfEach(flags: readonly string[]): (row: Row) => boolean {
  const seen = new Set<string>();
  return ({ values, seed }) => {
    const key = JSON.stringify([...flags.map((name) => values[name]), seed]);
    return !seen.has(key) && seen.add(key) !== undefined;
  };
}

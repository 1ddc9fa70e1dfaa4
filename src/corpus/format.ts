/**
 * What a text looks like that is more than text: its brackets, quotes and tags would be learnt like any other character.
 *
 * @module
 */

import type { Texts } from "./lazy.ts";

/** A form of data that is written as text. */
export type TextFormat = "HTML" | "a JSON array" | "JSON lines" | "CSV with a header";

/** How many lines are looked at. */
const LINES = 50;

/**
 * What the lines of a text look like together, if they are no plain text. It is a guess by the first lines and the last.
 *
 * @param documents The text's documents; what is longer than a line is looked at line by line.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatOf } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(formatOf(['["anna",', '"bob"]']), "a JSON array");
 * assertEquals(formatOf(["name,count", "anna,12", "bob,7"]), "CSV with a header");
 * assertEquals(formatOf(["anna", "bob"]), undefined);
 * ```
 */
export function formatOf(documents: Texts): TextFormat | undefined {
  const lines = firstLines(documents);
  if (lines.length === 0) return undefined;
  if (/^(<!--.*-->\s*)?<(!doctype\s+html|html|head|body)\b/i.test(lines[0])) return "HTML";
  const last = documents.at(-1)!.trimEnd();
  if (/^\[\s*(["{[\d-]|$)/.test(lines[0]) && last.endsWith("]")) return "a JSON array";
  if (lines.every((line) => line.startsWith("{") && isJson(line))) return "JSON lines";
  return hasHeader(lines) ? "CSV with a header" : undefined;
}

function firstLines(documents: Texts): string[] {
  const lines: string[] = [];
  for (const document of documents) {
    // A whole text comes in long pieces.
    lines.push(...document.slice(0, 2 ** 16).split("\n").filter((line) => line.trim() !== ""));
    if (lines.length >= LINES) return lines.slice(0, LINES);
  }
  return lines;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Whether lines have as many cells each, two or more, under words that tell of a header. */
function hasHeader(lines: readonly string[]): boolean {
  if (lines.length < 3) return false;
  return [",", ";", "\t"].some((separator) => {
    const [header, ...rows] = lines.map((line) => cells(line, separator));
    if (header.length < 2 || rows.some(({ length }) => length !== header.length)) return false;
    if (new Set(header).size < header.length || !header.every((cell) => /^\p{L}[\p{L}\p{N} _-]*$/u.test(cell))) {
      return false;
    }
    const isNumbers = header.map((_, column) => rows.every((row) => isNumber(row[column])));
    return isNumbers.includes(true) || header.every((cell) => HEADINGS.has(cell.toLowerCase()));
  });
}

/** Words that stand over columns of text. */
const HEADINGS: ReadonlySet<string> = new Set([
  ...[
    "id",
    "name",
    "names",
    "text",
    "label",
    "title",
    "content",
    "body",
    "date",
    "author",
    "category",
    "gender",
    "sex",
  ],
  ...["country", "count", "line", "word", "lang", "language", "source", "target", "question", "answer"],
]);

const isNumber = (cell: string): boolean => cell !== "" && Number.isFinite(Number(cell));

/** The cells of a line; between quotes a separator is part of a cell. */
function cells(line: string, separator: string): string[] {
  const found: string[] = [""];
  let isQuoted = false;
  for (const c of line) {
    if (c === '"') isQuoted = !isQuoted;
    else if (c === separator && !isQuoted) found.push("");
    else found[found.length - 1] += c;
  }
  return found.map((cell) => cell.trim());
}

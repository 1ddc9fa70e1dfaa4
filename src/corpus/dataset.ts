/**
 * Text to documents.
 *
 * @module
 */

import type { TrainingDocument } from "./blocks.ts";

const BYTE_ORDER_MARK = /^\ufeff/;
const LINE_END = /\r\n|\r|\n/;
const LINE_ENDS = /\r\n|\r/g;

/**
 * What Python's `str.strip` takes for white space: Unicode's, and U+001C to U+001F. JavaScript's `trim` differs: it
 * leaves those and U+0085, and takes U+FEFF.
 */
const isSpace = (c: string): boolean => /\p{White_Space}/u.test(c) || (c >= "\x1c" && c <= "\x1f");

/** A line without the white space around it. Two loops, since a regular expression takes quadratic time on long runs. */
function strip(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isSpace(line[start])) start++;
  while (end > start && isSpace(line[end - 1])) end--;
  return line.slice(start, end);
}

/**
 * What a document is: a line; the lines between two blank ones; or the whole text.
 *
 * @example
 * ```ts
 * import type { DocumentKind } from "@microgpt/microgpt";
 *
 * const kind: DocumentKind = "paragraph";
 * ```
 */
export type DocumentKind = "line" | "paragraph" | "whole";

/**
 * The kinds of documents.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DOCUMENT_KINDS } from "@microgpt/microgpt";
 *
 * assertEquals(DOCUMENT_KINDS, ["line", "paragraph", "whole"]);
 * ```
 */
export const DOCUMENT_KINDS: readonly DocumentKind[] = ["line", "paragraph", "whole"];

/**
 * The documents of a text.
 *
 * - `"line"`: one a line, without the white space around it, blank lines dropped.
 * - `"paragraph"`: the lines between blank ones, joined by line feeds, without the white space around them.
 * - `"whole"`: all of it, with every line end a line feed.
 *
 * Lines end as Python's text files do (LF, CRLF or CR), and white space is what `str.strip` takes it to be. A byte
 * order mark at the beginning is dropped.
 *
 * Source: microgpt.py, `docs`, for lines.
 *
 * @param kind By default `"line"`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDocuments } from "@microgpt/microgpt";
 *
 * assertEquals(parseDocuments("emma\n\n  olivia \r\nava"), ["emma", "olivia", "ava"]);
 * assertEquals(parseDocuments("Call me\nIshmael.\n\nSome", "paragraph"), ["Call me\nIshmael.", "Some"]);
 * assertEquals(parseDocuments("Call me\r\nIshmael.\n", "whole"), ["Call me\nIshmael.\n"]);
 * ```
 */
export function parseDocuments(text: string, kind: DocumentKind = "line"): string[] {
  const { push, end } = documentParser(kind);
  return [...push(text), ...end()];
}

/**
 * What takes a text piece by piece and gives the documents that are complete, so that a large file need never stand in
 * memory twice.
 *
 * @example
 * ```ts
 * import { type DocumentParser, documentParser } from "@microgpt/microgpt";
 *
 * const parser: DocumentParser = documentParser("line");
 * ```
 */
export type DocumentParser = {
  /** The documents that end in this piece of the text. */
  readonly push: (text: string) => string[];
  /** Those that the end of the text ends. */
  readonly end: () => string[];
};

/**
 * {@linkcode parseDocuments} for a text that comes in pieces: the documents are the same wherever it is cut, but that a
 * whole text stays in its pieces.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { documentParser } from "@microgpt/microgpt";
 *
 * const { push, end } = documentParser("line");
 * assertEquals([push("em"), push("ma\r"), push("\nava"), end()], [[], [], ["emma"], ["ava"]]);
 * ```
 */
export function documentParser(kind: DocumentKind): DocumentParser {
  return { line: lineParser, paragraph: paragraphParser, whole: textParser }[kind]();
}

function lineParser(): DocumentParser {
  const { push, end } = lineSplitter();
  const documents = (lines: string[]): string[] => lines.map(strip).filter((document) => document !== "");
  return { push: (text) => documents(push(text)), end: () => documents(end()) };
}

function paragraphParser(): DocumentParser {
  const { push, end } = lineSplitter();
  let paragraph: string[] = [];
  const finished = (): string[] => {
    const text = strip(paragraph.join("\n"));
    paragraph = [];
    return text === "" ? [] : [text];
  };
  const documents = (lines: string[]): string[] =>
    lines.flatMap((line) => {
      if (strip(line) === "") return finished();
      paragraph.push(line);
      return [];
    });
  return { push: (text) => documents(push(text)), end: () => [...documents(end()), ...finished()] };
}

function textParser(): DocumentParser {
  const complete = completer();
  const documents = (text: string): string[] => text === "" ? [] : [text.replace(LINE_ENDS, "\n")];
  return { push: (text) => documents(complete.push(text)), end: () => documents(complete.end()) };
}

/** Cuts pieces of text into lines that are complete, without their ends. */
function lineSplitter(): { push: (text: string) => string[]; end: () => string[] } {
  const complete = completer();
  let rest = "";
  return {
    push: (text) => {
      const lines = (rest + complete.push(text)).split(LINE_END);
      rest = lines.pop()!;
      return lines;
    },
    end: () => (rest + complete.end()).split(LINE_END),
  };
}

/** Drops a byte order mark, and keeps a CR at the end of a piece back: whether an LF follows, only the next one tells. */
function completer(): { push: (text: string) => string; end: () => string } {
  let held = "";
  let first = true;
  return {
    push: (text) => {
      const all = first ? text.replace(BYTE_ORDER_MARK, "") : held + text;
      first = first && text === "";
      held = all.endsWith("\r") ? "\r" : "";
      return held === "" ? all : all.slice(0, -1);
    },
    end: () => held,
  };
}

/**
 * The documents of a step: they are taken in order, over and over, so many at a time.
 *
 * Source: microgpt.py, `docs[step % len(docs)]`, where a step has one.
 *
 * @param documents At least as many as the step takes.
 * @param step Counted from 0.
 * @param size How many the step takes; by default 1.
 * @throws {RangeError} If there are fewer documents than the step takes.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchAt } from "@microgpt/microgpt";
 *
 * assertEquals(batchAt(["a", "b", "c"], 4), ["b"]);
 * assertEquals(batchAt(["a", "b", "c"], 1, 2), ["c", "a"]);
 * ```
 */
export function batchAt<T extends TrainingDocument>(documents: readonly T[], step: number, size: number = 1): T[] {
  const { length } = documents;
  if (size > length) {
    throw new RangeError(`a batch of ${size} documents cannot be taken from ${length}: it must be ${length} at most`);
  }
  const batch: T[] = [];
  for (let i = 0; i < size; i++) batch.push(documents[(step * size + i) % length]);
  return batch;
}

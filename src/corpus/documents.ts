/**
 * Text to documents.
 *
 * @module
 */

import { settingError } from "../range.ts";
import type { TrainingDocument } from "./blocks.ts";
import type { Documents } from "./lazy.ts";

const BYTE_ORDER_MARK = "\ufeff";
const LINE_END = /\r\n|\r|\n/;
const LINE_ENDS = /\r\n|\r/g;

/**
 * White space as Python's `str.strip` knows it: Unicode's, and U+001C to U+001F. JavaScript's `trim` differs: it leaves
 * those and U+0085, and removes U+FEFF.
 */
function isSpace(unit: number): boolean {
  if (unit > 0x20 && unit < 0x7f) return false; // what nearly every line begins and ends with
  return (unit >= 0x1c && unit <= 0x1f) || /\p{White_Space}/u.test(String.fromCharCode(unit));
}

/**
 * A line without the white space around it. Two loops, since a regular expression takes quadratic time on long runs.
 *
 * @param line Any text.
 */
export function strip(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isSpace(line.charCodeAt(start))) start++;
  while (end > start && isSpace(line.charCodeAt(end - 1))) end--;
  return end - start === line.length ? line : line.slice(start, end);
}

/**
 * What counts as a document: a line, of which a long one is used as far as the block goes, or in blocks; the lines between
 * two blank ones; or the whole text.
 */
export type DocumentKind = "line" | "line-blocks" | "paragraph" | "whole";

/** The kinds of documents. */
export const DOCUMENT_KINDS: readonly DocumentKind[] = ["line", "line-blocks", "paragraph", "whole"];

/**
 * The documents of a text.
 *
 * - `"line"` and `"line-blocks"`: one a line, without the white space around it; blank lines are dropped.
 * - `"paragraph"`: the lines between blank ones, joined by line feeds, without the white space around them.
 * - `"whole"`: the whole text, with every line end a line feed.
 *
 * Lines end as in Python's text files (LF, CRLF or CR), and white space is what `str.strip` removes. A byte order mark at
 * the beginning is dropped.
 *
 * Source: microgpt.py, `docs`, for lines.
 *
 * @param text The text.
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
  return [...documentsIn([text], kind)];
}

/**
 * {@linkcode parseDocuments} for a text that comes in pieces, so that a large file need never be in memory twice. The
 * documents are the same wherever the text is cut, except that a whole text stays in its pieces.
 *
 * @param pieces The text, cut anywhere.
 * @param kind What counts as a document.
 * @throws {RangeError} If there is no such kind, or a line or a paragraph has more than 100,000,000 characters.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { documentsIn } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([...documentsIn(["em", "ma\r", "\nava"], "line")], ["emma", "ava"]);
 * ```
 */
export function documentsIn(pieces: Iterable<string>, kind: DocumentKind): Generator<string> {
  checkDocumentKind(kind);
  const text = inWholes(pieces);
  if (kind === "paragraph") return paragraphs(text);
  return kind === "whole" ? lineFeeds(text) : strippedLines(text);
}

function* strippedLines(pieces: Iterable<string>): Generator<string> {
  for (const lines of linesOf(pieces)) {
    for (const line of lines) {
      const document = strip(line);
      if (document !== "") yield document;
    }
  }
}

function* paragraphs(pieces: Iterable<string>): Generator<string> {
  let paragraph: string[] = [];
  let length = 0;
  for (const lines of linesOf(pieces)) {
    for (const line of lines) {
      if (strip(line) !== "") {
        length = paragraph.length === 0 ? line.length : length + 1 + line.length;
        checkLength(length, "a paragraph");
        paragraph.push(line);
      } else if (paragraph.length > 0) {
        yield strip(paragraph.join("\n"));
        paragraph = [];
      }
    }
  }
  if (paragraph.length > 0) yield strip(paragraph.join("\n"));
}

function* lineFeeds(pieces: Iterable<string>): Generator<string> {
  for (const piece of pieces) yield piece.replace(LINE_ENDS, "\n");
}

/** The lines of a text, without their ends: those that end in each piece, at last the rest. */
function* linesOf(pieces: Iterable<string>): Generator<string[]> {
  let rest = "";
  for (const piece of pieces) {
    const lines = piece.split(LINE_END);
    checkLength(rest.length + lines[0].length, "a line");
    lines[0] = rest + lines[0];
    rest = lines.pop()!;
    yield lines;
  }
  yield [rest];
}

/** A longer one would take seconds and gigabytes before anything is said, and a string has 2^29 code units at most. */
const MOST_UNITS = 100_000_000;

function checkLength(length: number, what: string): void {
  if (length <= MOST_UNITS) return;
  throw settingError((nameOf) =>
    `${what} has more than ${MOST_UNITS.toLocaleString("en")} characters, which is the most; with ` +
    `${nameOf("documentKind")} whole a text may be longer`
  );
}

/**
 * The pieces of a text without its byte order mark and without empty ones, cut neither between CR and LF nor within a
 * surrogate pair.
 */
function* inWholes(pieces: Iterable<string>): Generator<string> {
  let held = "";
  let first = true;
  for (const piece of pieces) {
    if (piece === "") continue;
    const text = first && piece.startsWith(BYTE_ORDER_MARK) ? piece.slice(1) : held + piece;
    first = false;
    held = isUnfinished(text.charCodeAt(text.length - 1)) ? text.slice(-1) : "";
    const whole = text.slice(0, text.length - held.length);
    if (whole !== "") yield whole;
  }
  if (held !== "") yield held;
}

/** Whether a code unit may belong together with the next one: CR, and the first half of a surrogate pair. */
const isUnfinished = (unit: number): boolean => unit === 0x0d || unit >= 0xd800 && unit < 0xdc00;

/**
 * The documents of a step: a batch at a time, in order, over and over.
 *
 * Source: microgpt.py, `docs[step % len(docs)]`, where a step has one.
 *
 * @param documents At least as many as a batch has.
 * @param step Counted from 0.
 * @param size Number of documents in the batch; by default 1.
 * @throws {RangeError} If there are fewer documents than the batch has.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchAt } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(batchAt(["a", "b", "c"], 4), ["b"]);
 * assertEquals(batchAt(["a", "b", "c"], 1, 2), ["c", "a"]);
 * ```
 */
export function batchAt(documents: Documents, step: number, size: number = 1): TrainingDocument[] {
  const { length } = documents;
  if (size > length) {
    throw new RangeError(`a batch of ${size} documents cannot be taken from ${length}: it must be ${length} at most`);
  }
  const batch: TrainingDocument[] = [];
  for (let i = 0; i < size; i++) batch.push(documents.at((step * size + i) % length)!);
  return batch;
}

/**
 * Refuses a kind of document that does not exist.
 *
 * @param kind A name.
 * @returns The name, if it is in {@linkcode DOCUMENT_KINDS}.
 * @throws {RangeError} If it is not.
 */
export function checkDocumentKind(kind: string): DocumentKind {
  const found = DOCUMENT_KINDS.find((known) => known === kind);
  if (found !== undefined) return found;
  throw settingError((nameOf) =>
    `${nameOf("documentKind")} ${JSON.stringify(kind)} does not exist: it must be one of ${DOCUMENT_KINDS.join(", ")}`
  );
}

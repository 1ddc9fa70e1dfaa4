/**
 * Text to documents.
 *
 * @module
 */

const BYTE_ORDER_MARK = /^\ufeff/;
const LINE_END = /\r\n|\r|\n/;

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
 * The documents of a text: one a line, without the white space around them, blank lines dropped.
 *
 * Lines end as Python's text files do (LF, CRLF or CR), and white space is what `str.strip` takes it to be. A byte
 * order mark at the beginning is dropped.
 *
 * Source: microgpt.py, `docs`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDocuments } from "@microgpt/microgpt";
 *
 * assertEquals(parseDocuments("emma\n\n  olivia \r\nava"), ["emma", "olivia", "ava"]);
 * ```
 */
export function parseDocuments(text: string): string[] {
  return text
    .replace(BYTE_ORDER_MARK, "")
    .split(LINE_END)
    .map(strip)
    .filter((document) => document !== "");
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
export function batchAt(documents: readonly string[], step: number, size: number = 1): string[] {
  const { length } = documents;
  if (size > length) {
    throw new RangeError(`a batch of ${size} documents cannot be taken from ${length}: it must be ${length} at most`);
  }
  const batch: string[] = [];
  for (let i = 0; i < size; i++) batch.push(documents[(step * size + i) % length]);
  return batch;
}

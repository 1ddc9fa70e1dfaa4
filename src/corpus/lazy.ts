/**
 * Documents that are not all in memory at once: the blocks of a long text, and the lines of a long file, are made when they
 * are asked for.
 *
 * @module
 */

import { checkRange } from "../range.ts";
import type { Block, TrainingDocument } from "./blocks.ts";
import { countCharacters, indexAfter, lastCharacter } from "./code_points.ts";

/** A list: an array, or what is read like one. */
export type List<T> = Pick<readonly T[], "length" | "at" | "slice"> & Iterable<T>;

/** The texts of a data set. */
export type Texts = List<string>;

/** What training takes its documents from. */
export type Documents = List<TrainingDocument>;

const SURROGATE = /[\ud800-\udfff]/;

/**
 * A text in blocks of `size` predictions: its characters, and after the last one its end. Each is made when it is asked for:
 * beside the text itself they take four bytes a block, or none where each character is one unit of UTF-16.
 *
 * @param given The text, in pieces that may be cut anywhere.
 * @param size From 1: the model's block size.
 * @throws {RangeError} If the size is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textBlocks } from "@microgpt/microgpt/corpus";
 *
 * assertEquals([...textBlocks(["wh", "ale"], 4)], [
 *   { text: "whal", before: null, ends: false },
 *   { text: "e", before: "l", ends: true },
 * ]);
 * ```
 */
export function textBlocks(given: readonly string[], size: number): Documents {
  checkRange("size", size, { whole: true, from: 1 });
  const pieces = inWholeCharacters(given);
  const ends = Float64Array.from(pieces, ((total) => ({ length }) => total += length)(0));
  const total = ends.at(-1) ?? 0;
  const characters = pieces.reduce(
    (sum, piece) => sum + (SURROGATE.test(piece) ? countCharacters(piece) : piece.length),
    0,
  );
  // The end of the text is one more prediction.
  const length = Math.floor(characters / size) + 1;
  const starts = characters === total ? undefined : blockStarts(pieces, size, length);
  const startOf = (i: number): number => i >= length ? total : starts?.[i] ?? i * size;

  /** The units of the text from one place to another. */
  const textBetween = (from: number, to: number): string => {
    let text = "";
    for (let p = pieceAt(ends, from), at = from; at < to; p++) {
      const begin = ends[p] - pieces[p].length;
      text += pieces[p].slice(at - begin, to - begin);
      at = ends[p];
    }
    return text;
  };
  const block = (i: number): Block => {
    const [from, to] = [startOf(i), startOf(i + 1)];
    const before = i === 0 ? null : lastCharacter(textBetween(Math.max(0, from - 2), from));
    return { text: textBetween(from, to), before, ends: i === length - 1 };
  };
  return lazily(length, block);
}

/**
 * A document in blocks of `size` predictions: its characters, and after the last one its end. A document that fits in one
 * block stays as it is.
 *
 * @param document Its text.
 * @param size From 1: the model's block size.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutDocument, textOf } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(cutDocument("whale", 6), ["whale"]);
 * assertEquals(cutDocument("whale", 2).map(textOf), ["wh", "al", "e"]);
 * ```
 */
export function cutDocument(document: string, size: number): TrainingDocument[] {
  checkRange("size", size, { whole: true, from: 1 });
  if (document.length < size) return [document];
  const blocks = textBlocks([document], size);
  return blocks.length === 1 ? [document] : blocks.slice();
}

/** The number of the piece in which a unit of the text is. */
function pieceAt(ends: Float64Array, unit: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= unit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where each block begins, in units of the text. */
function blockStarts(pieces: readonly string[], size: number, length: number): Uint32Array {
  const starts = new Uint32Array(length);
  let [next, before, missing] = [1, 0, size];
  for (const piece of pieces) {
    let index = 0;
    while (next < length) {
      const left = countUpTo(piece, index, missing);
      index = indexAfter(piece, index, missing);
      if (left < missing) {
        missing -= left;
        break;
      }
      starts[next++] = before + index;
      missing = size;
    }
    before += piece.length;
  }
  return starts;
}

/** How many characters there are from an index on, or `most` if there are more. */
function countUpTo(text: string, index: number, most: number): number {
  return countCharacters(text.slice(index, indexAfter(text, index, most)));
}

/** The same text in pieces that end with no half of a character. */
function inWholeCharacters(given: readonly string[]): readonly string[] {
  const isCut = (piece: string): boolean => /[\ud800-\udbff]$/.test(piece);
  if (!given.some(isCut)) return given.some((piece) => piece === "") ? given.filter((piece) => piece !== "") : given;
  const whole: string[] = [];
  let held = "";
  for (const piece of given) {
    const text: string = held + piece;
    held = isCut(text) ? text.slice(-1) : "";
    if (text.length > held.length) whole.push(held === "" ? text : text.slice(0, -1));
  }
  return held === "" ? whole : [...whole, held];
}

/**
 * A list whose elements a function makes, each when it is asked for.
 *
 * @param length Its length.
 * @param make Makes an element, from its index.
 */
export function lazily<T>(length: number, make: (index: number) => T): List<T> {
  const at = (index: number): T | undefined => {
    const i = index < 0 ? index + length : index;
    return i >= 0 && i < length ? make(i) : undefined;
  };
  return {
    length,
    at,
    slice: (from = 0, to = length) => {
      const [first, end] = [from, to].map((index) => Math.min(length, index < 0 ? Math.max(0, index + length) : index));
      return Array.from({ length: Math.max(0, end - first) }, (_, i) => make(first + i));
    },
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield make(i);
    },
  };
}

/**
 * Some of the documents, in another order.
 *
 * @param documents Where they are taken from.
 * @param indices Their numbers there.
 * @returns An array where the documents are one.
 */
export function pick(documents: Documents, indices: Uint32Array): Documents {
  if (Array.isArray(documents)) return Array.from(indices, (i) => documents[i]);
  return lazily(indices.length, (i) => documents.at(indices[i])!);
}

/**
 * The numbers of the documents for which something holds.
 *
 * @param documents Documents.
 * @param holds What must hold.
 */
export function indicesOf(documents: Documents, holds: (document: TrainingDocument) => boolean): Uint32Array {
  const found = new Uint32Array(documents.length);
  let [count, i] = [0, 0];
  for (const document of documents) {
    if (holds(document)) found[count++] = i;
    i++;
  }
  return found.slice(0, count);
}

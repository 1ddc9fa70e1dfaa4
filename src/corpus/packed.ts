/**
 * Many short texts in little memory: V8 takes some forty bytes for each string, and a data set may have ten million lines.
 *
 * @module
 */

import { lazily, type Texts } from "./lazy.ts";

/** Texts in one piece; a power of 2. */
const PER_PIECE = 4096;

/** Up to this many stay in an array, which is faster. */
const FEW = 2 ** 16;

/** A piece of more code units is left in its parts: a string has 2^29 at most. */
const MOST_UNITS = 2 ** 20;

/** Texts in one string, and where each begins in it, the last one followed by its end. */
type Piece = { readonly text: string; readonly starts: Uint32Array };

/** Texts that can be added to, and looked up by their number. */
export type PackedTexts = {
  /** Adds a text; returns how many there are now. */
  readonly push: (text: string) => number;
  /** The text of a number, from 0. */
  readonly get: (index: number) => string;
};

/** An empty {@linkcode PackedTexts}. */
export function packedTexts(): PackedTexts {
  const pieces: (Piece | readonly string[])[] = [];
  let last: string[] = [];
  return {
    push: (text) => {
      const length = last.push(text);
      if (length === PER_PIECE) {
        pieces.push(packed(last));
        last = [];
      }
      return (pieces.length - (length === PER_PIECE ? 1 : 0)) * PER_PIECE + length;
    },
    get: (index) => {
      const i = index % PER_PIECE;
      const piece = pieces[(index - i) / PER_PIECE] ?? last;
      return "text" in piece ? piece.text.slice(piece.starts[i], piece.starts[i + 1]) : piece[i];
    },
  };
}

function packed(texts: readonly string[]): Piece | readonly string[] {
  const starts = new Uint32Array(texts.length + 1);
  texts.forEach(({ length }, i) => starts[i + 1] = starts[i] + length);
  return starts[texts.length] > MOST_UNITS ? texts : { text: texts.join(""), starts };
}

/**
 * Texts, read like an array; many that are short take about a third of its memory.
 *
 * @param texts The texts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packTexts } from "@microgpt/microgpt/corpus";
 *
 * const texts = packTexts(["anna", "bob"]);
 * assertEquals([texts.length, texts.at(-1)], [2, "bob"]);
 * ```
 */
export function packTexts(texts: Iterable<string>): Texts {
  const few: string[] = [];
  const { push, get } = packedTexts();
  let length = 0;
  for (const text of texts) {
    if (length < FEW) length = few.push(text);
    else {
      if (length === FEW) few.forEach(push);
      length = push(text);
    }
  }
  return length <= FEW ? few : lazily(length, get);
}

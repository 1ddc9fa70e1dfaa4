/**
 * Long text in blocks: so that all of it is trained on, and not just as much as the model can look at.
 *
 * @module
 */

/**
 * A piece of a longer document. It is trained on as the characters of `text`, each predicted from those before it in the
 * piece, the first from `before`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Block, cutDocument } from "@microgpt/microgpt";
 *
 * const [, last] = cutDocument("whale", 4) as Block[];
 * assertEquals(last, { text: "e", before: "l", ends: true });
 * ```
 */
export type Block = {
  /** Its characters. */
  readonly text: string;
  /** The character before it; null at the beginning of the document, where BOS stands. */
  readonly before: string | null;
  /** Whether the document ends with it, so that BOS is predicted after its last character. */
  readonly ends: boolean;
};

/**
 * What is trained on in one piece: a whole document, or a block of one.
 *
 * @example
 * ```ts
 * import { textOf, type TrainingDocument } from "@microgpt/microgpt";
 *
 * const document: TrainingDocument = "anna";
 * const text: string = textOf(document);
 * ```
 */
export type TrainingDocument = string | Block;

/**
 * The characters of a document or block.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textOf } from "@microgpt/microgpt";
 *
 * assertEquals([textOf("anna"), textOf({ text: "na", before: "n", ends: true })], ["anna", "na"]);
 * ```
 */
export function textOf(document: TrainingDocument): string {
  return typeof document === "string" ? document : document.text;
}

/**
 * A document in blocks of `size` predictions: its characters, and after the last one its end. What fits in one block stays
 * as it is.
 *
 * @param size From 1: the model's block size.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutDocument, textOf } from "@microgpt/microgpt";
 *
 * assertEquals(cutDocument("whale", 6), ["whale"]);
 * assertEquals(cutDocument("whale", 2).map(textOf), ["wh", "al", "e"]);
 * ```
 */
export function cutDocument(document: string, size: number): TrainingDocument[] {
  const blocks = [...cutText([document], size)];
  return blocks.length === 1 ? [document] : blocks;
}

/**
 * One text, which comes in pieces, in blocks; where it is cut into pieces makes no difference.
 *
 * @param size From 1: the model's block size.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cutText } from "@microgpt/microgpt";
 *
 * assertEquals([...cutText(["wh", "ale"], 4)], [
 *   { text: "whal", before: null, ends: false },
 *   { text: "e", before: "l", ends: true },
 * ]);
 * ```
 */
export function* cutText(pieces: Iterable<string>, size: number): Generator<Block> {
  let before: string | null = null;
  let rest = "";
  for (const piece of pieces) {
    const text: string = rest + piece;
    let start = 0;
    // A block that ends where the text does is kept back: more may come.
    for (let end = after(text, 0, size); end < text.length; end = after(text, start, size)) {
      const block = text.slice(start, end);
      yield { text: block, before, ends: false };
      before = lastCharacter(block);
      start = end;
    }
    rest = text.slice(start);
  }
  // The end of the document is one more prediction.
  if (after(rest, 0, size) === rest.length && countCharacters(rest) === size) {
    yield { text: rest, before, ends: false };
    before = lastCharacter(rest);
    rest = "";
  }
  yield { text: rest, before, ends: true };
}

/** The index after `count` characters from `start` on, or the text's length if there are fewer. */
function after(text: string, start: number, count: number): number {
  let index = start;
  for (let i = 0; i < count && index < text.length; i++) index += characterLength(text, index);
  return Math.min(index, text.length);
}

/** How many code units the character at an index takes: 2 for a surrogate pair. */
function characterLength(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit < 0xdc00 ? 2 : 1;
}

function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += characterLength(text, index)) count++;
  return count;
}

function lastCharacter(text: string): string {
  const unit = text.charCodeAt(text.length - 1);
  return text.slice(unit >= 0xdc00 && unit < 0xe000 ? -2 : -1);
}

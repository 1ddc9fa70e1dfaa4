/**
 * Bytes that come in pieces to text, in any encoding that `TextDecoder` knows.
 *
 * @module
 */

import { type Mark, markOf, utf8TextIn } from "./utf8.ts";

/** A decoder says only that something is wrong; with slices this small an error can say where. */
const SLICE_BYTES = 256;
/** The most bytes before the last one of a character. */
const CHARACTER_BYTES = 3;

/**
 * The text of bytes, in pieces of which none ends in the middle of a character.
 *
 * @param what What the bytes are, for an error.
 * @param encoding Their encoding, by the name that `TextDecoder` gives it.
 * @throws {Error} If they are not text in it; the message says where.
 */
export function textIn(pieces: Iterable<Uint8Array>, what: string, encoding: string): Generator<string> {
  return encoding === "utf-8"
    ? utf8TextIn(pieces, { what, takesEncoding: true })
    : decodedTextIn(pieces, what, encoding);
}

function* decodedTextIn(pieces: Iterable<Uint8Array>, what: string, encoding: string): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let offset = 0;
  const decode = (bytes: Uint8Array, stream: boolean): string => {
    let text: string | undefined;
    try {
      text = decoder.decode(bytes, { stream });
    } catch {
      // Told below.
    }
    if (text === undefined || text.includes("\0")) {
      const why = text === undefined ? `not ${encoding}` : "binary";
      // A character that goes wrong here may have begun before.
      const [from, to] = [Math.max(0, offset - CHARACTER_BYTES), Math.max(offset, offset + bytes.length) - 1];
      throw new Error(`${what} is ${why} among its bytes ${from} to ${to}; it must be text in ${encoding}`);
    }
    offset += bytes.length;
    return text;
  };
  for (const piece of pieces) {
    if (offset === 0) checkMark(markOf(piece), what, encoding);
    let text = "";
    for (let at = 0; at < piece.length; at += SLICE_BYTES) text += decode(piece.subarray(at, at + SLICE_BYTES), true);
    yield text;
  }
  yield decode(new Uint8Array(), false);
}

/** Refuses an encoding that is another than the text says itself. */
function checkMark(mark: Mark | undefined, what: string, encoding: string): void {
  if (mark === undefined || mark.label === encoding) return;
  const right = mark.label === "utf-8"
    ? "leave --encoding out"
    : mark.label === undefined
    ? "save it as UTF-8"
    : `name it with --encoding ${mark.label}`;
  throw new Error(`${what} is not ${encoding} but begins as ${mark.name}: ${right}`);
}

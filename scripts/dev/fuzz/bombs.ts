/**
 * Files of a few megabytes whose header would become many times as large once it is parsed.
 *
 * @module
 */

const HEADER = 12_000_000;

/** Text that is repeated to about the length of the header. */
const filled = (piece: string): string => piece.repeat(Math.floor(HEADER / piece.length));

/** A safetensors file that is all header. */
function headerOnly(header: string): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** The files, by what is in them. */
export function* memoryBombs(): Generator<[name: string, bytes: Uint8Array]> {
  yield ["lists in lists", headerOnly(filled("["))];
  yield ["empty lists", headerOnly(`{"a":[${filled("[],")}[]]}`)];
  yield ["empty objects", headerOnly(`{"a":[${filled("{},")}{}]}`)];
  yield ["small numbers", headerOnly(`{"a":[${filled("0,")}0]}`)];
  yield ["many names", headerOnly(`{${Array.from({ length: HEADER / 14 }, (_, i) => `"${i}":"x"`).join(",")}}`)];
  yield ["metadata of lists", headerOnly(`{"__metadata__":{"config":"${filled("[],")}"}}`)];
  yield ["one long name", headerOnly(`{"${filled("a")}":0}`)];
}

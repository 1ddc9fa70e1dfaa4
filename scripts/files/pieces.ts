/**
 * Bytes of files and of standard input, in pieces.
 *
 * @module
 */

/** How much is read at a time. */
const PIECE_BYTES = 2 ** 16;

let all: readonly Uint8Array<ArrayBuffer>[] | undefined;

/** All bytes of standard input, until it ends. It can be read once, but asked for again. */
export function stdinPieces(): readonly Uint8Array<ArrayBuffer>[] {
  all ??= [...readPieces(Deno.stdin, PIECE_BYTES)];
  return all;
}

/** What gives some bytes at a time: a file, or standard input. */
type Readable = { readonly readSync: (bytes: Uint8Array) => number | null };

/** The bytes that are left to read, in pieces of which only the last is smaller than the others. */
export function* readPieces(from: Readable, size: number): Generator<Uint8Array<ArrayBuffer>> {
  while (true) {
    const piece = new Uint8Array(size);
    let length = 0;
    for (let read: number | null = 0; read !== null && length < size; length += read ?? 0) {
      read = from.readSync(piece.subarray(length));
    }
    if (length > 0) yield piece.subarray(0, length);
    if (length < size) return;
  }
}

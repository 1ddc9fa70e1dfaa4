/**
 * Bytes packed by gzip.
 *
 * @module
 */

/** All bytes together. */
export function bytesOf(pieces: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...pieces].flatMap((piece) => [...piece]));
}

/** Bytes as gzip packs them. */
export async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = ReadableStream.from([bytes]).pipeThrough(new CompressionStream("gzip"));
  return bytesOf(await Array.fromAsync(stream));
}

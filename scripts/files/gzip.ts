/**
 * Bytes that may have been packed by gzip.
 *
 * @module
 */

/** What everything packed by gzip begins with. Source: RFC 1952, section 2.3.1. */
const MAGIC = [0x1f, 0x8b];

/**
 * The bytes themselves, unpacked if they begin as gzip does: they are then in memory, all of them.
 *
 * @param what What they are, for an error.
 * @throws {Error} If they cannot be unpacked.
 */
export async function unpacked(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  what: string,
): Promise<Iterable<Uint8Array<ArrayBuffer>>> {
  const rest = Iterator.from(pieces);
  const first = rest.next().value;
  if (first === undefined) return [];
  const all = (function* () {
    yield first;
    yield* rest;
  })();
  if (!MAGIC.every((byte, i) => first[i] === byte)) return all;
  try {
    return await Array.fromAsync(ReadableStream.from(all).pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it could not be read
    throw new Error(`${what} is packed by gzip, and damaged, cut short or in several parts: unpack it with gunzip`);
  }
}

/**
 * The checksum of checkpoints.
 *
 * @module
 */

/** The checksum of each single byte, by the reversed polynomial. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/**
 * CRC-32 as gzip and PNG use it. It finds every change that lies within 32 successive bits, so any changed byte.
 *
 * Source: RFC 1952, section 8.
 *
 * @param bytes What to add to the checksum.
 * @param previous The checksum of the bytes before these; by default there are none.
 * @returns 0 to 2^32 - 1
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32 } from "@microgpt/microgpt/formats";
 *
 * assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
 * ```
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let c = ~previous;
  for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 0xff] ^ (c >>> 8);
  return ~c >>> 0;
}

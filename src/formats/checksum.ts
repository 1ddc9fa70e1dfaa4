/**
 * Checksums of safetensors files: by what is in them, and, as older checkpoints have it, by all bytes.
 *
 * @module
 */

import { crc32 } from "./crc32.ts";
import { dtypeOf, type Safetensors } from "./safetensors.ts";

const hex = (checksum: number): string => checksum.toString(16).padStart(8, "0");

/**
 * The checksum of tensors and metadata but for its own entry, `checksum`. It goes by names and values: in which order they
 * stand in a file, and how its header is written, makes no difference.
 *
 * It is the CRC-32 of lines in JSON: `[key, value]` for each metadata entry, then, each followed by its bytes,
 * `[name, dtype, shape]` for each tensor; both sorted by name.
 *
 * @param file Tensors and metadata.
 * @returns 8 hexadecimal digits.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contentChecksum } from "@microgpt/microgpt/formats";
 *
 * const x = { shape: [2], data: new Float64Array([1, 2]) };
 * const y = { shape: [1], data: new Float64Array([3]) };
 * const checksum = contentChecksum({ tensors: new Map([["x", x], ["y", y]]), metadata: { made: "by hand" } });
 * assertEquals(contentChecksum({ tensors: new Map([["y", y], ["x", x]]), metadata: { made: "by hand" } }), checksum);
 * ```
 */
export function contentChecksum({ tensors, metadata }: Safetensors): string {
  const encoder = new TextEncoder();
  let checksum = 0;
  const add = (line: unknown): void => {
    checksum = crc32(encoder.encode(`${JSON.stringify(line)}\n`), checksum);
  };
  for (const key of Object.keys(metadata).sort()) if (key !== "checksum") add([key, metadata[key]]);
  for (const name of [...tensors.keys()].sort()) {
    const { shape, data } = tensors.get(name)!;
    add([name, dtypeOf(data), shape]);
    checksum = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), checksum);
  }
  return hex(checksum);
}

/** How files with a checksum of all bytes begin, after the length of the header; the checksum follows. */
export const BYTES_CHECKSUM_PREFIX = '{"__metadata__":{"crc32":"';
const START = 8 + BYTES_CHECKSUM_PREFIX.length;
const END = START + 8;

/**
 * The checksum of all bytes of a file but its own, which it has after {@linkcode BYTES_CHECKSUM_PREFIX}.
 *
 * @param bytes The whole file.
 * @returns 8 hexadecimal digits.
 */
export function bytesChecksum(bytes: Uint8Array): string {
  return hex(crc32(bytes.subarray(END), crc32(bytes.subarray(0, START))));
}

/**
 * Bytes: safetensors files, checkpoints, run logs.
 *
 * @module
 */

export * from "./checkpoint.ts";
export * from "./checksum.ts";
export * from "./crc32.ts";
export * from "./json.ts";
export * from "./run_log.ts";
export * from "./safetensors.ts";

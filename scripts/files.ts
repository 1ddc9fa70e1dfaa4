/**
 * Files: documents and checkpoints in, checkpoints out.
 *
 * @module
 */

import { beginsAsCheckpoint, type Checkpoint, decodeCheckpoint, encodeCheckpoint, parseDocuments } from "../mod.ts";

/** Where `train` saves and `sample` looks. */
export const DEFAULT_MODEL = "out/model.safetensors";

/** The documents of a UTF-8 text file, one a line; at least two. */
export function readDocuments(path: string): string[] {
  const bytes = readBytes("data file", path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`data file ${path} is not UTF-8: it must be text, one document a line`);
  }
  if (text.includes("\0")) throw new Error(`data file ${path} is binary: it must be text, one document a line`);
  const documents = parseDocuments(text);
  if (documents.length < 2) {
    const found = documents.length === 0 ? "no document" : "1 document";
    throw new Error(`data file ${path} has ${found}: it must have at least 2, one a line`);
  }
  return documents;
}

/** The checkpoint in a file. */
export function readCheckpoint(path: string): Checkpoint {
  let bytes: Uint8Array;
  try {
    bytes = readBytes("model", path);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.NotFound) {
      throw new Error(`there is no model at ${path}: run deno task train first, or name another with --model`);
    }
    throw error;
  }
  try {
    return decodeCheckpoint(bytes);
  } catch (error) {
    throw new Error(`model ${path} cannot be loaded: ${(error as Error).message}`);
  }
}

function readBytes(what: string, path: string): Uint8Array {
  try {
    // A device or a pipe may have no end.
    const { isFile, isDirectory } = Deno.statSync(path);
    if (!isFile && !isDirectory) throw new Error("it is not a regular file");
    return Deno.readFileSync(path);
  } catch (error) {
    throw new Error(`${what} ${path} cannot be read: ${reason(error)}`, { cause: error });
  }
}

/** Finds out whether a checkpoint can be written, by writing an empty file beside it; makes its folder if need be. */
export function checkWritable(path: string): void {
  try {
    const target = resolveTarget(path);
    checkReplaceable(target);
    const temporary = temporaryName(target);
    Deno.writeFileSync(temporary, new Uint8Array(), { createNew: true });
    Deno.removeSync(temporary);
  } catch (error) {
    throw new Error(`model ${path} cannot be written: ${reason(error)}`);
  }
}

/**
 * Writes a checkpoint to a temporary file beside it, flushes it to the disk, and only then puts it in the place of the
 * old one: at every moment there is a whole one.
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const bytes = encodeCheckpoint(checkpoint);
  try {
    const target = resolveTarget(path);
    const temporary = temporaryName(target);
    try {
      writeFlushed(temporary, bytes);
      Deno.renameSync(temporary, target);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
  } catch (error) {
    throw new Error(`model ${path} cannot be written: ${reason(error)}`);
  }
}

/** The file that a path leads to, through links; its folder exists afterwards. */
function resolveTarget(path: string): string {
  let target: string;
  try {
    target = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const folder = path.replace(/[^/\\]*$/, "");
    if (folder !== "") Deno.mkdirSync(folder, { recursive: true });
    return path;
  }
  const { isFile, isDirectory } = Deno.statSync(target);
  if (!isFile) throw new Error(isDirectory ? "it is a folder" : "it is not a regular file");
  return target;
}

/** Refuses to let a model replace a file that is something else: not empty, and not a checkpoint, whole or damaged. */
function checkReplaceable(path: string): void {
  const start = new Uint8Array(64);
  let length: number | null;
  try {
    using file = Deno.openSync(path);
    length = file.readSync(start);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (length !== null && !beginsAsCheckpoint(start.subarray(0, length))) {
    throw new Error("there is a file that is no model: move it or name another");
  }
}

/** A name beside the target that no other run uses, nor one that was killed left behind. */
const temporaryName = (target: string): string => `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;

function writeFlushed(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  file.syncSync();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or is already in place.
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission is denied";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "a part of the path is a file, not a folder";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * Checkpoints as files.
 *
 * @module
 */

import { beginsAsCheckpoint, type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../mod.ts";

/** Where `train` saves and `sample` looks. */
export const DEFAULT_MODEL = "out/model.safetensors";

/** The checkpoint in a file that a flag has named. */
export function readCheckpoint(path: string, flag: "--model" | "--resume" = "--model"): Checkpoint {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Deno.errors.NotFound) {
      throw new Error(`there is no model at ${path}: run deno task train first, or name another with ${flag}`);
    }
    throw error;
  }
  try {
    return decodeCheckpoint(bytes);
  } catch (error) {
    throw new Error(`model ${path} cannot be loaded: ${(error as Error).message}`);
  }
}

function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    // A device or a pipe may have no end.
    const { isFile, isDirectory } = Deno.statSync(path);
    if (!isFile && !isDirectory) throw new Error("it is not a regular file");
    return Deno.readFileSync(path);
  } catch (error) {
    throw new Error(`model ${path} cannot be read: ${reason(error)}`, { cause: error });
  }
}

/**
 * Finds out whether a checkpoint can be written, by writing an empty file beside it; makes its folder if need be, and
 * removes what killed runs have left there.
 */
export function checkWritable(path: string): void {
  try {
    const target = resolveTarget(path);
    checkReplaceable(target);
    removeLeftovers(target);
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
  writeBytes(path, encodeCheckpoint(checkpoint));
}

/** Writes a file so that there is a whole one at every moment. */
export function writeBytes(path: string, bytes: Uint8Array, what = "model"): void {
  catchSizeLimit();
  try {
    const target = resolveTarget(path);
    const temporary = temporaryName(target);
    try {
      using file = Deno.openSync(temporary, { write: true, createNew: true });
      file.lockSync(true); // says that it is in use
      for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
      keepMode(target, temporary);
      file.syncSync();
      Deno.renameSync(temporary, target);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    syncFolder(target);
  } catch (error) {
    throw new Error(`${what} ${path} cannot be written: ${reason(error)}`);
  }
}

/** Gives a file that is to replace another one the same permissions, where there are such. */
function keepMode(old: string, next: string): void {
  try {
    const { mode } = Deno.statSync(old);
    if (mode !== null) Deno.chmodSync(next, mode & 0o777);
  } catch {
    // There is no old one.
  }
}

let catchesSizeLimit = false;

/** From now on writing past a limit on the size of files is an error, where it would end the process. */
export function catchSizeLimit(): void {
  if (catchesSizeLimit) return;
  catchesSizeLimit = true;
  try {
    Deno.addSignalListener("SIGXFSZ", () => {});
  } catch {
    // This system has no such signal.
  }
}

/** The file that a path leads to, through links; its folder exists afterwards. */
function resolveTarget(path: string): string {
  let target: string;
  try {
    target = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(folderAndName(path)[0], { recursive: true });
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
const TEMPORARY_END = /^\.[0-9a-f]{8}\.tmp$/;

/** The folder of a path, and the name in it. */
function folderAndName(path: string): [folder: string, name: string] {
  const [, folder, name] = path.match(/^(.*[/\\])?([^/\\]*)$/s)!;
  return [folder ?? ".", name];
}

/** Removes temporary files beside the target that no run has locked. */
function removeLeftovers(target: string): void {
  const [folder, name] = folderAndName(target);
  for (const entry of Deno.readDirSync(folder)) {
    if (!entry.isFile || !entry.name.startsWith(name) || !TEMPORARY_END.test(entry.name.slice(name.length))) continue;
    const path = `${folder}/${entry.name}`;
    try {
      using file = Deno.openSync(path, { write: true });
      if (file.tryLockSync(true)) Deno.removeSync(path);
    } catch {
      // It is gone, or not ours to remove.
    }
  }
}

/** Makes a renaming last through a power cut, where folders can be flushed. */
function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(folderAndName(path)[0]);
    folder.syncSync();
  } catch {
    // Then the system does it in its own time.
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or is already in place.
  }
}

/** Why the system refused something, in a few words. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission is denied";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "a part of the path is a file, not a folder";
  }
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("os error 28")) return "there is no space left on the device";
  if (message.includes("os error 27")) return "it would be larger than files may be here";
  if (message.includes("os error 30")) return "the file system is read-only";
  return message;
}

/** Where the best model of a run goes: `out/model.safetensors` has `out/model.best.safetensors` beside it. */
export function bestPath(path: string): string {
  const [, name] = folderAndName(path);
  const dot = name.lastIndexOf(".");
  const best = dot > 0 ? `${name.slice(0, dot)}.best${name.slice(dot)}` : `${name}.best`;
  return path.slice(0, path.length - name.length) + best;
}

/** Whether two paths lead to the same file, or would, if it is not there yet. */
export function isSameFile(a: string, b: string): boolean {
  const real = (path: string): string => {
    try {
      return Deno.realPathSync(path);
    } catch {
      const [folder, name] = folderAndName(path);
      try {
        return `${Deno.realPathSync(folder)}/${name}`;
      } catch {
        return path.replace(/^(\.\/)+/, "");
      }
    }
  };
  return real(a) === real(b);
}

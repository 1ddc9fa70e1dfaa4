/**
 * Writing bytes: all of them, and whole files in one go.
 *
 * @module
 */

import { inFolder } from "../cli/places.ts";
import { checkRegular, folderAndName } from "./paths.ts";
import { reason } from "./reason.ts";

/** What takes bytes, perhaps only some of them at a time: a file, or stdout. */
export type Sink = { readonly writeSync: (bytes: Uint8Array) => number };

/** Writes all of the bytes. */
export function writeAll(sink: Sink, bytes: Uint8Array): void {
  catchSizeLimit();
  for (let written = 0; written < bytes.length;) written += sink.writeSync(bytes.subarray(written));
}

let catchesSizeLimit = false;

/** Makes writing past the limit on the size of files an error: by default the system ends the process. */
function catchSizeLimit(): void {
  if (catchesSizeLimit) return;
  catchesSizeLimit = true;
  try {
    Deno.addSignalListener("SIGXFSZ", () => {});
  } catch {
    // This system has no such signal.
  }
}

/**
 * Writes a file so that at every moment a whole one is there: to a temporary file beside it, which is flushed to the disk
 * and only then put in the place of the old one.
 *
 * @param what What to call the file in an error.
 * @param before Called when the new one is whole, before it replaces the old one.
 * @throws {Error} If it cannot be written. The old one is then as it was.
 */
export function writeWhole(path: string, bytes: Uint8Array, what: string, before: () => void = () => {}): void {
  try {
    const target = resolveTarget(path);
    const temporary = temporaryName(target);
    try {
      using file = Deno.openSync(temporary, { write: true, createNew: true });
      file.lockSync(true); // says that it is in use
      writeAll(file, bytes);
      keepMode(target, temporary);
      file.syncSync();
      before();
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

/**
 * Puts a copy of a file in the place of another, in one go.
 *
 * @param what What to call the other in an error.
 * @returns Whether there is such a file.
 * @throws {Error} If it cannot be copied. The other one is then as it was.
 */
export function keepCopy(path: string, copy: string, what: string): boolean {
  const temporary = temporaryName(copy);
  try {
    try {
      copyFile(Deno.realPathSync(path), temporary);
      Deno.renameSync(temporary, copy);
    } finally {
      removeIfThere(temporary); // renaming leaves it where both are names of the same file
    }
    syncFolder(copy);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new Error(`${what} ${copy} cannot be written: ${reason(error)}`);
  }
}

/** A second name for a file, which takes no time and no room; where there is none, a copy. */
function copyFile(path: string, copy: string): void {
  try {
    Deno.linkSync(path, copy);
  } catch {
    Deno.copyFileSync(path, copy);
  }
}

/**
 * Finds out whether {@linkcode writeWhole} can write a file, by writing an empty one beside it. Creates its folder if need
 * be, and removes what killed runs have left there.
 *
 * @param checkTarget Throws if the file must not be replaced.
 */
export function checkWritable(path: string, what: string, checkTarget: (target: string) => void): void {
  try {
    const target = resolveTarget(path);
    checkTarget(target);
    removeLeftovers(target);
    const temporary = temporaryName(target);
    Deno.writeFileSync(temporary, new Uint8Array(), { createNew: true });
    Deno.removeSync(temporary);
  } catch (error) {
    throw new Error(`${what} ${path} cannot be written: ${reason(error)}`);
  }
}

/** The file that a path leads to, through links, even if it is not there yet; its folder exists afterwards. */
export function resolveTarget(path: string): string {
  let target: string;
  try {
    target = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const end = endOfLinks(path);
    Deno.mkdirSync(folderAndName(end)[0], { recursive: true });
    return end;
  }
  checkRegular(target);
  return target;
}

/** As many links may lead from one to the next. */
const MAX_LINKS = 40;

/** Where links lead that end at a file that is not there. */
function endOfLinks(path: string): string {
  let end = path;
  for (let i = 0; i <= MAX_LINKS; i++) {
    let next: string;
    try {
      next = Deno.readLinkSync(end);
    } catch {
      return end; // it is no link
    }
    end = inFolder(folderAndName(end)[0], next);
  }
  throw new Error("its links lead in a circle");
}

/** A name beside the target that no other run uses, and that no killed run has left behind. */
export const temporaryName = (target: string): string => `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;
const TEMPORARY_END = /^\.[0-9a-f]{8}\.tmp$/;

/** Whether a file of this name is a temporary one of the target beside it. */
export function isTemporaryOf(target: string, name: string): boolean {
  return name.startsWith(target) && TEMPORARY_END.test(name.slice(target.length));
}

/** Removes temporary files beside the target that no run has locked. */
function removeLeftovers(target: string): void {
  const [folder, name] = folderAndName(target);
  for (const entry of Deno.readDirSync(folder)) {
    if (!entry.isFile || !isTemporaryOf(name, entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    try {
      using file = Deno.openSync(path, { write: true });
      if (file.tryLockSync(true)) Deno.removeSync(path);
    } catch {
      // It is gone, or not ours to remove.
    }
  }
}

/** Gives a file that is to replace another one the same permissions, where there are any. */
function keepMode(old: string, next: string): void {
  try {
    const { mode } = Deno.statSync(old);
    if (mode !== null) Deno.chmodSync(next, mode & 0o777);
  } catch {
    // There is no old one.
  }
}

/** Makes a renaming survive a power cut, where folders can be flushed. */
function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(folderAndName(path)[0]);
    folder.syncSync();
  } catch {
    // Then the system does it in its own time.
  }
}

/** Removes a file that may never have been made. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or is already in place.
  }
}

/**
 * Files that one process writes at a time.
 *
 * @module
 */

import { folderAndName } from "./paths.ts";
import { reason } from "./reason.ts";
import { resolveTarget } from "./write.ts";

/**
 * Takes a file for this process alone, until it ends. The lock is a file of its own beside it, since the file itself is
 * replaced again and again; the system drops the lock with the process, however that ends.
 *
 * @param what What to call the file in an error.
 * @param flag The flag that names it.
 * @throws {Error} If another process has it; the message says which.
 */
export function lockFile(path: string, what: string, flag: string): void {
  let lock: ReturnType<typeof tryLock>;
  let lockPath: string;
  try {
    lockPath = lockPathOf(resolveTarget(path));
    while (lock === undefined) lock = tryLock(lockPath);
  } catch (error) {
    throw new Error(`${what} ${path} cannot be written: ${reason(error)}`);
  }
  if (lock === "taken") {
    throw new Error(
      `${what} ${path} is being written by ${holderOf(lockPath)}: wait for it, or name another file with ${flag}`,
    );
  }
}

/** Whether a process has a file for itself. */
export function isBeingWritten(path: string): boolean {
  try {
    using file = Deno.openSync(lockPathOf(path), { read: true, write: true });
    return !file.tryLockSync(true);
  } catch {
    return false; // nobody has ever had it
  }
}

function lockPathOf(target: string): string {
  const [folder, name] = folderAndName(target);
  return `${folder.replace(/(?<=[^/\\])$/, "/")}.${name}.lock`;
}

/** The lock, "taken" if another process has it, or undefined if that has just ended and removed the file. */
function tryLock(path: string): Deno.FsFile | "taken" | undefined {
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  if (!file.tryLockSync(true)) {
    file.close();
    return "taken";
  }
  if (!isStillAt(path, file)) {
    file.close();
    return undefined;
  }
  file.truncateSync();
  file.writeSync(new TextEncoder().encode(String(Deno.pid)));
  globalThis.addEventListener("unload", () => {
    // While the lock is held: whoever has opened the file before sees that it is no longer there.
    try {
      Deno.removeSync(path);
    } catch {
      // Then it is found without a lock.
    }
    file.close();
  });
  return file;
}

/** Whether an open file is the one that has this name now; where files have no numbers, it is taken to be. */
function isStillAt(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch {
    return false;
  }
}

/** Who has a lock, as far as it says. */
function holderOf(path: string): string {
  try {
    const pid = Deno.readTextFileSync(path).trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : "another process";
  } catch {
    return "another process";
  }
}

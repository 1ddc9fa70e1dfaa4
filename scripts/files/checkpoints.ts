/**
 * Checkpoints as files.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../mod.ts";
import { beginsAsCheckpoint } from "../../src/formats/mod.ts";
import { checkRegular, folderAndName, folderOf } from "./paths.ts";
import { reason } from "./reason.ts";
import { readPieces } from "./pieces.ts";
import { checkWritable, writeWhole } from "./write.ts";

/** Where `train` saves and `sample` looks. */
export const DEFAULT_MODEL = "out/model.safetensors";

/** The checkpoint in a file that a flag has named. */
export function readCheckpoint(path: string, flag: "--model" | "--resume" | "--init-from" = "--model"): Checkpoint {
  let bytes: Uint8Array;
  try {
    checkRegular(path);
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const [, name] = folderAndName(path);
      throw new Error(
        `there is no model ${name} in ${folderOf(path)}: run deno task train first, or name another with ${flag}`,
      );
    }
    throw new Error(`model ${path} cannot be read: ${reason(error)}`);
  }
  try {
    return decodeCheckpoint(bytes);
  } catch (error) {
    throw new Error(`model ${path} cannot be loaded: ${(error as Error).message}`);
  }
}

/**
 * Writes a checkpoint so that at every moment a whole one is there.
 *
 * @param before Called before it replaces the old one.
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint, before?: () => void): void {
  writeWhole(path, encodeCheckpoint(checkpoint), "model", before);
}

/** Finds out whether a checkpoint can be written, before there is one. */
export function checkModelWritable(path: string): void {
  checkWritable(path, "model", checkReplaceable);
}

/** Refuses to let a model replace a file that is something else: not empty, and not a checkpoint, whole or damaged. */
export function checkReplaceable(path: string): void {
  try {
    using file = Deno.openSync(path);
    // A header that another program has written is looked through, as far as one may go.
    const isModel = [64, 2 ** 24].some((most) => {
      file.seekSync(0, Deno.SeekMode.Start);
      const [start = new Uint8Array()] = readPieces(file, Math.max(1, Math.min(most, file.statSync().size)));
      return start.length === 0 || beginsAsCheckpoint(start);
    });
    if (!isModel) throw new Error("there is a file that is not a model: move it or name another");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
}

/** Whether there is a model in a file, whole or damaged. */
export function isModel(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0 && (checkReplaceable(path), true);
  } catch {
    return false;
  }
}

/**
 * The models that the runs of a sweep begin from.
 *
 * @module
 */

import { encodeCheckpoint } from "../../mod.ts";
import { crc32 } from "../../src/formats/mod.ts";
import { readCheckpoint } from "../files/checkpoints.ts";
import { folderAndName } from "../files/paths.ts";
import { writeWhole } from "../files/write.ts";
import type { Cell } from "./grid.ts";

/**
 * The cells, with a copy of each model that they begin from, named by its content. So all runs begin from the same, whatever
 * becomes of the model meanwhile, and the results of another model are not taken for theirs.
 *
 * @param folder Where to keep the copies.
 * @throws {Error} If a model cannot be read, or its copy not be written.
 */
export function keepModels(cells: readonly Cell[], folder: string): Cell[] {
  const copies = new Map<string, string>();
  return cells.map((cell) => {
    const path = cell.values["init-from"];
    if (path === undefined) return cell;
    const copy = copies.get(path) ?? keepModel(path, folder);
    copies.set(path, copy);
    return { ...cell, values: { ...cell.values, "init-from": copy } };
  });
}

function keepModel(path: string, folder: string): string {
  const bytes = encodeCheckpoint(readCheckpoint(path, "--init-from"));
  const stem = folderAndName(path)[1].replace(/\.safetensors$/, "");
  const copy = `${folder}/${stem}-${crc32(bytes).toString(16).padStart(8, "0")}.safetensors`;
  writeWhole(copy, bytes, "model");
  return copy;
}

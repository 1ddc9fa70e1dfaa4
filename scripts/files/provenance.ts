/**
 * Where a checkpoint comes from: the data that it was trained on, known by its SHA-256.
 *
 * @module
 */

import type { Checkpoint } from "../../mod.ts";
import { cachedPath } from "./cache.ts";
import { type Data, hashOf, readData } from "./data.ts";

/** Data to use a checkpoint with. */
export type CheckpointData = Data & {
  readonly path: string;
  /** Whether the checkpoint was trained on it; false also where the checkpoint does not say. */
  readonly isOwn: boolean;
};

/**
 * Data to use a checkpoint with: the file that is named, or else what the checkpoint was trained on.
 *
 * @param named Path of a file; "" if none is named.
 * @returns Undefined if none is named, and the checkpoint's own is not in the cache or in data/.
 */
export async function dataOf(
  { dataHash, hyperparameters }: Checkpoint,
  named: string,
): Promise<CheckpointData | undefined> {
  const path = named !== "" || dataHash === null ? named : await findData(dataHash);
  if (path === undefined || path === "") return undefined;
  const data = await readData(path, hyperparameters.documentKind);
  return { ...data, path, isOwn: data.hash === dataHash };
}

/** The path of the data set with this SHA-256: in the cache, or among the text files in data/. */
async function findData(hash: string): Promise<string | undefined> {
  const cached = cachedPath(hash);
  if (cached !== undefined) return cached;
  for (const path of textFiles("data")) {
    if (await hashOf(path).catch(() => undefined) === hash) return path;
  }
  return undefined;
}

/** The text files in a folder, if it is there. */
function textFiles(folder: string): string[] {
  try {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".txt"));
    return names.sort().map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** What is wrong with data that is not what something was trained on: `a model`, `the run in out/model.safetensors`. */
export function otherData(path: string, { hash }: Data, { dataHash }: Checkpoint, what: string): string {
  return `data file ${path} is not what ${what} was trained on: its SHA-256 is ${hash}, not ${dataHash}`;
}

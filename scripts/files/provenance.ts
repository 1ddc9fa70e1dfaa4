/**
 * Where a checkpoint comes from: the data that it was trained on, known by its SHA-256.
 *
 * @module
 */

import type { Checkpoint, DataSource } from "../../mod.ts";
import { cachedPath, isUrl } from "./cache.ts";
import { type Data, hashOf, nameOf, readData, STDIN, UTF8 } from "./data.ts";

/** Data to use a checkpoint with. */
export type CheckpointData = Data & {
  /** Whether the checkpoint was trained on it; false also where the checkpoint does not say. */
  readonly isOwn: boolean;
};

/**
 * Data to use a checkpoint with: the file that is named, or else what the checkpoint was trained on.
 *
 * @param named Path of a file; "" if none is named.
 * @param encoding Its encoding; by default what the checkpoint's own data has.
 * @returns Undefined if none is named, and the checkpoint's own is neither where it was, nor in the cache or in data/.
 */
export async function dataOf(
  checkpoint: Checkpoint,
  named: string,
  encoding: string = encodingOf(checkpoint),
): Promise<CheckpointData | undefined> {
  const { dataHash, hyperparameters, source } = checkpoint;
  const path = named !== "" || dataHash === null ? named : await findData(dataHash, source);
  if (path === undefined || path === "") return undefined;
  const data = await readData(path, {
    kind: hyperparameters.documentKind,
    encoding,
    normalize: hyperparameters.normalize,
  });
  const isOwn = data.hash === dataHash;
  return { ...data, source: named === "" && source !== undefined ? source : data.source, isOwn };
}

/** The encoding of a checkpoint's data. */
export function encodingOf({ source }: Checkpoint): string {
  return source?.encoding ?? UTF8;
}

/** The path of the data set with this SHA-256: where it was, in the cache, or among the text files in data/. */
async function findData(hash: string, source: DataSource | undefined): Promise<string | undefined> {
  const cached = cachedPath(hash);
  if (cached !== undefined) return cached;
  const before = source === undefined || !isOnDisk(source.path) ? [] : [source.path];
  for (const path of [...before, ...textFiles("data")]) {
    if (await hashOf(path).catch(() => undefined) === hash) return path;
  }
  return undefined;
}

/** Whether a path from a checkpoint, which may be anybody's, leads to no more than this machine's files. */
function isOnDisk(path: string): boolean {
  return path !== STDIN && !isUrl(path) && !/^[/\\]{2}/.test(path);
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

/** What is known of data that is not at hand. */
export function lostData({ dataHash, source }: Checkpoint): string {
  if (dataHash === null) return "it does not say which";
  const place = source === undefined ? "" : source.path === STDIN ? ", from standard input" : `, once ${source.path}`;
  return `SHA-256 ${dataHash}${place}`;
}

/** What is wrong with data that is not what something was trained on: `a model`, `the run in out/model.safetensors`. */
export function otherData(path: string, { hash }: Pick<Data, "hash">, { dataHash }: Checkpoint, what: string): string {
  return `${nameOf(path)} is not what ${what} was trained on: its SHA-256 is ${hash}, not ${dataHash}`;
}

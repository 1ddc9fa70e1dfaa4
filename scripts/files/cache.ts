/**
 * Data sets from the web, kept under their hash.
 *
 * @module
 */

import { reason } from "./reason.ts";
import type { Data } from "./data.ts";
import { refusePage } from "./format.ts";
import { checkWritable, removeIfThere, temporaryName, writeAll, writeWhole } from "./write.ts";

const FOLDER = "out/data";
const INDEX = `${FOLDER}/index.json`;

/** Whether a data set is named by its address on the web. */
export function isUrl(data: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(data);
}

/**
 * Where the data set with this SHA-256 belongs. Hashes come from files too, which may have anything in their place: what is
 * none belongs nowhere.
 */
export function placeOf(hash: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(hash) ? `${FOLDER}/${hash}.txt` : undefined;
}

/** Where the data set with this SHA-256 is kept; undefined if it is not. */
export function cachedPath(hash: string): string | undefined {
  const path = placeOf(hash);
  if (path === undefined) return undefined;
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The data set at an https address: from the cache, or fetched into it.
 *
 * @param read Reads a file; what it refuses is not kept.
 * @param refresh Whether to fetch what the cache has again.
 * @throws {Error} If it cannot be fetched, read or kept.
 */
export async function fetchData(
  address: string,
  read: (path: string, name: string) => Promise<Data>,
  refresh: boolean,
): Promise<Data> {
  checkAddress(address);
  const readText = async (path: string, name: string): Promise<Data> => {
    const data = await read(path, name);
    refusePage(name, data.documents);
    return data;
  };
  const at = (path: string, data: Data): Data => ({ ...data, path, source: { ...data.source, path: address } });
  const index = readIndex();
  const known = Object.hasOwn(index, address) ? cachedPath(index[address]) : undefined;
  if (known !== undefined && !refresh) return at(known, await readText(known, `${known}, kept from ${address},`));
  const { host } = new URL(address);
  if (Deno.permissions.querySync({ name: "net", host }).state !== "granted") {
    throw new Error(`--data ${address} needs the network: deno task train:url may use it`);
  }
  const { temporary, lock } = await download(address);
  try {
    const data = await readText(temporary, `data from ${address}`);
    const path = `${FOLDER}/${data.hash}.txt`;
    Deno.renameSync(temporary, path);
    const text = JSON.stringify({ ...readIndex(), [address]: data.hash }, null, 2) + "\n";
    writeWhole(INDEX, new TextEncoder().encode(text), "index");
    return at(path, data);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  } finally {
    lock.close();
  }
}

/** Refuses an address that is not one on the web, by https. */
export function checkAddress(address: string): void {
  if (!/^https:\/\//i.test(address)) {
    throw new Error(`--data ${address} cannot be used: it must be a file or begin with https://`);
  }
  if (!URL.canParse(address)) throw new Error(`--data ${address} cannot be used: it is not a valid address`);
}

/** Hashes by address, kept from earlier runs. */
function readIndex(): Record<string, string> {
  try {
    return indexIn(Deno.readTextFileSync(INDEX));
  } catch {
    return {};
  }
}

/** Hashes by address. An index that cannot be read costs a download, nothing more. */
export function indexIn(text: string): Record<string, string> {
  try {
    const index = JSON.parse(text);
    return typeof index === "object" && index !== null ? index : {};
  } catch {
    return {};
  }
}

/** A download is given up if nothing comes for this long. */
const STALL_MS = 30_000;

/** Fetches into a temporary file, which stays locked; it is removed if that fails. */
async function download(address: string): Promise<{ temporary: string; lock: Deno.FsFile }> {
  checkWritable(`${FOLDER}/download`, "cache", () => {}); // which also removes what killed downloads have left
  const temporary = temporaryName(`${FOLDER}/download`);
  const file = Deno.openSync(temporary, { write: true, createNew: true });
  file.lockSync(true); // says that it is in use
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), STALL_MS);
  try {
    const response = await fetch(address, { signal: stall.signal });
    checkResponse(response);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), STALL_MS);
      writeAll(file, chunk);
    }
    file.syncSync();
    return { temporary, lock: file };
  } catch (error) {
    file.close();
    removeIfThere(temporary);
    const why = stall.signal.aborted ? `nothing came for ${STALL_MS / 1000} s` : deepestReason(error);
    throw new Error(`data from ${address} cannot be fetched: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Refuses an answer that has no data, or that came from where anybody could have changed it. */
export function checkResponse({ ok, status, statusText, url }: Response): void {
  if (!ok) throw new Error(`the server answers ${status} ${statusText}`.trim());
  if (url !== "" && !url.startsWith("https://")) throw new Error("it leads away from https");
}

/** The cause behind the causes: what the network said. */
function deepestReason(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return deepestReason(error.cause);
  // Deno puts causes into one message, the deepest last.
  return error instanceof TypeError ? error.message.split(": ").at(-1)! : reason(error);
}

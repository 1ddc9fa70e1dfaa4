/**
 * Data sets from the web, kept under their hash.
 *
 * @module
 */

import { hashOf } from "./data.ts";
import { reason } from "./checkpoints.ts";

const FOLDER = "out/data";
const INDEX = `${FOLDER}/index.json`;

/** Where a data set with this SHA-256 is kept; undefined if it is not. */
export function cachedPath(hash: string): string | undefined {
  if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
  const path = `${FOLDER}/${hash}.txt`;
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The path of the data set with this SHA-256: in the cache, or among the text files in data/. */
export async function findData(hash: string): Promise<string | undefined> {
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

/** Whether a data set is named by its address on the web. */
export function isUrl(data: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(data);
}

/** Without a byte for so long, a download is given up. */
const STALL_MS = 30_000;

/**
 * The path of a data set that an https address names: out of the cache, or fetched into it.
 *
 * @throws {Error} If it cannot be fetched, or not be kept.
 */
export async function fetchData(address: string): Promise<string> {
  if (!/^https:\/\//i.test(address)) {
    throw new Error(`--data ${address} cannot be used: it must be a file or begin with https://`);
  }
  if (!URL.canParse(address)) throw new Error(`--data ${address} cannot be used: it is no valid address`);
  const index = readIndex();
  const known = Object.hasOwn(index, address) ? cachedPath(index[address]) : undefined;
  if (known !== undefined) return known;
  const { host } = new URL(address);
  if (Deno.permissions.querySync({ name: "net", host }).state !== "granted") {
    throw new Error(`--data ${address} needs the network: deno task train:url may use it`);
  }
  const { hash, temporary } = await download(address);
  const path = `${FOLDER}/${hash}.txt`;
  Deno.renameSync(temporary, path);
  const next = `${INDEX}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  Deno.writeTextFileSync(next, JSON.stringify({ ...index, [address]: hash }, null, 2) + "\n");
  Deno.renameSync(next, INDEX);
  return path;
}

/** Hashes by address. An index that cannot be read costs a download, nothing more. */
function readIndex(): Record<string, string> {
  try {
    const index = JSON.parse(Deno.readTextFileSync(INDEX));
    return typeof index === "object" && index !== null ? index : {};
  } catch {
    return {};
  }
}

/** Fetches into a temporary file, which is removed if that fails. */
async function download(address: string): Promise<{ hash: string; temporary: string }> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  const temporary = `${FOLDER}/${crypto.randomUUID().slice(0, 8)}.tmp`;
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), STALL_MS);
  try {
    const response = await fetch(address, { signal: stall.signal });
    if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    if (response.url !== "" && !response.url.startsWith("https://")) throw new Error("it leads away from https");
    Deno.mkdirSync(FOLDER, { recursive: true });
    using file = Deno.openSync(temporary, { write: true, createNew: true });
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), STALL_MS);
      hash.update(chunk);
      for (let written = 0; written < chunk.length;) written += file.writeSync(chunk.subarray(written));
    }
    file.syncSync();
    return { hash: hash.digest("hex"), temporary };
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not begun.
    }
    const why = stall.signal.aborted ? `nothing came for ${STALL_MS / 1000} s` : deepestReason(error);
    throw new Error(`data from ${address} cannot be fetched: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The cause behind the causes: what the network said. */
function deepestReason(error: unknown): string {
  if (error instanceof Error && error.cause instanceof Error) return deepestReason(error.cause);
  // Deno puts causes into one message, the deepest last.
  return error instanceof TypeError ? error.message.split(": ").at(-1)! : reason(error);
}

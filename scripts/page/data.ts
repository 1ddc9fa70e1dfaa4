/**
 * The texts that the page trains on: sets that come with it, and the reader's own.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals";
import { type DocumentKind, parseDocuments } from "../../mod.ts";
import type { DataText } from "./messages.ts";
import { hasSha256, sha256 } from "./sha256.ts";
import { say } from "./words.ts";

/** The sets that come with the page, by the names of their files without the end. */
export const BUNDLED = ["names", "moby_dick"] as const;
export type Bundled = typeof BUNDLED[number];

/** How a set is called on the page. */
export function titleOf(name: string): string {
  return name === "names" ? say("dataNames") : name === "moby_dick" ? say("dataMoby") : name;
}

/** What counts as a document in a set, where that is not a line. */
export const KINDS: Readonly<Record<Bundled, DocumentKind>> = { names: "line", moby_dick: "whole" };

/** The text that the next run is trained on. */
export const chosen: Signal<DataText | undefined> = signal(undefined);

const loaded: Map<string, DataText> = new Map();

/** A set that comes with the page. */
export async function bundled(name: Bundled): Promise<DataText> {
  const known = loaded.get(name);
  if (known) return known;
  const answer = await fetch(new URL(`./data/${name}.txt`, import.meta.url));
  if (!answer.ok) throw new Error(`data/${name}.txt: ${answer.status}`);
  const data = await textOf(new Uint8Array(await answer.arrayBuffer()), name);
  loaded.set(name, data);
  return data;
}

/** Whether a name is that of a set that comes with the page. */
export function isBundled(name: string): name is Bundled {
  return (BUNDLED as readonly string[]).includes(name);
}

/**
 * The text in the bytes of a file.
 *
 * @throws {Error} If they are not UTF-8.
 */
export async function textOf(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<DataText> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(say("notUtf8"));
  }
  return { name, text, hash: await hashOf(bytes) };
}

/** SHA-256 in hexadecimal digits. */
async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  if (!hasSha256) return null;
  return Array.from(await sha256(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What keeps a text from being trained on, in a sentence. */
export function wrongWith({ text }: DataText, kind: DocumentKind): string | undefined {
  const { length } = parseDocuments(text, kind);
  if (kind === "whole" ? length > 0 : length > 1) return undefined;
  return say("emptyText", { n: length });
}

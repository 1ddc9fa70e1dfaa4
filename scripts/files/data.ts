/**
 * Data files: pieces of bytes, text, documents, each a generator over the one before, so that no file stands in memory
 * twice.
 *
 * @module
 */

import type { DocumentKind } from "../../mod.ts";
import { documentsIn } from "../../src/corpus/mod.ts";
import { checkRegular } from "./paths.ts";
import { reason } from "./reason.ts";
import { textIn } from "./utf8.ts";

/** A data set. */
export type Data = {
  /** Its documents; a whole text comes in pieces. */
  readonly documents: readonly string[];
  /** SHA-256 of the file, in hexadecimal digits: what `sha256sum` prints. */
  readonly hash: string;
};

/** How much of a file is read at a time. */
const PIECE_BYTES = 2 ** 22;

/** The documents of a UTF-8 text file: at least two, or some text where the whole is one. */
export async function readData(path: string, kind: DocumentKind): Promise<Data> {
  using file = openText(path);
  const hash = await hasher(file.statSync().size);
  const documents = documentsOf(hashing(piecesOf(file, path), hash), path, kind);
  return { documents, hash: await hash.digest() };
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashOf(path: string): Promise<string> {
  using file = openText(path);
  const hash = await hasher(file.statSync().size);
  for (const piece of piecesOf(file, path)) hash.update(piece);
  return await hash.digest();
}

/** The documents of a file with these bytes, as {@linkcode readData} gives them. */
export function documentsOf(pieces: Iterable<Uint8Array>, path: string, kind: DocumentKind): string[] {
  let size = 0;
  const counted = Iterator.from(pieces).map((piece) => {
    size += piece.length;
    return piece;
  });
  const documents = [...documentsIn(textIn(counted, path), kind)];
  checkNumber(documents, size, path, kind);
  return documents;
}

function openText(path: string): Deno.FsFile {
  try {
    checkRegular(path);
    return Deno.openSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The bytes of a file. */
function* piecesOf(file: Deno.FsFile, path: string): Generator<Uint8Array<ArrayBuffer>> {
  while (true) {
    const bytes = new Uint8Array(PIECE_BYTES);
    let length: number | null;
    try {
      length = file.readSync(bytes);
    } catch (error) {
      throw unreadable(path, error);
    }
    if (length === null) return;
    yield bytes.subarray(0, length);
  }
}

const unreadable = (path: string, error: unknown): Error =>
  new Error(`data file ${path} cannot be read: ${reason(error, path)}`);

/** SHA-256, in hexadecimal digits, of bytes that come in pieces. */
type Hasher = { readonly update: (piece: Uint8Array<ArrayBuffer>) => void; readonly digest: () => Promise<string> };

/** Web Crypto starts at once but wants all bytes together; Node's hash takes pieces but takes a while to load. */
async function hasher(size: number): Promise<Hasher> {
  if (size <= PIECE_BYTES) {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const all = async (): Promise<ArrayBuffer> => await new Blob(pieces).arrayBuffer();
    return {
      update: (piece) => void pieces.push(piece),
      digest: async () => new Uint8Array(await crypto.subtle.digest("SHA-256", await all())).toHex(),
    };
  }
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  return { update: (piece) => void hash.update(piece), digest: () => Promise.resolve(hash.digest("hex")) };
}

/** The same pieces, hashed on the way. */
function* hashing(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  { update }: Hasher,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const piece of pieces) {
    update(piece);
    yield piece;
  }
}

function checkNumber(documents: readonly string[], bytes: number, path: string, kind: DocumentKind): void {
  if (kind === "whole") {
    if (documents.length === 0) {
      throw new Error(`data file ${path} has no text in its ${bytes} bytes: it must have at least one character`);
    }
    return;
  }
  if (documents.length < 2) {
    const found = documents.length === 0 ? `no document in its ${bytes} bytes` : "1 document";
    const wanted = kind === "paragraph" ? "with a blank line between two" : "one a line";
    throw new Error(`data file ${path} has ${found}: it must have at least 2, ${wanted}`);
  }
}

/**
 * Data files: text in, documents out, piece by piece, so that no file stands in memory twice.
 *
 * @module
 */

import { type DocumentKind, documentParser } from "../../mod.ts";
import { reason } from "./checkpoints.ts";

/** A data set. */
export type Data = {
  /** Its documents; a whole text comes in pieces. */
  readonly documents: readonly string[];
  /** SHA-256 of the file, in hexadecimal digits: what `sha256sum` prints. */
  readonly hash: string;
};

/** How much of a file is read at a time. */
const PIECE_BYTES = 2 ** 22;

/** The documents of a UTF-8 text file; at least two, or some text where it is one. */
export async function readData(path: string, kind: DocumentKind): Promise<Data> {
  using file = openText(path);
  const parser = dataParser(path, kind);
  const { size } = file.statSync();
  const hash = await hasher(size);
  const documents: string[] = [];
  for (let piece = readPiece(file, path); piece.length > 0; piece = readPiece(file, path)) {
    hash.update(piece);
    for (const document of parser.push(piece)) documents.push(document);
  }
  for (const document of parser.end()) documents.push(document);
  checkNumber(documents, size, path, kind);
  return { documents, hash: await hash.digest() };
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashOf(path: string): Promise<string> {
  using file = openText(path);
  const hash = await hasher(file.statSync().size);
  for (let piece = readPiece(file, path); piece.length > 0; piece = readPiece(file, path)) hash.update(piece);
  return await hash.digest();
}

/** The documents of a file with these bytes, in pieces, as {@linkcode readData} gives them. */
export function documentsOf(pieces: Iterable<Uint8Array>, path: string, kind: DocumentKind): string[] {
  const parser = dataParser(path, kind);
  const documents: string[] = [];
  let size = 0;
  for (const piece of pieces) {
    size += piece.length;
    documents.push(...parser.push(piece));
  }
  documents.push(...parser.end());
  checkNumber(documents, size, path, kind);
  return documents;
}

/** SHA-256, in hexadecimal digits, of bytes that come in pieces. */
type Hasher = { update: (piece: Uint8Array<ArrayBuffer>) => void; digest: () => Promise<string> };

/**
 * Web Crypto starts at once but wants all bytes together; Node's hash takes pieces but a while to load.
 */
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

function openText(path: string): Deno.FsFile {
  try {
    // A device or a pipe may have no end.
    const { isFile, isDirectory } = Deno.statSync(path);
    if (isDirectory) throw new Error("it is a folder");
    if (!isFile) throw new Error("it is not a regular file");
    return Deno.openSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

const unreadable = (path: string, error: unknown): Error =>
  new Error(`data file ${path} cannot be read: ${reason(error)}`);

/** The next bytes of a file; none at its end. */
function readPiece(file: Deno.FsFile, path: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PIECE_BYTES);
  try {
    return bytes.subarray(0, file.readSync(bytes) ?? 0);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Bytes to documents; wrong bytes are refused with their place in the file. */
function dataParser(path: string, kind: DocumentKind): { push: (piece: Uint8Array) => string[]; end: () => string[] } {
  const parser = documentParser(kind);
  const refuse = (what: string, offset: number, byte: number): never => {
    const hex = `0x${byte.toString(16).padStart(2, "0")}`;
    throw new Error(`data file ${path} is ${what}: byte ${offset} is ${hex}; it must be text in UTF-8`);
  };
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();
  const decodePiece = (bytes: Uint8Array): string => {
    const zero = bytes.indexOf(0);
    if (offset === 0 && (bytes[0] === 0xff && bytes[1] === 0xfe || bytes[0] === 0xfe && bytes[1] === 0xff)) {
      refuse("not UTF-8 but UTF-16", 0, bytes[0]);
    }
    if (zero >= 0) refuse("binary", offset + zero, 0);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      const at = firstInvalid(bytes);
      return refuse("not UTF-8", offset + at, bytes[at]);
    }
  };
  return {
    push: (piece) => {
      const bytes = rest.length === 0 ? piece : concat(rest, piece);
      const whole = bytes.subarray(0, bytes.length - unfinished(bytes));
      const documents = parser.push(decodePiece(whole));
      offset += whole.length;
      rest = bytes.slice(whole.length);
      return documents;
    },
    end: () => [...parser.push(decodePiece(rest)), ...parser.end()],
  };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** How many bytes a character has that begins with this one: 0 if none does. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/** How many bytes at the end are the beginning of a character that is cut off. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0x80 && byte < 0xc0) continue; // not the first byte of its character
    return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** The index of the first byte that is not part of a character, in bytes that are not UTF-8. */
function firstInvalid(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length) {
    const length = lengthOf(bytes[i]);
    if (length === 0) return i;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(i, i + length));
    } catch {
      return i;
    }
    i += length;
  }
  return Math.max(0, bytes.length - 1);
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
    const wanted = kind === "line" ? "one a line" : "with a blank line between two";
    throw new Error(`data file ${path} has ${found}: it must have at least 2, ${wanted}`);
  }
}

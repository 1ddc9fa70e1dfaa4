/**
 * Data files: pieces of bytes, text, documents, each a generator over the one before, so that no file stands in memory
 * twice.
 *
 * @module
 */

import { type DataSource, type DocumentKind, messageWith, type Normalization, settingError } from "../../mod.ts";
import { documentsIn, normalizeDocuments, packTexts, type Texts } from "../../src/corpus/mod.ts";
import { textIn } from "./encoding.ts";
import { formatAdvice } from "./format.ts";
import { unpacked } from "./gzip.ts";
import { checkRegular, lastingPath } from "./paths.ts";
import { reason } from "./reason.ts";
import { readPieces, stdinPieces } from "./pieces.ts";

/** A data set. */
export type Data = {
  /** Its documents; a whole text comes in pieces. */
  readonly documents: Texts;
  /** SHA-256 of the file, in hexadecimal digits: what `sha256sum` prints. */
  readonly hash: string;
  /** The file that it was read from; `-` for standard input. */
  readonly path: string;
  /** Where to find it later. */
  readonly source: DataSource;
  /** How many documents were left out because the model does not know all of their characters; by default none. */
  readonly skipped?: number;
};

/** How the bytes of a data set become documents. */
export type Reading = {
  readonly kind: DocumentKind;
  /** By the name that `TextDecoder` gives it. */
  readonly encoding: string;
  /** By default they stay as they are. */
  readonly normalize?: Normalization;
};

/** How data is read where nothing else is said. */
export const UTF8 = "utf-8";

/** What stands for standard input in the place of a path. */
export const STDIN = "-";

/** How much of a file is read at a time: what is made of little is soon forgotten, and its memory used again. */
const PIECE_BYTES = 2 ** 16;

/** Up to this size all bytes of a file are hashed together. */
const MOST_HASHED_BYTES = 2 ** 22;

/** What data is called in a sentence. */
export function nameOf(path: string): string {
  return path === STDIN ? "standard input" : `data file ${path}`;
}

/**
 * The documents of a text file, or of standard input: at least two, or some text where the whole is one.
 *
 * @param name What to call it in an error, if not by its path.
 */
export async function readData(path: string, reading: Reading, name: string = nameOf(path)): Promise<Data> {
  using bytes = open(path);
  const hash = await hasher(bytes.size);
  const pieces = await unpacked(hashing(bytes.pieces, hash), name);
  const documents = documentsOf(pieces, name, reading);
  return { documents, hash: await hash.digest(), path, source: sourceOf(path, reading) };
}

/** Where to find later what is at a path now. */
function sourceOf(path: string, { encoding }: Reading): DataSource {
  return { path: path === STDIN ? STDIN : lastingPath(path), encoding };
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashOf(path: string): Promise<string> {
  using bytes = open(path);
  const hash = await hasher(bytes.size);
  for (const piece of bytes.pieces) hash.update(piece);
  return await hash.digest();
}

/** The text of a data set, in pieces, as often as it is asked for. */
export async function* textOf(path: string, encoding: string): AsyncGenerator<string> {
  using bytes = open(path);
  yield* textIn(await unpacked(bytes.pieces, nameOf(path)), nameOf(path), encoding);
}

/**
 * The documents of a file with these bytes, as {@linkcode readData} gives them.
 *
 * @param name What to call it in an error.
 */
export function documentsOf(
  pieces: Iterable<Uint8Array>,
  name: string,
  { kind, encoding, normalize = "none" }: Reading,
): Texts {
  let size = 0;
  const counted = Iterator.from(pieces).map((piece) => {
    size += piece.length;
    return piece;
  });
  const texts = documentsIn(textIn(counted, name, encoding), kind);
  const documents = named(name, () => kind === "whole" ? [...texts] : packTexts(texts));
  checkNumber(documents, size, name, kind);
  return normalizeDocuments(documents, kind, normalize);
}

/** Work on a file: what it finds wrong is said of that. */
function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw settingError((nameOf) => `${name} cannot be used: ${messageWith(error, nameOf)}`);
  }
}

/** Bytes that are open. */
type OpenBytes = Disposable & { readonly size: number; readonly pieces: Iterable<Uint8Array<ArrayBuffer>> };

function open(path: string): OpenBytes {
  try {
    if (path === STDIN) {
      const pieces = stdinPieces();
      return { size: pieces.reduce((sum, { length }) => sum + length, 0), pieces, [Symbol.dispose]: () => {} };
    }
    checkRegular(path);
    const file = Deno.openSync(path);
    const { size } = file.statSync();
    return { size, pieces: piecesOf(file, path), [Symbol.dispose]: () => file.close() };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function* piecesOf(file: Deno.FsFile, path: string): Generator<Uint8Array<ArrayBuffer>> {
  try {
    yield* readPieces(file, PIECE_BYTES);
  } catch (error) {
    throw unreadable(path, error);
  }
}

const unreadable = (path: string, error: unknown): Error =>
  new Error(`${nameOf(path)} cannot be read: ${reason(error, path)}`);

/** SHA-256, in hexadecimal digits, of bytes that come in pieces. */
type Hasher = { readonly update: (piece: Uint8Array<ArrayBuffer>) => void; readonly digest: () => Promise<string> };

/** Web Crypto starts at once but wants all bytes together; Node's hash takes pieces but takes a while to load. */
async function hasher(size: number): Promise<Hasher> {
  if (size <= MOST_HASHED_BYTES) {
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

function checkNumber(documents: Texts, bytes: number, name: string, kind: DocumentKind): void {
  if (kind === "whole") {
    if (documents.length === 0) {
      throw new Error(`${name} has no text in its ${bytes} bytes: it must have at least one character`);
    }
    return;
  }
  if (documents.length < 2) {
    const found = documents.length === 0 ? `no document in its ${bytes} bytes` : "1 document";
    const wanted = kind === "paragraph" ? "with a blank line between two" : "one a line";
    const advice = formatAdvice(documents);
    throw new Error(`${name} has ${found}: it must have at least 2, ${wanted}${advice ? `; ${advice}` : ""}`);
  }
}

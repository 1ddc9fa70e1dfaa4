/**
 * The safetensors format: named tensors in one file, with nothing in it that could be run.
 *
 * A file is the length of the header (8 bytes, little-endian), the header (JSON: name, dtype, shape and byte range of
 * each tensor), and the tensors' bytes one after the other. Source: the format's description at
 * https://github.com/huggingface/safetensors#format.
 *
 * @module
 */

import { parseJson } from "./json.ts";

/** A tensor: its elements row by row, and its shape. */
export type Tensor = {
  /** Size of each dimension; their product is the number of elements. */
  readonly shape: readonly number[];
  /** The elements. Their type decides the dtype: F64, F32 or U32. */
  readonly data: Float64Array | Float32Array | Uint32Array;
};

/** What a safetensors file holds. */
export type Safetensors = {
  /** The tensors by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** Tensors begin at multiples of this, so that a reader may look at them in place. */
const ALIGNMENT = 8;
const LENGTH_BYTES = 8;
/** Parsed JSON takes many times the memory of its text, so a longer header is refused unread. */
const MAX_HEADER = 16_000_000;

/** The type of a tensor's elements. */
export type Dtype = "F64" | "F32" | "U32";

const DTYPES: Record<Dtype, { bytes: number; view: (buffer: ArrayBuffer) => Tensor["data"] }> = {
  F64: { bytes: 8, view: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  F32: { bytes: 4, view: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  U32: { bytes: 4, view: (buffer: ArrayBuffer) => new Uint32Array(buffer) },
};

/**
 * The dtype of a tensor with these elements.
 *
 * @param data The elements.
 */
export function dtypeOf(data: Tensor["data"]): Dtype {
  if (data instanceof Float64Array) return "F64";
  return data instanceof Float32Array ? "F32" : "U32";
}

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * Tensors and metadata as the bytes of a safetensors file. The same values always give the same bytes.
 *
 * @param file Tensors and metadata.
 * @throws {RangeError} If a tensor's shape does not fit its elements, one has the name `__metadata__`, or the header
 * is too long to be read again.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafetensors, encodeSafetensors } from "@microgpt/microgpt/formats";
 *
 * const tensors = new Map([["x", { shape: [2], data: new Float64Array([1, 2]) }]]);
 * const bytes = encodeSafetensors({ tensors, metadata: { made: "by hand" } });
 * assertEquals(decodeSafetensors(bytes), { tensors, metadata: { made: "by hand" } });
 * ```
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === "__metadata__") throw new RangeError('a tensor cannot be called "__metadata__": use another name');
    if (elements(shape) !== data.length) {
      throw new RangeError(`tensor ${name} of shape [${shape}] does not fit its ${data.length} elements`);
    }
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  if (headerLength > MAX_HEADER) {
    throw new RangeError(`a header of ${headerLength} bytes is too long: it may have ${MAX_HEADER} at most`);
  }

  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + headerLength); // padding is spaces
  let at = LENGTH_BYTES + headerLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The content of a safetensors file. Memory is allocated for what the file holds, never for what it claims.
 *
 * @param bytes The whole file.
 * @throws {SyntaxError} If the bytes are not such a file, or a tensor has a dtype other than F64, F32 and U32.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { decodeSafetensors } from "@microgpt/microgpt/formats";
 *
 * assertThrows(() => decodeSafetensors(new Uint8Array(3)), SyntaxError, "3 bytes");
 * ```
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  if (bytes.length < LENGTH_BYTES) {
    throw new SyntaxError(`${bytes.length} bytes are not a safetensors file: it must have at least ${LENGTH_BYTES}`);
  }
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerLength;
  if (dataStart > bytes.length) {
    throw new SyntaxError(
      `a header of ${headerLength} bytes does not fit a file of ${bytes.length}: it is cut, or no safetensors file`,
    );
  }
  if (headerLength > MAX_HEADER) {
    throw new SyntaxError(
      `a header of ${headerLength} bytes is not a safetensors header: it has at most ${MAX_HEADER}`,
    );
  }
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart));
  const { __metadata__: metadata = {} } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    throw new SyntaxError("the metadata of the safetensors header is wrong: it must be text by name");
  }

  const data = bytes.subarray(dataStart);
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  const checked = names.map((name) => checkEntry(name, header[name], data.length));
  checkCoverage(checked, data.length);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of checked) {
    tensors.set(name, { shape, data: DTYPES[dtype].view(new Uint8Array(data.subarray(begin, end)).buffer) });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new SyntaxError(`the safetensors header is not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(header)) throw new SyntaxError("the safetensors header is wrong: it must be a JSON object");
  return header;
}

/** A tensor's checked entry in the header: its elements are the bytes of the data from `begin` up to `end`. */
type Entry = { name: string; dtype: Dtype; shape: number[]; begin: number; end: number };

function checkEntry(name: string, entry: unknown, dataLength: number): Entry {
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);
  if (!isRecord(entry) || !isSizes(entry.shape) || !isSizes(entry.data_offsets) || entry.data_offsets.length !== 2) {
    throw new SyntaxError(`tensor ${name} is wrong in the safetensors header: it must have shape and data_offsets`);
  }
  const { dtype, shape, data_offsets: [begin, end] } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    throw new SyntaxError(
      `tensor ${name} has dtype ${typeof dtype === "string" ? dtype : `of type ${typeof dtype}`}: it must be one of ${
        Object.keys(DTYPES).join(", ")
      }`,
    );
  }
  const known = dtype as Dtype;
  if (end > dataLength || end - begin !== elements(shape) * DTYPES[known].bytes) {
    throw new SyntaxError(`tensor ${name} of shape [${shape}] does not fit bytes ${begin} to ${end} of ${dataLength}`);
  }
  return { name, dtype: known, shape, begin, end };
}

/** Together the tensors must be as long as the data, without gap or overlap. */
function checkCoverage(entries: readonly Entry[], dataLength: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      throw new SyntaxError(`tensor ${name} begins at byte ${begin} of the data: it must begin at ${covered}`);
    }
    covered = end;
  }
  if (covered !== dataLength) {
    throw new SyntaxError(`the tensors fill ${covered} bytes of data: the file has ${dataLength}`);
  }
}

/**
 * Bytes that come in pieces to text, or an error with the place of the first wrong byte.
 *
 * @module
 */

/**
 * The text of bytes in UTF-8, in pieces of which none ends in the middle of a character.
 *
 * @param path Where the bytes come from, for an error.
 * @param what What they are.
 * @throws {Error} If a byte is zero or not part of a character; the message names its place.
 */
export function* textIn(pieces: Iterable<Uint8Array>, path: string, what = "data file"): Generator<string> {
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();
  for (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : concat(rest, piece);
    const whole = bytes.subarray(0, bytes.length - unfinished(bytes));
    yield decode(whole, offset, `${what} ${path}`);
    offset += whole.length;
    rest = bytes.slice(whole.length);
  }
  yield decode(rest, offset, `${what} ${path}`);
}

/** How texts in other encodings begin; the one that begins as another does comes first. */
const MARKS: readonly [encoding: string, ...bytes: number[]][] = [
  ["UTF-32", 0xff, 0xfe, 0x00, 0x00],
  ["UTF-32", 0x00, 0x00, 0xfe, 0xff],
  ["UTF-16", 0xff, 0xfe],
  ["UTF-16", 0xfe, 0xff],
];

/** Bytes as text, which stand at an offset in the file. */
function decode(bytes: Uint8Array, offset: number, file: string): string {
  const refuse = (what: string, at: number): Error => {
    const hex = `0x${bytes[at].toString(16).padStart(2, "0")}`;
    return new Error(`${file} is ${what}: byte ${offset + at} is ${hex}; it must be text in UTF-8`);
  };
  const other = offset === 0 ? MARKS.find(([, ...mark]) => mark.every((byte, i) => bytes[i] === byte)) : undefined;
  if (other !== undefined) throw refuse(`not UTF-8 but ${other[0]}`, 0);
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw refuse("binary", zero);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse("not UTF-8", firstInvalid(bytes));
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The number of bytes in a character that begins with this one: 0 if none does. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/** The number of bytes at the end that begin a character without finishing it. */
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

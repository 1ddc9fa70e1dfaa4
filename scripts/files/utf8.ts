/**
 * Bytes that come in pieces to text, or an error with the place of the first wrong byte.
 *
 * @module
 */

/** What an error says about bytes. */
export type Bytes = {
  /** What they are, such as `data file data/names.txt`. */
  readonly what: string;
  /** Whether their encoding can be named with `--encoding`. */
  readonly takesEncoding?: boolean;
};

/**
 * The text of bytes in UTF-8, in pieces of which none ends in the middle of a character.
 *
 * @throws {Error} If a byte is zero or not part of a character; the message names its place.
 */
export function* utf8TextIn(pieces: Iterable<Uint8Array>, bytes: Bytes): Generator<string> {
  let offset = 0;
  let rest: Uint8Array = new Uint8Array();
  for (const piece of pieces) {
    const next = rest.length === 0 ? piece : concat(rest, piece);
    const whole = next.subarray(0, next.length - unfinished(next));
    yield decode(whole, offset, bytes);
    offset += whole.length;
    rest = next.slice(whole.length);
  }
  yield decode(rest, offset, bytes);
}

/** What a text begins with says how it goes on. */
export type Mark = {
  /** The encoding that it says. */
  readonly name: string;
  /** What `TextDecoder` calls it, if it knows it. */
  readonly label?: string;
  readonly bytes: readonly number[];
};

/** The one that begins as another does comes first. */
const MARKS: readonly Mark[] = [
  { name: "UTF-32", bytes: [0xff, 0xfe, 0x00, 0x00] },
  { name: "UTF-32", bytes: [0x00, 0x00, 0xfe, 0xff] },
  { name: "UTF-16", label: "utf-16le", bytes: [0xff, 0xfe] },
  { name: "UTF-16", label: "utf-16be", bytes: [0xfe, 0xff] },
  { name: "UTF-8", label: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
];

/** The mark that a text begins with, if it has one. */
export function markOf(start: Uint8Array): Mark | undefined {
  return MARKS.find(({ bytes }) => bytes.every((byte, i) => start[i] === byte));
}

/** Bytes as text, which stand at an offset among all. */
function decode(bytes: Uint8Array, offset: number, { what, takesEncoding }: Bytes): string {
  const refuse = (why: string, at: number, encoding?: string): Error => {
    const hex = `0x${bytes[at].toString(16).padStart(2, "0")}`;
    const advice = takesEncoding && encoding !== undefined ? `, or be named with --encoding, such as ${encoding}` : "";
    return new Error(`${what} is ${why}: byte ${offset + at} is ${hex}; it must be text in UTF-8${advice}`);
  };
  const mark = offset === 0 ? markOf(bytes) : undefined;
  if (mark !== undefined && mark.name !== "UTF-8") throw refuse(`not UTF-8 but ${mark.name}`, 0, mark.label);
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw refuse("binary", zero);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse("not UTF-8", firstInvalid(bytes), "windows-1252");
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

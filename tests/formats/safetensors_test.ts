import { assert, assertEquals, assertThrows } from "@std/assert";
import fc, { type Arbitrary } from "fast-check";
import { decodeSafetensors, encodeSafetensors, type Safetensors, type Tensor } from "../../src/formats/mod.ts";
import { Buffer } from "node:buffer";
import { law } from "../property.ts";

const shapes = fc.array(fc.nat(3), { maxLength: 3 });
const tensorArbitrary: Arbitrary<Tensor> = shapes.chain((shape) => {
  const length = shape.reduce((product, size) => product * size, 1);
  const range = { minLength: length, maxLength: length };
  return fc
    .oneof<Arbitrary<Tensor["data"]>[]>(fc.float64Array(range), fc.float32Array(range), fc.uint32Array(range))
    .map((data) => ({ shape, data }));
});
const safetensors: Arbitrary<Safetensors> = fc.record({
  tensors: fc
    .uniqueArray(fc.tuple(fc.string().filter((name) => name !== "__metadata__"), tensorArbitrary), {
      selector: ([name]) => name,
      maxLength: 5,
    })
    .map((entries) => new Map(entries)),
  metadata: fc.dictionary(fc.string(), fc.string()).map((entries) => ({ ...entries })),
});

/** A file with this header and so many bytes of data. */
function forged(header: unknown, dataLength = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const bits = (data: Tensor["data"]): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

law("safetensors: round trip, bit for bit", [safetensors], (file) => {
  const decoded = decodeSafetensors(encodeSafetensors(file));
  assertEquals(new Set(decoded.tensors.keys()), new Set(file.tensors.keys()));
  for (const [name, { shape, data }] of file.tensors) {
    const tensor = decoded.tensors.get(name)!;
    assertEquals(tensor.shape, shape);
    assertEquals(tensor.data.constructor, data.constructor);
    assertEquals(bits(tensor.data), bits(data));
  }
  assertEquals(Object.entries(decoded.metadata).toSorted(), Object.entries(file.metadata).toSorted());
});

law("safetensors: laid out as the format says", [safetensors], (file) => {
  const bytes = encodeSafetensors(file);
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(headerLength % 8, 0);
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerLength));
  assert(text.startsWith("{") && /\} *$/.test(text));
  const { __metadata__: _, ...entries } = JSON.parse(text);
  let end = 0;
  const ordered = Object.values(entries) as { data_offsets: [number, number] }[];
  for (const { data_offsets } of ordered.sort((a, b) => a.data_offsets[0] - b.data_offsets[0])) {
    assert(data_offsets[0] === end || data_offsets[0] === data_offsets[1]);
    end = Math.max(end, data_offsets[1]);
  }
  assertEquals(8 + headerLength + end, bytes.length);
});

law("safetensors: a file that is cut is refused", [safetensors, fc.nat()], (file, at) => {
  const bytes = encodeSafetensors(file);
  assertThrows(() => decodeSafetensors(bytes.subarray(0, at % bytes.length)), SyntaxError);
});

law("safetensors: whatever the bytes, they are refused or read, never anything else", [fc.uint8Array()], (bytes) => {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    assert(error instanceof SyntaxError);
  }
});

law("safetensors: whatever the header, it is refused or read, never anything else", [fc.json()], (header) => {
  try {
    decodeSafetensors(forged(header));
  } catch (error) {
    assert(error instanceof SyntaxError);
  }
});

Deno.test("safetensors: lies about lengths are refused before anything is allocated", () => {
  const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = "F64"): unknown => ({
    x: { dtype, shape, data_offsets },
  });
  const lies: [unknown, string][] = [
    [entry([1e15], [0, 8]), "does not fit"],
    [entry([2 ** 32, 2 ** 32], [0, 8]), "does not fit"],
    [entry([1], [0, 16]), "does not fit"],
    [entry([1], [8, 16]), "does not fit"],
    [entry([0], [8, 0]), "does not fit"],
    [entry([0], [0, 0]), "fill 0 bytes"],
    [entry([-1], [0, 8]), "must have shape"],
    [entry([1.5], [0, 8]), "must have shape"],
    [entry("1", [0, 8]), "must have shape"],
    [entry([1], [0]), "must have shape"],
    [entry([1], [0, 8, 8]), "must have shape"],
    [entry([1], ["0", 8]), "must have shape"],
    [entry([1], [-8, 0]), "must have shape"],
    [entry([1], undefined), "must have shape"],
    [{ x: [] }, "must have shape"],
    [{ x: "y" }, "must have shape"],
    [entry([1], [0, 8], "BF16"), "dtype BF16"],
    [entry([1], [0, 8], "toString"), "dtype toString"],
    [{ x: null }, "must have shape"],
    [{ __metadata__: { a: 1 } }, "metadata"],
    [{ __metadata__: [] }, "metadata"],
    [{ __metadata__: null }, "metadata"],
    [{ __metadata__: "a" }, "metadata"],
    ["null", "JSON object"],
    ["7", "JSON object"],
    [[], "JSON object"],
    ["{", "not JSON"],
  ];
  for (const [header, message] of lies) assertThrows(() => decodeSafetensors(forged(header, 8)), SyntaxError, message);
});

Deno.test("safetensors: gaps, overlaps and leftovers of the data are refused, wherever they are", () => {
  const words = (...ranges: [begin: number, end: number][]): Record<string, unknown> =>
    Object.fromEntries(ranges.map(([begin, end], i) => [
      `x${i}`,
      { dtype: "F64", shape: [end - begin], data_offsets: [8 * begin, 8 * end] },
    ]));
  const wrong: [ranges: [number, number][], length: number, sentence: string][] = [
    [[[1, 2]], 2, "x0 begins at byte 8 of the data: it must begin at 0"],
    [[[0, 1], [2, 3]], 3, "x1 begins at byte 16 of the data: it must begin at 8"],
    [[[2, 3], [0, 1]], 3, "x0 begins at byte 16 of the data: it must begin at 8"],
    [[[0, 1], [2, 2], [1, 3]], 3, "x1 begins at byte 16 of the data: it must begin at 24"],
    [[[0, 2], [1, 3]], 3, "x1 begins at byte 8 of the data: it must begin at 16"],
    [[[0, 3], [1, 2]], 3, "x1 begins at byte 8 of the data: it must begin at 24"],
    [[[0, 1], [0, 1]], 1, "x1 begins at byte 0 of the data: it must begin at 8"],
    [[[0, 1], [1, 2]], 3, "the tensors fill 16 bytes of data: the file has 24"],
    [[[0, 1], [1, 3]], 2, "does not fit bytes 8 to 24 of 16"],
    [[], 1, "the tensors fill 0 bytes of data: the file has 8"],
  ];
  for (const [ranges, length, sentence] of wrong) {
    assertThrows(() => decodeSafetensors(forged(words(...ranges), 8 * length)), SyntaxError, sentence);
  }
  // In any order, and with tensors of no element between others.
  for (const ranges of [[[1, 3], [0, 1]], [[0, 1], [1, 1], [1, 3]], [[3, 3], [0, 3], [0, 0]]] as [number, number][][]) {
    assertEquals(decodeSafetensors(forged(words(...ranges), 24)).tensors.size, ranges.length);
  }
});

Deno.test("safetensors: a header is UTF-8 without a mark", () => {
  const entry = JSON.stringify({ é: { dtype: "F64", shape: [1], data_offsets: [0, 8] } });
  assertEquals([...decodeSafetensors(forged(entry, 8)).tensors.keys()], ["é"]);
  assertThrows(() => decodeSafetensors(forged(`\ufeff${entry}`, 8)), SyntaxError, "the safetensors header is not JSON");
  const latin1 = forged(entry.replace("é", "XX"), 8);
  latin1.fill(0xe9, latin1.indexOf(0x58), latin1.lastIndexOf(0x58) + 1);
  assertThrows(() => decodeSafetensors(latin1), SyntaxError, "the safetensors header is not JSON");
});

Deno.test("safetensors: many tensors that claim the same bytes are refused before they are copied", () => {
  const entry = { dtype: "F64", shape: [125_000], data_offsets: [0, 1_000_000] };
  const header = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${i}`, entry])); // 10 GB of copies
  assertThrows(() => decodeSafetensors(forged(header, 1_000_000)), SyntaxError, "must begin at 1000000");
});

Deno.test("safetensors: a header longer than the file is refused, up to 2^64", () => {
  for (const length of [2n ** 64n - 1n, 2n ** 53n, 2n ** 31n, 9n]) {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    assertThrows(() => decodeSafetensors(bytes), SyntaxError, "does not fit a file of 16");
  }
});

Deno.test("safetensors: odd dtypes, long headers and views of larger buffers", () => {
  const odd = { x: { dtype: { toString: 1 }, shape: [], data_offsets: [0, 8] } };
  assertThrows(() => decodeSafetensors(forged(odd, 8)), SyntaxError, "dtype of type object");
  assertThrows(() => decodeSafetensors(forged(" ".repeat(16_000_001))), SyntaxError, "at most 16000000");
  const tensors = new Map([["x", { shape: [2], data: new Float64Array([1, 2]) }]]);
  const pooled = Buffer.concat([encodeSafetensors({ tensors, metadata: {} })]); // its slice is a view
  assertEquals(decodeSafetensors(pooled).tensors, tensors);
  const larger = new Uint8Array(pooled.length + 10).fill(0xff);
  larger.set(pooled, 5);
  assertEquals(decodeSafetensors(larger.subarray(5, -5)).tensors, tensors);
});

Deno.test("encodeSafetensors: shapes must fit, and __metadata__ is no name", () => {
  const encode = (name: string, shape: number[]) => (): unknown =>
    encodeSafetensors({ tensors: new Map([[name, { shape, data: new Float64Array(2) }]]), metadata: {} });
  assertThrows(encode("x", [3]), RangeError, "tensor x of shape [3] does not fit its 2 elements");
  assertThrows(encode("__metadata__", [2]), RangeError, "__metadata__");
  assertThrows(encode("x".repeat(16_000_000), [2]), RangeError, "is too long");
});

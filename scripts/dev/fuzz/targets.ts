/**
 * What comes from outside, generated and mutated, and what must hold of all of it: a value that works, or an error of the
 * right class with one sentence.
 *
 * @module
 */

import fc, { type Arbitrary } from "fast-check";
import {
  type Checkpoint,
  createTokenizer,
  decode,
  decodeCheckpoint,
  type DocumentKind,
  encode,
  encodeCheckpoint,
  hyperparameters,
  initTraining,
  type Model,
  type Normalization,
  normalizeText,
  parseRunLog,
  type SampleOptions,
  sampleText,
  trainStep,
} from "../../../mod.ts";
import { DOCUMENT_KINDS, NORMALIZATIONS, type Texts } from "../../../src/corpus/mod.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../../src/formats/mod.ts";
import { seedRandom } from "../../../src/random/mod.ts";
import { characters } from "../../../tests/arbitraries.ts";
import { parseFlags } from "../../cli/flags.ts";
import { documentsOf } from "../../files/data.ts";
import { checkFlags, FLAGS } from "../../train/flags.ts";

/** How a case ended. */
export type Ending = "accepted" | "refused";

/** One kind of input. */
export type Target = {
  readonly name: string;
  /** Cases as functions: each tries one input, and throws if what must hold does not. */
  readonly cases: Arbitrary<() => Ending>;
};

type ErrorClass = abstract new (...args: never[]) => Error;

/** How JavaScript itself complains of a value of another type: not a sentence for a user. */
const NATIVE =
  /Cannot (read|convert|destructure|set)|is not (a function|iterable|a constructor)|\bof (undefined|null)\b/;

/** Runs what may refuse its input, but only with an error of one of the classes. */
function attempt<T>(work: () => T, classes: readonly ErrorClass[], accepted: (value: T) => void): Ending {
  let value: T;
  try {
    value = work();
  } catch (error) {
    const fitting = classes.some((each) => error instanceof Error && error.constructor === each);
    if (!fitting || (error as Error).message.length < 10 || NATIVE.test((error as Error).message)) throw error;
    return "refused";
  }
  accepted(value);
  return "accepted";
}

const state = initTraining(["ab", "b", "ba🙂"], { nEmbd: 2, nHead: 1, blockSize: 4, valFraction: 0.4 });
const WHOLE = encodeCheckpoint({
  ...trainStep(state).state(),
  hyperparameters: hyperparameters({ valFraction: 0.4 }),
  engine: { name: "simd", threads: 2 },
  source: { path: "data/names.txt", encoding: "utf-8" },
  dataHash: "0".repeat(64),
});
/** Without its checksum a file may be changed. */
const { checksum: _, ...METADATA } = decodeSafetensors(WHOLE).metadata;
const PARTS = { tensors: decodeSafetensors(WHOLE).tensors, metadata: METADATA };
const UNSIGNED = encodeSafetensors(PARTS);

/** A few bytes replaced, inserted or left out. */
const splices: Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.oneof(fc.nat(8), fc.nat(2000)),
    inserted: fc.oneof(
      fc.uint8Array({ maxLength: 16 }),
      fc.string({ maxLength: 16 }).map((text) => new TextEncoder().encode(text)),
      fc.constantFrom("[", "{", "}", '"', "null", "-1", "1e999", "9007199254740993", "NaN", "\\u0000", "[[[[[[[[[[[[")
        .map((text) => new TextEncoder().encode(text)),
    ),
  })
  .map(({ at, removed, inserted }) => (bytes) => {
    const start = Math.floor(at * bytes.length);
    return Uint8Array.from([...bytes.subarray(0, start), ...inserted, ...bytes.subarray(start + removed)]);
  });

/** A few of them, one after the other. */
const mutations = fc.array(splices, { minLength: 1, maxLength: 4 })
  .map((all) => (bytes: Uint8Array): Uint8Array => all.reduce((changed, splice) => splice(changed), bytes));

/** The file with its header changed as text, and the length of the header corrected. */
function withHeader(change: (header: Uint8Array) => Uint8Array): Uint8Array {
  const length = Number(new DataView(UNSIGNED.buffer).getBigUint64(0, true));
  const header = change(UNSIGNED.subarray(8, 8 + length));
  const bytes = new Uint8Array(8 + header.length + UNSIGNED.length - 8 - length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(UNSIGNED.subarray(8 + length), 8 + header.length);
  return bytes;
}

/** Metadata as it is, but for a value of another type somewhere in it. */
const otherTypes: Arbitrary<[name: string, text: string]> = fc
  .tuple(fc.constantFrom(...Object.keys(PARTS.metadata)), fc.jsonValue({ maxDepth: 1 }), fc.nat())
  .map(([name, value, place]) => {
    const whole: unknown = name === "format" ? PARTS.metadata[name] : JSON.parse(PARTS.metadata[name]);
    if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return [name, JSON.stringify(value)];
    const keys = Object.keys(whole);
    return [name, JSON.stringify({ ...whole, [keys[place % keys.length]]: value })];
  });

/** Tensors as they are, but for one number that is none. */
const notFinite: Arbitrary<[name: string, tensor: Tensor]> = fc
  .tuple(fc.constantFrom(...PARTS.tensors.keys()), fc.constantFrom(NaN, Infinity, -Infinity), fc.nat())
  .map(([name, value, place]) => {
    const { shape, data } = PARTS.tensors.get(name)!;
    const changed = data.slice();
    if (changed.length > 0) changed[place % changed.length] = value;
    return [name, { shape, data: changed }];
  });

const tensors: Arbitrary<Tensor> = fc.oneof(
  fc.float64Array({ maxLength: 8 }).map((data) => ({ shape: [data.length], data })),
  fc.uint32Array({ maxLength: 8 }).map((data) => ({ shape: [1, data.length], data })),
  fc.constantFrom(...PARTS.tensors.values()),
);

/** Files put together from right and wrong parts. */
const composed = fc
  .record({
    tensors: fc.array(
      fc.oneof(fc.tuple(fc.constantFrom(...PARTS.tensors.keys(), "x"), tensors), notFinite),
      { maxLength: 3 },
    ),
    metadata: fc.array(
      fc.oneof(
        otherTypes,
        fc.tuple(
          fc.constantFrom(...Object.keys(PARTS.metadata), "checksum", "crc32", "__proto__", "x"),
          fc.oneof(fc.json(), fc.string(), fc.constantFrom(...Object.values(PARTS.metadata))),
        ),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ tensors, metadata }) =>
    encodeSafetensors({
      tensors: new Map([...PARTS.tensors, ...tensors]),
      metadata: { ...PARTS.metadata, ...Object.fromEntries(metadata) },
    })
  );

const files: Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  mutations.map((mutate) => mutate(WHOLE)),
  mutations.map((mutate) => mutate(UNSIGNED)),
  mutations.map((mutate) => withHeader(mutate)),
  composed,
);

/** A checkpoint that was accepted can be written and read again, begun from, and sampled if its numbers allow it. */
function useCheckpoint(checkpoint: Checkpoint): void {
  const again = decodeCheckpoint(encodeCheckpoint(checkpoint));
  if (again.params.length !== checkpoint.params.length) throw new Error("a checkpoint changed its length");
  for (const buffer of [checkpoint.params, checkpoint.m, checkpoint.v]) {
    if (!buffer.every(Number.isFinite)) throw new Error("a number that is none was accepted");
  }
  if (!/^(null|[0-9a-f]{64})$/.test(String(checkpoint.dataHash))) throw new Error("any data hash was accepted");
  const { tokenizer } = initTraining(["new: é", "b"], { from: checkpoint });
  if (!checkpoint.tokenizer.vocabulary.every((c) => tokenizer.ids.has(c))) throw new Error("a character was lost");
  if (checkpoint.params.every((p) => Math.abs(p) < 1e3)) sampleText(checkpoint, checkpoint.random);
}

const checkpoints: Target = {
  name: "checkpoints",
  cases: files.map((bytes) => () => attempt(() => decodeCheckpoint(bytes), [SyntaxError], useCheckpoint)),
};

const LINE_ENDS = ["\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\x1c"];
const text = fc.array(
  fc.tuple(fc.string({ unit: characters, maxLength: 12 }), fc.constantFrom(...LINE_ENDS)),
  { maxLength: 8 },
).map((lines) => new TextEncoder().encode(lines.flat().join("")));

const dataBytes: Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  text,
  fc.tuple(text, mutations).map(([bytes, mutate]) => mutate(bytes)),
  fc.tuple(fc.constantFrom([0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0xed, 0xa0, 0x80], [0xc0, 0x80]), text)
    .map(([start, rest]) => Uint8Array.from([...start, ...rest])),
);

/** Documents that were accepted can be trained on: they are text, not blank, normalized, and survive being tokenized. */
function useDocuments(documents: Texts, kind: DocumentKind, normalize: Normalization): void {
  if (documents.length < (kind === "whole" ? 1 : 2)) throw new Error("too few documents were accepted");
  const line = /[\n\r\0]/;
  const wrong = { line, "line-blocks": line, paragraph: /[\r\0]|\n\n/, whole: /[\r\0]/ }[kind];
  const tokenizer = createTokenizer(documents);
  for (const document of kind === "whole" ? [[...documents].join("")] : documents) {
    if (normalizeText(document, normalize) !== document) {
      throw new Error(`${JSON.stringify(document)} is not normalized`);
    }
  }
  for (const document of documents) {
    if (document === "" || wrong.test(document)) throw new Error(`${JSON.stringify(document)} is no document`);
    if (decode(tokenizer, encode(tokenizer, document)) !== document) throw new Error("a document changed");
  }
}

const encodings = fc.constantFrom("utf-8", "utf-8", "utf-16le", "utf-16be", "windows-1252", "shift_jis", "iso-2022-jp");

const data: Target = {
  name: "data files",
  cases: fc.record({
    bytes: dataBytes,
    kind: fc.constantFrom(...DOCUMENT_KINDS),
    encoding: encodings,
    normalize: fc.constantFrom(...NORMALIZATIONS),
  }).map(({ bytes, ...reading }) => () =>
    attempt(
      () => documentsOf([bytes], "data.txt", reading),
      [Error],
      (documents) => useDocuments(documents, reading.kind, reading.normalize),
    )
  ),
};

const values = fc.oneof(
  fc.constantFrom(
    "",
    "0",
    "1",
    "-1",
    "0.5",
    "1e-8",
    "1e999",
    "NaN",
    "0x10",
    "simd",
    "cosine",
    "/",
    "out/",
    "--",
    "--x",
    "9".repeat(120_000),
    `${"9".repeat(60_000)}x`,
  ),
  fc.double().map(String),
  fc.integer().map(String),
  fc.string({ unit: characters, maxLength: 10 }),
);
const flag = fc.oneof(
  fc.constantFrom(...Object.keys(FLAGS)).map((name) => `--${name}`),
  fc.constantFrom(...Object.keys(FLAGS)).map((name) => `--${name.slice(1)}`),
  fc.string({ maxLength: 10 }).map((name) => `--${name}`),
  fc.constantFrom("--", "-", "-h1", "--no-quiet", "--__proto__", "--constructor", "--toString=1", "--=", "--=1"),
);
const args = fc
  .array(
    fc.oneof(fc.tuple(flag, values), fc.tuple(flag, values).map(([f, v]) => [`${f}=${v}`]), flag.map((f) => [f])),
    { maxLength: 5 },
  )
  .map((all) => all.flat());

const flags: Target = {
  name: "flag lists",
  cases: args.map((given) => () => {
    const names = new Set(given.map((arg) => arg.replace(/^--|=.*$/gs, "")));
    const parse = (): unknown => {
      const parsed = parseFlags(FLAGS, given);
      checkFlags(parsed, names);
      return parsed;
    };
    return attempt(parse, [Error, RangeError], (parsed) => {
      const found = Object.keys(parsed as object);
      if (found.join() !== Object.keys(FLAGS).join()) throw new Error(`the flags became ${found}`);
    });
  }),
};

/** Of the block's 4 characters: fewer, more, many more, and what is no length. */
const lengths = fc.oneof(fc.constant(undefined), fc.nat(12), fc.constantFrom(-1, 0.5, NaN, 100_010));
const stops = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: fc.constantFrom("a", "b", "🙂"), maxLength: 3 }),
  fc.string({ unit: fc.constantFrom("a", "\ud83d", "\ude42", "\n"), maxLength: 3 }),
);

/** A sample that was drawn begins with its prompt, is as long as it may be, and stops where it should. */
function useSample(sample: string, { prompt, maxLength, stop }: SampleOptions & { readonly prompt: string }): void {
  const block = state.config.blockSize;
  const given = [...prompt].length;
  const most = maxLength ?? (given < block ? block : given + block);
  if (!sample.startsWith(prompt) || [...sample].length > most) throw new Error(`${sample} came from ${prompt}`);
  const drawn = sample.slice(prompt.length);
  if (stop !== undefined && drawn.includes(stop)) throw new Error(`${drawn} does not stop at ${stop}`);
}

const prompts: Target = {
  name: "prompts",
  cases: fc.record({
    prompt: fc.oneof(
      fc.string({ unit: characters }),
      fc.string({ unit: fc.constantFrom("a", "b", "🙂"), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom("a", "\ud83d", "\ude42", "\0", "\x1b"), maxLength: 4 }),
      fc.nat(100_000).map((length) => "a".repeat(length)),
    ),
    maxLength: lengths,
    stop: stops,
    seed: fc.nat(),
  }).map(({ seed, ...options }) => () =>
    attempt(
      () => sampleText(state as Model, seedRandom(seed), options),
      [RangeError],
      ([sample]) => useSample(sample, options),
    )
  ),
};

/** A log as a run writes it. */
const LOG = [
  {
    ...{ type: "header", config: state.config, hyperparameters: hyperparameters(), dataHash: null },
    ...{ engine: { name: "array", threads: 1 }, versions: { log: "1" } },
  },
  { type: "step", t: 1, loss: 3, learningRate: 0.01, gradNorm: 1, tokensPerSecond: 1, time: 0 },
  { type: "step", t: 2, loss: 2.5, learningRate: 0.005, gradNorm: 1, tokensPerSecond: 1, time: 0 },
].map((entry) => JSON.stringify(entry) + "\n").join("");

const logs: Target = {
  name: "logs",
  cases: mutations.map((mutate) => () =>
    attempt(
      () => parseRunLog(new TextDecoder().decode(mutate(new TextEncoder().encode(LOG)))),
      [SyntaxError],
      (entries) => {
        if (entries.some(({ type }) => typeof type !== "string")) {
          throw new Error("an entry without a type was accepted");
        }
      },
    )
  ),
};

/** Every kind of input. */
export const TARGETS: readonly Target[] = [checkpoints, data, flags, prompts, logs];

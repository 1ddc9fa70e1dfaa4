import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  ENGINE_NAMES,
  hyperparameters,
  initTraining,
  sampleText,
  trainStep,
} from "../../mod.ts";
import { tokenizerOf } from "../../src/corpus/mod.ts";
import {
  beginsAsCheckpoint,
  BYTES_CHECKSUM_PREFIX,
  bytesChecksum,
  contentChecksum,
  decodeSafetensors,
  dtypeOf,
  encodeSafetensors,
  type Safetensors,
  type Tensor,
} from "../../src/formats/mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";
import { gauss, seedRandom, shuffle } from "../../src/random/mod.ts";
import { characters, trainings } from "../arbitraries.ts";
import { law } from "../property.ts";

const checkpoints = fc
  .record({
    training: trainings,
    steps: fc.nat(2),
    drawOnce: fc.boolean(),
    learningRate: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    selection: fc.record({
      bestLoss: fc.option(fc.double({ min: 0, max: 9, noNaN: true }).map(Math.abs)),
      bestT: fc.nat(),
      waited: fc.nat(),
    }, { noNullPrototype: true }),
    dataHash: fc.option(fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 })),
    source: fc.option(
      fc.record({
        path: fc.string({ unit: characters, minLength: 1 }),
        encoding: fc.constantFrom("utf-8", "shift_jis"),
      }, {
        noNullPrototype: true,
      }),
    ),
    engine: fc.option(
      fc.record({
        ...{ name: fc.constantFrom(...ENGINE_NAMES), threads: fc.integer({ min: 1, max: 64 }) },
        ...{ build: fc.string({ unit: characters }), fused: fc.boolean() },
      }, { noNullPrototype: true, requiredKeys: ["name", "threads"] }),
    ),
  })
  .map(({ training, steps, drawOnce, learningRate, selection, dataHash, engine, source }): Checkpoint => {
    let state = training.state;
    for (let i = 0; i < steps; i++) state = trainStep(state).state();
    const random = drawOnce ? gauss(state.random, 0, 1)[1] : state.random;
    const { documents: _, validation: __, ...saved } = { ...state, random };
    const settings = hyperparameters({
      learningRate,
      seed: training.seed,
      schedule: "cosine",
      documentKind: "paragraph",
      normalize: "nfkc",
    });
    return {
      ...saved,
      selection,
      dataHash,
      ...(engine && { engine }),
      ...(source && { source }),
      hyperparameters: settings,
    };
  });

const small = encodeCheckpoint({
  ...trainStep(initTraining(["ab", "b"], { nEmbd: 2, nHead: 1, blockSize: 2 })).state(),
  hyperparameters: hyperparameters(),
});

law("checkpoint: round trip, bit for bit", [checkpoints], (checkpoint) => {
  const bytes = encodeCheckpoint(checkpoint);
  const decoded = decodeCheckpoint(bytes);
  assertEquals(decoded, checkpoint);
  assertEquals(encodeCheckpoint(decoded), bytes);
  assertEquals(sampleText(decoded, decoded.random), sampleText(checkpoint, checkpoint.random));
}, { numRuns: 50 });

law("checkpoint: any numbers survive, NaN, -0 and infinities too", [fc.float64Array({ minLength: 1 })], (values) => {
  const decoded = decodeCheckpoint(small);
  const params = decoded.params.map((_, i) => values[i % values.length]);
  const random = { ...decoded.random, gaussNext: values[0] };
  const again = decodeCheckpoint(encodeCheckpoint({ ...decoded, params, random }));
  assertEquals(new Uint8Array(again.params.buffer), new Uint8Array(params.buffer));
  assert(Object.is(again.random.gaussNext, values[0]));
});

law(
  "checkpoint: any safetensors reader finds the parameters under the reference's names",
  [checkpoints],
  (checkpoint) => {
    const { tensors } = decodeSafetensors(encodeCheckpoint(checkpoint));
    for (const { name, rows, columns, offset } of parameterLayout(checkpoint.config)) {
      const range = [offset, offset + rows * columns];
      assertEquals(tensors.get(name), { shape: [rows, columns], data: checkpoint.params.slice(...range) });
      assertEquals(tensors.get(`adam.m.${name}`)?.data, checkpoint.m.slice(...range));
      assertEquals(tensors.get(`adam.v.${name}`)?.data, checkpoint.v.slice(...range));
    }
  },
  { numRuns: 30 },
);

/** What the file of a checkpoint holds, written again as another program might: in another order, with other blanks. */
function rewritten(file: Safetensors, shuffle: <T>(list: readonly T[]) => T[], indent = 0): Uint8Array<ArrayBuffer> {
  const tensors = shuffle([...file.tensors]);
  const offsets = new Map<string, number[]>();
  let length = 0;
  for (const [name, { data }] of tensors) offsets.set(name, [length, length += data.byteLength]);
  const entries = shuffle<[string, unknown]>([
    ["__metadata__", Object.fromEntries(shuffle(Object.entries(file.metadata)))],
    ...tensors.map(([name, { data, shape }]): [string, unknown] => {
      const entry = { dtype: dtypeOf(data), shape, data_offsets: offsets.get(name) };
      return [name, Object.fromEntries(shuffle(Object.entries(entry)))];
    }),
  ]);
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries), null, indent));
  const bytes = new Uint8Array(8 + header.length + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const [, { data }] of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

law("checkpoint: written again in any order, it is the same", [fc.nat(), fc.nat(3)], (seed, indent) => {
  const shuffled = <T>(list: readonly T[]): T[] => shuffle(seedRandom(seed), list)[0] as T[];
  const again = rewritten(decodeSafetensors(small), shuffled, indent);
  assertEquals(decodeCheckpoint(again), decodeCheckpoint(small));
  assert(beginsAsCheckpoint(again));
});

Deno.test("checkpoint: cut at any length, it is refused", () => {
  for (let length = 0; length < small.length; length++) {
    const sentence = length <= 8 ? "is not a microgpt checkpoint" : "damaged or cut short";
    assertThrows(() => decodeCheckpoint(small.subarray(0, length)), SyntaxError, sentence);
  }
});

Deno.test("checkpoint: a file begins as one with the first letter after its length, and up to its checksum", () => {
  const prefix = 8 + '{"__metadata__":{"checksum":"'.length;
  for (let length = 0; length < prefix + 20; length++) {
    const start = small.slice(0, length);
    assertEquals(beginsAsCheckpoint(start), length > 8, `${length} bytes`);
    if (length <= 8 || length > prefix) continue;
    start[length - 1] ^= 1;
    assert(!beginsAsCheckpoint(start), `byte ${length - 1}`);
  }
});

/** Refuses bytes, or finds the very checkpoint in them: a byte that says how the file is laid out need not matter. */
function assertRefusedOrSame(bytes: Uint8Array): void {
  let found: Checkpoint;
  try {
    found = decodeCheckpoint(bytes);
  } catch (error) {
    assert(error instanceof SyntaxError, `${error}`);
    return;
  }
  assertEquals(found, decodeCheckpoint(small));
}

Deno.test("checkpoint: changed at any byte of a tensor it is refused; at another, refused or the same", () => {
  const header = Number(new DataView(small.buffer).getBigUint64(0, true));
  for (let i = 0; i < small.length; i++) {
    for (const bit of i < 8 + header ? [0, 1, 2, 3, 4, 5, 6, 7] : [i % 8]) {
      const changed = small.slice();
      changed[i] ^= 1 << bit;
      if (i < 8 + header) assertRefusedOrSame(changed);
      else assertThrows(() => decodeCheckpoint(changed), SyntaxError, "damaged");
    }
  }
});

law(
  "checkpoint: changed, lengthened or shuffled in any way, it is refused or the same",
  [fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 })],
  (start, removed, inserted) => {
    const at = start % small.length;
    const end = Math.min(small.length, at + removed % 64);
    assertRefusedOrSame(new Uint8Array([...small.subarray(0, at), ...inserted, ...small.subarray(end)]));
  },
);

law(
  "checkpoint: changed on purpose, it loads if the checksum is left out",
  [fc.float64Array({ minLength: 1 })],
  (values) => {
    const file = decodeSafetensors(small);
    const wte = file.tensors.get("wte")!;
    const data = wte.data.map((_, i) => values[i % values.length]) as Float64Array;
    const tensors = new Map(file.tensors).set("wte", { ...wte, data });
    const { checksum: _, ...metadata } = file.metadata;
    const { params } = decodeCheckpoint(encodeSafetensors({ tensors, metadata }));
    assertEquals(params, Float64Array.of(...data, ...decodeCheckpoint(small).params.slice(data.length)));
    if (Object.is(data.join(), wte.data.join())) return;
    const message = "if it was changed on purpose, leave checksum out of its metadata";
    assertThrows(() => decodeCheckpoint(encodeSafetensors({ ...file, tensors })), SyntaxError, message);
  },
);

/** The small checkpoint with other metadata or tensors, and a checksum that is right: a forgery. */
function forge(
  change: { metadata?: Record<string, string | undefined>; tensors?: Record<string, Tensor> },
): Uint8Array<ArrayBuffer> {
  const file = decodeSafetensors(small);
  const tensors = new Map([...file.tensors, ...Object.entries(change.tensors ?? {})]);
  const entries = Object.entries({ ...file.metadata, ...change.metadata })
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  const metadata = Object.fromEntries(entries);
  return encodeSafetensors({ tensors, metadata: { ...metadata, checksum: contentChecksum({ tensors, metadata }) } });
}

/** The small checkpoint as the first two formats had it: with a checksum of all bytes. */
function old(change: Record<string, string | undefined>): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = decodeSafetensors(forge({ metadata: change }));
  const { checksum: _, ...kept } = metadata;
  const bytes = encodeSafetensors({ tensors, metadata: { crc32: "00000000", ...kept } });
  bytes.set(new TextEncoder().encode(bytesChecksum(bytes)), 8 + BYTES_CHECKSUM_PREFIX.length);
  return bytes;
}

Deno.test("checkpoint: a forgery with the right checksum but wrong content is refused, and says why", () => {
  assertEquals(decodeCheckpoint(forge({})).t, 1); // the forger is good
  const config = { nLayer: 1, nEmbd: 2, nHead: 1, blockSize: 2, vocabSize: 3 };
  const forgeries: [Parameters<typeof forge>[0], string][] = [
    [{ metadata: { format: "pt" } }, "the format is"],
    [{ metadata: { format: undefined } }, "the format is"],
    [{ metadata: { t: undefined } }, "it has no t"],
    [{ metadata: { t: "-1" } }, "t -1"],
    [{ metadata: { t: "x" } }, "JSON"],
    [{ metadata: { random_position: "625" } }, "random_position 625"],
    [{ metadata: { config: "null" } }, "its config is null, and must be an object"],
    [{ metadata: { config: JSON.stringify({ ...config, nLayer: 1e9 }) } }, "nLayer 1000000000"],
    [{ metadata: { config: JSON.stringify({ ...config, nLayer: 1000 }) } }, "layer1.attn_wq is missing"],
    [{ metadata: { config: JSON.stringify({ ...config, blockSize: 1e6 }) } }, "wpe is missing or not F64 of shape"],
    [{ metadata: { config: JSON.stringify({ ...config, vocabSize: 4 }) } }, "vocabulary has 2 characters"],
    [{ metadata: { vocabulary: '["b","a"]' } }, "sorted"],
    [{ metadata: { vocabulary: '["a","b","c"]' } }, "vocabulary has 3 characters"],
    [{ metadata: { vocabulary: "7" } }, "its vocabulary is 7, and must be a list of characters"],
    [{ metadata: { hyperparameters: '{"steps":0}' } }, "steps 0"],
    [{ metadata: { hyperparameters: '{"schedule":"zigzag"}' } }, 'schedule "zigzag" does not exist'],
    [{ metadata: { hyperparameters: '{"documents":7}' } }, "documentKind 7 does not exist"],
    [{ metadata: { hyperparameters: '{"normalize":"nfd"}' } }, 'normalize "nfd" does not exist'],
    [{ metadata: { hyperparameters: '{"documentKind":"word"}' } }, 'documentKind "word" does not exist'],
    [{ metadata: { selection: '{"bestLoss":-1,"bestT":0,"waited":0}' } }, "bestLoss -1"],
    [{ metadata: { selection: "null" } }, "its selection is null, and must be an object"],
    [{ metadata: { data_hash: "7" } }, "the data_hash is 7: it must be null or the 64 hexadecimal digits"],
    [{ metadata: { data_hash: '"\\u001b[2J"' } }, 'the data_hash is "\\u001b[2J"'],
    [{ metadata: { data_hash: JSON.stringify("a".repeat(5e6)) } }, `${"a".repeat(59)}…`],
    [{ tensors: { wte: { shape: [3, 2], data: new Float64Array([0, 0, 0, NaN, 0, 0]) } } }, "wte has NaN at [1,1]"],
    [
      { tensors: { "adam.m.wte": { shape: [3, 2], data: new Float64Array(6).fill(-Infinity) } } },
      "adam.m.wte has -Inf",
    ],
    [{ metadata: { data_source: '{"path":"","encoding":"utf-8"}' } }, 'a data source has the path ""'],
    [{ metadata: { data_source: '{"path":"d","encoding":"utf-7"}' } }, 'a data source has the encoding "utf-7"'],
    [{ metadata: { engine: '{"name":"gpu","threads":1}' } }, 'engine "gpu" does not exist'],
    [{ metadata: { engine: '{"name":"simd","threads":0}' } }, "threads 0"],
    [{ metadata: { engine: '{"name":"simd","threads":65}' } }, "threads 65"],
    [{ metadata: { engine: '{"name":"simd","threads":1,"build":7}' } }, "the build of an engine is not a string"],
    [{ metadata: { engine: '{"name":"simd","threads":1,"fused":"no"}' } }, "whether an engine fuses is not a boolean"],
    [{ metadata: { vocabulary: `[${"[".repeat(99)}` } }, "nested too deeply"],
    [{ tensors: { wte: { shape: [6], data: new Float64Array(6) } } }, "tensor wte"],
    [{ tensors: { "adam.v.wpe": { shape: [2, 2], data: new Float32Array(4) } } }, "tensor adam.v.wpe"],
    [{ tensors: { "random.words": { shape: [3], data: new Uint32Array(3) } } }, "random.words"],
    [{ tensors: { "random.words": { shape: [624], data: new Float64Array(624) } } }, "random.words"],
    [{ tensors: { "random.gauss_next": { shape: [1], data: new Float32Array(1) } } }, "random.gauss_next"],
    [{ tensors: { "random.gauss_next": { shape: [2], data: new Float64Array(2) } } }, "random.gauss_next"],
  ];
  for (const [change, message] of forgeries) {
    assertThrows(() => decodeCheckpoint(forge(change)), SyntaxError, message);
  }
});

Deno.test("checkpoint: the first two formats are still read, and refused where a byte is changed", () => {
  const second = old({ format: "microgpt checkpoint 2" });
  assertEquals(decodeCheckpoint(second), decodeCheckpoint(small));
  assert(beginsAsCheckpoint(second));
  for (let i = 0; i < second.length; i++) {
    const changed = second.slice();
    changed[i] ^= 1 << (i % 8);
    assertRefusedOrSame(changed);
    if (i > 8 + BYTES_CHECKSUM_PREFIX.length) assertThrows(() => decodeCheckpoint(changed), SyntaxError);
  }
});

Deno.test("checkpoint: what was written before runs had validation, data hashes and engines is still read", () => {
  const first = old({
    format: "microgpt checkpoint 1",
    hyperparameters: '{"seed":42,"initStd":0.08,"steps":1000,"batch":1,"learningRate":0.01,"beta1":0.85,"beta2":0.99,' +
      '"eps":1e-8,"temperature":0.5,"samples":20}',
    selection: undefined,
    data_hash: undefined,
  });
  const { hyperparameters: settings, selection, dataHash, engine, t } = decodeCheckpoint(first);
  assertEquals([settings, t, dataHash, engine], [hyperparameters(), 1, null, undefined]);
  assertEquals(selection, { bestLoss: null, bestT: 0, waited: 0 });
});

Deno.test("checkpoint: documentKind was once called documents, which is still read", () => {
  const early = forge({ metadata: { hyperparameters: '{"documents":"paragraph"}' } });
  assertEquals(decodeCheckpoint(early).hyperparameters, hyperparameters({ documentKind: "paragraph" }));
});

Deno.test("encodeCheckpoint: what could not be read again is refused", () => {
  const whole = decodeCheckpoint(small);
  const refused = (change: Partial<Checkpoint>, message: string): void =>
    void assertThrows(() => encodeCheckpoint({ ...whole, ...change }), RangeError, message);
  refused({ t: NaN }, "t NaN");
  refused({ params: new Float64Array(3) }, "3 parameters do not fit");
  refused({ m: new Float64Array(999) }, "999 parameters do not fit");
  refused({ random: { ...whole.random, position: 700 } }, "random position 700");
  refused({ random: { ...whole.random, words: new Uint32Array(3) } }, "number of random words 3");
  refused({ hyperparameters: { ...whole.hyperparameters, steps: NaN } }, "steps NaN");
  refused({ config: { ...whole.config, vocabSize: 2 } }, "do not fit");
  refused({ config: { ...whole.config, nHead: 3 } }, "nEmbd 2 cannot be split over nHead 3");
  refused({ selection: { bestLoss: -1, bestT: 0, waited: 0 } }, "bestLoss -1");
  refused({ selection: { bestLoss: null, bestT: 0.5, waited: 0 } }, "bestT 0.5");
  refused({ engine: { name: "gpu" as "simd", threads: 1 } }, 'engine "gpu" does not exist');
  refused({ engine: { name: "simd", threads: 65 } }, "threads 65");
  refused({ tokenizer: tokenizerOf(["a", "b", "c"]) }, "a vocabulary has 3 characters");
});

Deno.test("checkpoint: another program's safetensors file is refused as such", () => {
  const foreign = encodeSafetensors({
    tensors: new Map([["wte", { shape: [100], data: new Float64Array(100) }]]),
    metadata: { format: "pt" },
  });
  assertThrows(() => decodeCheckpoint(foreign), SyntaxError, "not a microgpt checkpoint");
});

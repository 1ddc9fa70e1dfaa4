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
import { beginsAsCheckpoint, crc32, decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/formats/mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";
import { gauss } from "../../src/random/mod.ts";
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
    dataHash: fc.option(fc.string({ unit: characters })),
    engine: fc.option(
      fc.record({ name: fc.constantFrom(...ENGINE_NAMES), threads: fc.integer({ min: 1, max: 64 }) }, {
        noNullPrototype: true,
      }),
    ),
  })
  .map(({ training, steps, drawOnce, learningRate, selection, dataHash, engine }): Checkpoint => {
    let state = training.state;
    for (let i = 0; i < steps; i++) state = trainStep(state).state();
    const random = drawOnce ? gauss(state.random, 0, 1)[1] : state.random;
    const { documents: _, validation: __, ...saved } = { ...state, random };
    const settings = hyperparameters({
      learningRate,
      seed: training.seed,
      schedule: "cosine",
      documentKind: "paragraph",
    });
    return { ...saved, selection, dataHash, ...(engine && { engine }), hyperparameters: settings };
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

/** The bytes up to the checksum, which all checkpoints have in common but for the length of the header, and its own. */
const PREFIX = 8 + '{"__metadata__":{"crc32":"'.length;

Deno.test("checkpoint: cut at any length, it is refused", () => {
  for (let length = 0; length < small.length; length++) {
    const sentence = length < PREFIX + 8 ? "it does not begin as one" : "damaged or cut short";
    assertThrows(() => decodeCheckpoint(small.subarray(0, length)), SyntaxError, sentence);
  }
});

Deno.test("checkpoint: a file begins as one with the first letter after its length, and up to its checksum", () => {
  for (let length = 0; length < PREFIX + 20; length++) {
    const start = small.slice(0, length);
    assertEquals(beginsAsCheckpoint(start), length > 8, `${length} bytes`);
    if (length <= 8 || length > PREFIX) continue;
    start[length - 1] ^= 1;
    assert(!beginsAsCheckpoint(start), `byte ${length - 1}`);
  }
});

Deno.test("checkpoint: changed at any byte, it is refused", () => {
  for (let i = 0; i < small.length; i++) {
    const changed = small.slice();
    changed[i] ^= 1 << (i % 8);
    assertThrows(() => decodeCheckpoint(changed), SyntaxError);
  }
});

law(
  "checkpoint: changed, lengthened or shuffled in any way, it is refused",
  [fc.nat(), fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 })],
  (start, removed, inserted) => {
    const at = start % small.length;
    const end = Math.min(small.length, at + removed % 64);
    const changed = new Uint8Array([...small.subarray(0, at), ...inserted, ...small.subarray(end)]);
    fc.pre(changed.length !== small.length || changed.some((byte, i) => byte !== small[i]));
    assertThrows(() => decodeCheckpoint(changed), SyntaxError);
  },
);

/** The small checkpoint with other metadata or tensors, and a checksum that is right: a forgery. */
function forge(
  change: { metadata?: Record<string, string | undefined>; tensors?: Record<string, Tensor> },
): Uint8Array {
  const file = decodeSafetensors(small);
  const metadata = Object.entries({ ...file.metadata, ...change.metadata, crc32: "00000000" });
  const bytes = encodeSafetensors({
    tensors: new Map([...file.tensors, ...Object.entries(change.tensors ?? {})]),
    metadata: Object.fromEntries(metadata.filter((entry): entry is [string, string] => entry[1] !== undefined)),
  });
  const start = new TextDecoder("latin1").decode(bytes).indexOf("00000000");
  const rest = crc32(bytes.subarray(start + 8), crc32(bytes.subarray(0, start)));
  bytes.set(new TextEncoder().encode(rest.toString(16).padStart(8, "0")), start);
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
    [{ metadata: { config: "null" } }, "wrong"],
    [{ metadata: { config: JSON.stringify({ ...config, nLayer: 1e9 }) } }, "nLayer 1000000000"],
    [{ metadata: { config: JSON.stringify({ ...config, nLayer: 1000 }) } }, "layer1.attn_wq is missing"],
    [{ metadata: { config: JSON.stringify({ ...config, blockSize: 1e6 }) } }, "wpe is missing or not F64 of shape"],
    [{ metadata: { config: JSON.stringify({ ...config, vocabSize: 4 }) } }, "vocabulary has 2 characters"],
    [{ metadata: { vocabulary: '["b","a"]' } }, "sorted"],
    [{ metadata: { vocabulary: '["a","b","c"]' } }, "vocabulary has 3 characters"],
    [{ metadata: { vocabulary: "7" } }, "wrong"],
    [{ metadata: { hyperparameters: '{"steps":0}' } }, "steps 0"],
    [{ metadata: { hyperparameters: '{"schedule":"zigzag"}' } }, 'schedule "zigzag" does not exist'],
    [{ metadata: { hyperparameters: '{"documents":7}' } }, "documentKind 7 does not exist"],
    [{ metadata: { hyperparameters: '{"documentKind":"word"}' } }, 'documentKind "word" does not exist'],
    [{ metadata: { selection: '{"bestLoss":-1,"bestT":0,"waited":0}' } }, "bestLoss -1"],
    [{ metadata: { selection: "null" } }, "wrong"],
    [{ metadata: { data_hash: "7" } }, "data_hash is not a string"],
    [{ metadata: { engine: '{"name":"gpu","threads":1}' } }, 'engine "gpu" does not exist'],
    [{ metadata: { engine: '{"name":"simd","threads":0}' } }, "threads 0"],
    [{ metadata: { engine: '{"name":"simd","threads":65}' } }, "threads 65"],
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

Deno.test("checkpoint: what was written before runs had validation, data hashes and engines is still read", () => {
  const old = forge({
    metadata: {
      format: "microgpt checkpoint 1",
      hyperparameters:
        '{"seed":42,"initStd":0.08,"steps":1000,"batch":1,"learningRate":0.01,"beta1":0.85,"beta2":0.99,' +
        '"eps":1e-8,"temperature":0.5,"samples":20}',
      selection: undefined,
      data_hash: undefined,
    },
  });
  const { hyperparameters: settings, selection, dataHash, engine, t } = decodeCheckpoint(old);
  assertEquals([settings, t, dataHash, engine], [hyperparameters(), 1, null, undefined]);
  assertEquals(selection, { bestLoss: null, bestT: 0, waited: 0 });
});

Deno.test("checkpoint: documentKind was once called documents, which is still read", () => {
  const old = forge({ metadata: { hyperparameters: '{"documents":"paragraph"}' } });
  assertEquals(decodeCheckpoint(old).hyperparameters, hyperparameters({ documentKind: "paragraph" }));
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

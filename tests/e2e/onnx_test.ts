/**
 * A model as an ONNX graph says in onnxruntime what it says here.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as ort from "onnxruntime-web";
import { type Checkpoint, decodeCheckpoint, initTraining, trainSteps } from "../../mod.ts";
import { createDecoder } from "../../src/engines/array/mod.ts";
import { hyperparameters } from "../../src/train/mod.ts";
import { onnxOf } from "../../scripts/export/onnx.ts";
import { task } from "../scripts/task.ts";

ort.env.wasm.numThreads = 1;

/** Sums of float32 products, each off by half a unit in the eighth digit: what the runtime may round otherwise than we. */
const TOLERANCE = 1e-5;

/** Shapes of small models. */
const shapes = fc.record({
  nLayer: fc.integer({ min: 1, max: 3 }),
  nHead: fc.constantFrom(1, 2, 4),
  width: fc.integer({ min: 1, max: 5 }),
  blockSize: fc.integer({ min: 1, max: 9 }),
}).map(({ width, nHead, ...shape }) => ({ ...shape, nHead, nEmbd: nHead * width }));

/** What a graph says of a batch of tokens. */
async function logitsIn(session: ort.InferenceSession, batch: readonly (readonly number[])[]): Promise<ort.Tensor> {
  const tokens = BigInt64Array.from(batch.flat(), BigInt);
  const feeds = { tokens: new ort.Tensor("int64", tokens, [batch.length, batch[0].length]) };
  return (await session.run(feeds)).logits;
}

/** What we say after each token. */
function logitsOf(model: Checkpoint, tokens: readonly number[]): number[] {
  const decoder = createDecoder(model);
  return tokens.flatMap((token) => [...decoder.next(token)]);
}

/** A model that has learned a little, in float32. */
function modelOf(shape: object): Checkpoint {
  const settings = hyperparameters({ steps: 3 });
  let state = initTraining(["anna", "bob", "류"], { ...shape, ...settings });
  for (const step of trainSteps(state, settings)) state = step.state();
  return { ...state, params: state.params.map(Math.fround), hyperparameters: settings };
}

const sessionOf = (model: Checkpoint): Promise<ort.InferenceSession> =>
  ort.InferenceSession.create(onnxOf(model), { logSeverityLevel: 3 });

Deno.test({
  name: "onnx: logits are ours for every shape of model, batch and length",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const property = fc.asyncProperty(
      shapes,
      fc.integer({ min: 1, max: 3 }),
      fc.nat(),
      fc.infiniteStream(fc.nat()),
      async (shape, size, length, random) => {
        const model = modelOf(shape);
        const { blockSize, vocabSize } = model.config;
        const positions = 1 + length % blockSize;
        const token = (): number => random.next().value % vocabSize;
        const batch = Array.from({ length: size }, () => Array.from({ length: positions }, token));
        const session = await sessionOf(model);
        const { data, dims } = await logitsIn(session, batch);
        assertEquals(dims, [size, positions, vocabSize]);
        batch.flatMap((tokens) => logitsOf(model, tokens)).forEach((logit, i) =>
          assertAlmostEquals((data as Float32Array)[i], logit, TOLERANCE * Math.max(1, Math.abs(logit)))
        );
        await session.release();
      },
    );
    await fc.assert(property, { numRuns: 25 });
  },
});

/** The text that always takes the likeliest token. */
async function greedy(
  logits: (tokens: readonly number[]) => Promise<ArrayLike<number>> | ArrayLike<number>,
  { config: { blockSize, vocabSize }, tokenizer: { bos } }: Checkpoint,
): Promise<number[]> {
  const tokens = [bos];
  while (tokens.length <= blockSize) {
    const last = Array.from(await logits(tokens)).slice(-vocabSize);
    const next = last.indexOf(Math.max(...last));
    if (next === bos) break;
    tokens.push(next);
  }
  return tokens;
}

Deno.test({
  name: "onnx: the file of the task writes the same text, and knows its vocabulary",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    const [saved, out] = [`${folder}/model.safetensors`, `${folder}/model.onnx`];
    assertEquals(task("train", "--quiet", "--steps", "300", "--out", saved).code, 0);
    const { code, stdout } = task("export", "--model", saved, "--format", "onnx", "--out", out);
    assertEquals(code, 0);
    assert(/^saved: .*model\.onnx \(\d+ kB\)\nloss: \S+ with float32/.test(stdout), stdout);
    const model = decodeCheckpoint(Deno.readFileSync(saved));
    const bytes = Deno.readFileSync(out);
    const session = await ort.InferenceSession.create(bytes);
    const theirs = await greedy(async (tokens) => (await logitsIn(session, [tokens])).data as Float32Array, model);
    assertEquals(theirs, await greedy((tokens) => logitsOf(model, tokens), model));
    assert(theirs.length > 3);
    // The metadata stands in the file as text.
    const text = new TextDecoder("latin1").decode(bytes);
    assert(text.includes(JSON.stringify(model.tokenizer.vocabulary)));
    assert(text.includes(JSON.stringify(model.config)));
    await session.release();
  },
});

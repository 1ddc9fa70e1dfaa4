/**
 * `deno task export`: a model as a module says what the model says.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeCheckpoint, initTraining, trainStep } from "../../mod.ts";
import { createDecoder } from "../../src/engines/array/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { drawSample } from "../../src/sample/mod.ts";
import { hyperparameters } from "../../src/train/mod.ts";
import { packModel, WEIGHTS } from "../../scripts/export/pack.ts";
import { modelOf, parametersOf } from "../../scripts/export/runtime.ts";
import { assertRefused, task, taskTest } from "./task.ts";

const state = trainStep(initTraining(["anna", "bob", "zoë"], { nLayer: 2 }), { steps: 1 }).state();
const checkpoint = { ...state, hyperparameters: hyperparameters() };

Deno.test("export: float32 is every parameter rounded once, int8 within half of a row's step", () => {
  const [floats, bytes] = WEIGHTS.map((weights) => parametersOf(packModel(checkpoint, weights)));
  assertEquals(floats, Float64Array.from(state.params, Math.fround));
  const most = Math.max(...state.params.map(Math.abs));
  bytes.forEach((value, i) => assert(Math.abs(value - state.params[i]) <= most / 127 / 2 + 1e-6));
  assert(bytes.some((value, i) => value !== floats[i]));
});

Deno.test("export: logits and samples are the library's for the same parameters", () => {
  for (const weights of WEIGHTS) {
    const packed = packModel(checkpoint, weights);
    const { logits, sample, bos } = modelOf(packed);
    const model = { ...state, params: parametersOf(packed) };
    const decoder = createDecoder(model);
    const tokens = [bos, 0, 3];
    const expected = tokens.map((token) => decoder.next(token));
    tokens.forEach((_, i) => assertEquals(logits(tokens.slice(0, i + 1)), expected[i]));
    for (const options of [{ temperature: 1 }, { temperature: 0.7, prompt: "b", topK: 3, maxLength: 9 }]) {
      assertEquals(sample({ seed: 5, ...options }), drawSample(model, seedRandom(5, 0), options)[0].text);
    }
    assertEquals(sample({ seed: 1 }), sample({ seed: 1, temperature: 0.5 }));
  }
});

taskTest("export: writes a module of code and weights, and measures what rounding costs", async (folder) => {
  const model = `${folder}/model.safetensors`;
  assertEquals(task("train", "--quiet", "--steps", "200", "--out", model).code, 0);
  for (const weights of WEIGHTS) {
    const out = `${folder}/${weights}.js`;
    const { code, stdout, stderr } = task("export", "--model", model, "--weights", weights, "--out", out);
    assertEquals([code, stderr], [0, ""]);
    const [, after, before] = stdout.match(/loss: (\S+) with \w+, (\S+) before, in nats on 1000 documents/)!;
    assert(Math.abs(Number(after) - Number(before)) < (weights === "int8" ? 0.02 : 1e-6), stdout);
    const text = Deno.readTextFileSync(out);
    const packed = [...text.matchAll(/"(?:parameters|scales)":"([^"]*)"|"columns":(\[[^\]]*\])/g)];
    const own = text.length - packed.reduce((sum, [all]) => sum + all.length, 0);
    assert(own < 20_000, `${own} characters of code`);
    const { sample, logits, bos, config } = await import(`file://${out}`);
    const saved = decodeCheckpoint(Deno.readFileSync(model));
    assertEquals([config, logits([bos]).length], [saved.config, saved.config.vocabSize]);
    if (weights === "float32") {
      const rounded = { ...saved, params: saved.params.map(Math.fround) };
      assertEquals(sample({ seed: 9 }), drawSample(rounded, seedRandom(9, 0))[0].text);
    }
  }
  assertRefused(task("export", "--model", `${folder}/none`), 1, "there is no model none");
  assertRefused(task("export", "--model", model, "--format", "gguf"), 2, "--format");
  assertMatch(task("build:lib", "--out", `${folder}/lib.js`).stdout, /^saved: .*lib\.js \(\d+ kB\)\n$/);
});

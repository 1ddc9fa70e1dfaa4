/**
 * Numbers that are none stop a run at once, and the error says where they began.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import {
  engine,
  initTraining,
  parameterLayout,
  type StepOptions,
  type TrainingState,
  trainStep,
  trainSteps,
} from "../../mod.ts";
import { nonFiniteTensor } from "../../src/train/finite.ts";

const DOCUMENTS = ["anna", "bob", "eve"];
const state = initTraining(DOCUMENTS, { nLayer: 2, nEmbd: 8 });
const layout = parameterLayout(state.config);

/** The state with one number of a tensor changed. */
function broken(tensor: string, value: number): TrainingState {
  const { offset } = layout.find(({ name }) => name === tensor)!;
  return { ...state, params: state.params.with(offset, value) };
}

const message = (from: TrainingState, options: StepOptions = {}): string =>
  assertThrows(() => [...trainSteps(from, { steps: 3, ...options })], RangeError).message;

for (const name of ["array", "scalar", "simd"] as const) {
  Deno.test(`${name}: a run does not begin with a number that is none`, () => {
    for (const tensor of ["wte", "layer1.mlp_fc1", "layer0.attn_wk"]) {
      const text = message(broken(tensor, NaN), { engine: engine(name) });
      assertEquals(text, `a parameter is not finite before step 1: it first shows in ${tensor}`);
    }
    const moment = { ...state, t: 1, v: state.v.with(0, Infinity) };
    assertEquals(message(moment, { engine: engine(name) }).split(":")[0], "a moment is not finite before step 2");
  });

  Deno.test(`${name}: a loss that is no number names the step, the document and the first tensor`, () => {
    // Queries and keys of "e", and only of "e", are so large that their product overflows.
    const huge = name === "simd" ? 1e30 : 1e200;
    const params = state.params.slice();
    const place = (tensor: string, row: number): number => layout.find(({ name }) => name === tensor)!.offset + row * 8;
    for (let row = 0; row < state.config.vocabSize; row++) params[place("wte", row)] = 0;
    for (let row = 0; row < state.config.blockSize; row++) params[place("wpe", row)] = 0;
    params[place("wte", state.tokenizer.ids.get("e")!)] = 1;
    params[place("layer0.attn_wq", 0)] = params[place("layer0.attn_wk", 0)] = huge;
    const text = message({ ...state, params }, { batch: 3, engine: engine(name) });
    assertEquals(text.split("; ").slice(0, 2), [
      'the loss is NaN at step 1, on "eve": it must be finite',
      "it first shows in layer0.attention_weights",
    ]);
  });
}

Deno.test("a gradient, a parameter or a moment that is no number is named by its tensor", () => {
  const array = engine("array");
  const spoiled = (tensor: string): StepOptions => ({
    engine: {
      ...array,
      lossAndGrad: (parameters, batch) => {
        const { loss, grads } = array.lossAndGrad(parameters, batch);
        return { loss, grads: grads.with(layout.find(({ name }) => name === tensor)!.offset, Infinity) };
      },
    },
  });
  for (const tensor of ["wte", "layer0.mlp_fc2", "lm_head"]) {
    const text = message(state, spoiled(tensor));
    assertEquals(
      text.split(";")[0],
      `the gradient is not finite at step 1, on "${state.documents[0]}": ` +
        `it first shows in that of ${tensor}`,
    );
  }
  const moving = { ...state, m: state.m.map(() => 1) }; // and v is 0
  assertEquals(
    message(moving, { eps: 0 }).split(";")[0],
    `a parameter is no longer finite after step 1, on "${state.documents[0]}": it first shows in wte`,
  );
});

Deno.test("trainStep: a parameter that is no number is named before what it spoils", () => {
  assertThrows(() => trainStep(broken("layer0.attn_wk", NaN)), RangeError, "it first shows in layer0.attn_wk;");
});

Deno.test("nonFiniteTensor: forward from the embeddings, backward from the output", () => {
  const both = state.params.with(0, NaN).with(layout[3].offset, NaN).with(layout.at(-1)!.offset, NaN);
  assertEquals(nonFiniteTensor(state.config, both), "wte");
  assertEquals(nonFiniteTensor(state.config, both, "backward"), "layer1.mlp_fc2");
  assertEquals(nonFiniteTensor(state.config, state.params), undefined);
});

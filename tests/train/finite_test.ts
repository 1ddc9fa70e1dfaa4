/**
 * Numbers that are not finite stop a run at once, and the error says where they began.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Batch,
  type Engine,
  engine,
  initTraining,
  type StepOptions,
  type TrainingState,
  trainStep,
  trainSteps,
} from "../../mod.ts";
import { documentDropout, DROPOUT_SITES, dropoutAt, dropoutFactor, parameterLayout } from "../../src/model/mod.ts";
import { random } from "../../src/random/mod.ts";
import { nonFiniteTensor } from "../../src/train/finite.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { copyOf, tensorOf } from "../tensors.ts";

const DOCUMENTS = ["anna", "bob", "eve"];
const state = initTraining(DOCUMENTS, { nLayer: 2, nEmbd: 8 });

/** The state with the first number of a tensor changed. */
function broken(tensor: string, value: number): TrainingState {
  const changed = copyOf(state);
  tensorOf(changed, tensor)[0][0] = value;
  return changed;
}

const message = (from: TrainingState, options: StepOptions = {}): string =>
  assertThrows(() => [...trainSteps(from, { steps: 3, ...options })], RangeError).message;

for (const name of ["array", "scalar", "simd"] as const) {
  Deno.test(`${name}: a run does not begin with a number that is not finite`, () => {
    for (const tensor of ["wte", "layer1.mlp_fc1", "layer0.attn_wk"]) {
      const text = message(broken(tensor, NaN), { engine: engine(name) });
      assertEquals(text, `a parameter is not finite before step 1: it first shows in ${tensor}`);
    }
    const moment = { ...state, t: 1, v: state.v.with(0, Infinity) };
    assertEquals(message(moment, { engine: engine(name) }).split(":")[0], "a moment is not finite before step 2");
  });

  Deno.test(`${name}: a loss that is not finite names the step, the document and the first tensor`, () => {
    // Queries and keys of "e", and only of "e", are so large that their product overflows.
    const huge = name === "simd" ? 1e30 : 1e200;
    const wild = copyOf(state);
    for (const tensor of ["wte", "wpe"]) tensorOf(wild, tensor).forEach((row) => row[0] = 0);
    tensorOf(wild, "wte")[state.tokenizer.ids.get("e")!][0] = 1;
    for (const tensor of ["layer0.attn_wq", "layer0.attn_wk"]) tensorOf(wild, tensor)[0][0] = huge;
    const text = message(wild, { batch: 3, engine: engine(name) });
    assertEquals(text.split("; ").slice(0, 2), [
      'the loss is NaN at step 1, on "eve": it must be finite',
      "it first shows in layer0.attention_weights",
    ]);
  });
}

Deno.test("a loss that is not finite because of dropout names the document whose kept units are too large", () => {
  // One unit, 1 or, where it is kept, 2; logits near the largest number, all alike.
  const state = initTraining(["a", "b"], { nEmbd: 1, nHead: 1, blockSize: 1 });
  const wild = { ...copyOf(state), params: state.params.map(() => 0) };
  for (const tensor of ["wte", "wpe"]) tensorOf(wild, tensor).forEach((row) => row[0] = 1);
  tensorOf(wild, "lm_head").forEach((row) => row[0] = 1.7e308);
  assert(Number.isFinite(engine("array").totalLoss(wild, [[2, 0, 2], [2, 1, 2]])));
  const seed = random(state.random)[0] * 2 ** 53;
  const named = new Set<string>();
  for (let t = 1; t <= 20; t++) {
    const units = [0, 1].map((d) => documentDropout({ rate: 0.5, seed, step: t }, d)!)
      .map((dropout) => dropoutFactor(dropoutAt(dropout, DROPOUT_SITES.input, 0), 0));
    if (!units.includes(2)) continue;
    const text = message({ ...wild, t: t - 1 }, { steps: 20, batch: 2, dropout: 0.5 });
    const document = state.documents.at(units.indexOf(2))! as string;
    assertEquals(text.split("; ").slice(0, 2), [
      `the loss is NaN at step ${t}, on "${document}": it must be finite`,
      "it first shows in logits",
    ]);
    named.add(document);
  }
  assertEquals(named.size, 2);
});

Deno.test("a gradient, a parameter or a moment that is not finite is named by its tensor", () => {
  const array = engine("array");
  const spoiled = (tensor: string): StepOptions => ({
    engine: {
      ...array,
      trainer: (initial) => {
        const trainer = array.trainer(initial);
        const gradient = (batch: Batch): number => {
          const loss = trainer.gradient(batch);
          const grads = { config: state.config, params: trainer.readGradient() };
          tensorOf(grads, tensor)[0][0] = Infinity;
          trainer.writeGradient(grads.params);
          return loss;
        };
        return { ...trainer, gradient };
      },
    },
  });
  for (const tensor of ["wte", "layer0.mlp_fc2", "lm_head"]) {
    const text = message(state, spoiled(tensor));
    assertEquals(
      text.split(";")[0],
      `the gradient is not finite at step 1, on "${state.documents.at(0)!}": ` +
        `it first shows in the gradient of ${tensor}`,
    );
  }
  const moving = { ...state, m: state.m.map(() => 1) }; // and v is 0
  assertEquals(
    message(moving, { eps: 0 }).split(";")[0],
    `a parameter is no longer finite after step 1, on "${state.documents.at(0)!}": it first shows in wte`,
  );
});

Deno.test("trainStep: a parameter that is not finite is named before it spoils anything", () => {
  assertThrows(
    () => trainStep(broken("layer0.attn_wk", NaN)),
    RangeError,
    "a parameter is not finite before step 1: it first shows in layer0.attn_wk",
  );
});

Deno.test("nonFiniteTensor: forward from the embeddings, backward from the output", () => {
  const three = copyOf(state);
  for (const tensor of ["wte", "layer0.attn_wq", "layer1.mlp_fc2"]) tensorOf(three, tensor)[0][0] = NaN;
  assertEquals(nonFiniteTensor(state.config, three.params), "wte");
  assertEquals(nonFiniteTensor(state.config, three.params, "backward"), "layer1.mlp_fc2");
  assertEquals(nonFiniteTensor(state.config, state.params), undefined);
});

Deno.test("a loss that is not finite stops the run, and names the step and the document", () => {
  const state = initTraining(["anna", "anna"]);
  const array = engine("array");
  const infinite: Engine = {
    ...array,
    trainer: (state) => ({ ...array.trainer(state), gradient: () => Infinity }),
    totalLoss: () => Infinity,
  };
  assertThrows(() => trainStep(state, { engine: infinite }), RangeError, "the loss is Infinity at step 1");
  const broken = { ...state, params: state.params.map(() => NaN) };
  assertThrows(() => trainStep(broken), RangeError, "a parameter is not finite before step 1");
});

Deno.test("parameters that are not finite stop the run, also after the last step", () => {
  const state = initTraining(["anna", "bob"], { initStd: 1e-100 });
  assertThrows(() => trainStep(state, { eps: 0, steps: 1 }), RangeError, "no longer finite after step 1");
});

law(
  "a run does not begin with one NaN or infinity anywhere, and names the tensor that it is in",
  [
    trainings,
    fc.nat(),
    fc.constantFrom(NaN, Infinity, -Infinity),
    fc.constantFrom("params" as const, "m" as const, "v" as const),
  ],
  ({ state }, n, value, buffer) => {
    const index = n % state.params.length;
    const { name } = parameterLayout(state.config).findLast(({ offset }) => offset <= index)!;
    const what = buffer === "params" ? "parameter" : "moment";
    const spoiled = { ...state, [buffer]: state[buffer].with(index, value) };
    assertThrows(
      () => [...trainSteps(spoiled, { steps: 3 })],
      RangeError,
      `a ${what} is not finite before step 1: it first shows in ${name}`,
    );
    assertEquals(nonFiniteTensor(state.config, spoiled[buffer]), name);
    assertEquals(nonFiniteTensor(state.config, spoiled[buffer], "backward"), name);
  },
);

Deno.test("trainSteps: the tokens of a step are the positions that its documents have in the block", () => {
  const state = initTraining(["a", "abcdefgh", "abc", "abcd"], { blockSize: 4, nEmbd: 4 });
  const lengths = state.documents.slice().map((document) => Math.min(4, (document as string).length + 1));
  const tokens = Array.from(trainSteps(state, { steps: 6, batch: 3 }), (step) => step.tokens);
  assertEquals(
    tokens,
    Array.from({ length: 6 }, (_, t) => [0, 1, 2].reduce((sum, i) => sum + lengths[(3 * t + i) % 4], 0)),
  );
});

Deno.test("failure: names the first of several documents, and how many more there are", () => {
  for (const [size, more] of [[1, ""], [2, " and 1 more"], [3, " and 2 more"]] as const) {
    const moving = { ...state, m: state.m.map(() => 1) }; // and v is 0
    const [first] = state.documents;
    const text = message(moving, { eps: 0, batch: size });
    assertEquals(text.split(":")[0], `a parameter is no longer finite after step 1, on "${first}"${more}`);
  }
});

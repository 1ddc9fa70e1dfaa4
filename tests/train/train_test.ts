import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  adamStep,
  decodeCheckpoint,
  encodeCheckpoint,
  type Engine,
  engine,
  hyperparameters,
  initTraining,
  linearDecay,
  names,
  resumeTraining,
  textOf,
  type TrainingState,
  trainStep,
  trainSteps,
} from "../../mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";

/** The state after all steps, or after the first so many. */
function train(state: TrainingState, steps: number, first = steps): TrainingState {
  for (const step of trainSteps(state, { steps })) {
    if (step.t > first) break;
    state = step.state();
  }
  return state;
}

const halves = trainings.chain((training) =>
  fc.integer({ min: 1, max: 6 }).chain((steps) =>
    fc.record({ training: fc.constant(training), steps: fc.constant(steps), first: fc.nat(steps) })
  )
);

law(
  "n steps equal k steps, saving, loading, and n - k steps, bit for bit",
  [halves],
  ({ training: { documents, seed, state }, steps, first }) => {
    const saved = encodeCheckpoint({
      ...train(state, steps, first),
      hyperparameters: hyperparameters({ steps, seed }),
    });
    const loaded = decodeCheckpoint(saved);
    assertEquals(loaded.t, first);
    const resumed = resumeTraining(loaded, documents, loaded.hyperparameters);
    const { steps: total } = loaded.hyperparameters;
    // Equal as bytes: assertEquals takes 0 for -0 and one NaN for another.
    const bytes = (final: TrainingState): Uint8Array =>
      encodeCheckpoint({ ...final, hyperparameters: loaded.hyperparameters });
    assertEquals(bytes(train(resumed, total)), bytes(train(state, steps)));
  },
  { numRuns: 40 },
);

law("trainStep: the state it is given stays as it is", [trainings], ({ state }) => {
  const before = structuredClone(state);
  trainStep(state).state();
  assertEquals(state, before);
}, { numRuns: 30 });

law("trainStep: the engine's gradient through adamStep, at the schedule's rate", [halves], (example) => {
  const { training: { state }, steps, first } = example;
  fc.pre(first < steps);
  const current = train(state, steps, first);
  const step = trainStep(current, { steps, learningRate: 0.1, beta1: 0.5, beta2: 0.9, eps: 1e-4 });
  const document = state.documents[first % state.documents.length];
  const { bos, ids } = state.tokenizer;
  const tokens = [bos, ...Array.from(textOf(document), (character) => ids.get(character)!), bos];
  const { loss, grads } = engine("array").lossAndGrad(current, [tokens]);
  const learningRate = linearDecay(first, { steps, learningRate: 0.1 });
  const { params, m, v } = adamStep(current, grads, first + 1, { learningRate, beta1: 0.5, beta2: 0.9, eps: 1e-4 });
  const next = step.state();
  assertEquals([step.t, step.loss, step.learningRate], [first + 1, loss, learningRate]);
  assertEquals([next.params, next.m, next.v, next.t], [params, m, v, first + 1]);
  assertEquals(next.random, state.random);
}, { numRuns: 30 });

law("the same seed gives the same run, another seed another", [trainings], ({ documents, seed, state }) => {
  const { nLayer, nEmbd, nHead, blockSize } = state.config;
  const again = initTraining(documents, { seed, nLayer, nEmbd, nHead, blockSize });
  assertEquals(train(again, 2), train(state, 2));
  const other = initTraining(documents, { seed: seed + 1, nLayer, nEmbd, nHead, blockSize });
  assert(other.params.some((p, i) => p !== state.params[i]));
}, { numRuns: 30 });

Deno.test("training learns: from 3.4 to about 2.4 nats a letter over 300 names", () => {
  const losses = Array.from(trainSteps(initTraining(names), { steps: 300 }), ({ loss }) => loss);
  const mean = (part: number[]): number => part.reduce((sum, x) => sum + x) / part.length;
  assertAlmostEquals(losses[0], 3.44, 0.01);
  assert(mean(losses.slice(-100)) < 2.6);
});

Deno.test("trainSteps: numbers its steps from 1, and has none left where all are taken", () => {
  const state = initTraining(["anna", "bob"]);
  assertEquals(Array.from(trainSteps(state, { steps: 3 }), ({ t }) => t), [1, 2, 3]);
  assertEquals([...trainSteps({ ...state, t: 3 }, { steps: 3 })], []);
  assertThrows(() => trainStep({ ...state, t: 3 }, { steps: 3 }), RangeError, "step");
});

const asking = trainings.chain(({ state }) =>
  fc.record({ state: fc.constant(state), asked: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }) })
);

law(
  "trainSteps: a state that was asked for never changes; one that was not is gone after its step",
  [asking],
  (run) => {
    const { state, asked } = run;
    const bits = (s: TrainingState): unknown => structuredClone([s.t, s.params, s.m, s.v]);
    const expected: unknown[] = [];
    let current = state;
    for (let i = 0; i < asked.length; i++) {
      current = trainStep(current, { steps: asked.length }).state();
      expected.push(bits(current));
    }
    const before = structuredClone(bits(state));
    const steps = [];
    for (const step of trainSteps(state, { steps: asked.length })) {
      if (asked[step.t - 1]) step.state();
      steps.push(step);
    }
    steps.forEach((step, i) => {
      const last = i === steps.length - 1;
      if (asked[i] || last) assertEquals(bits(step.state()), expected[i]);
      else assertThrows(() => step.state(), RangeError, `the state after step ${i + 1} is gone`);
    });
    assertEquals(bits(state), before);
  },
  { numRuns: 60 },
);

Deno.test("trainSteps: the engine it is given computes the steps", () => {
  const scalar = engine("scalar");
  let calls = 0;
  const counting: Engine = {
    name: "counting",
    about: "float64",
    lossAndGrad: (...args) => {
      calls++;
      return scalar.lossAndGrad(...args);
    },
    totalLoss: scalar.totalLoss,
  };
  assertEquals([...trainSteps(initTraining(["anna", "bob"]), { steps: 3, engine: counting })].length, calls);
  assertEquals(calls, 3);
});

Deno.test("initTraining: initStd scales the initial parameters", () => {
  const one = initTraining(["anna", "bob"], { initStd: 1 }).params;
  assertEquals(initTraining(["anna", "bob"], { initStd: 0.25 }).params, one.map((p) => p * 0.25));
});

Deno.test("a loss that is no number stops the run, and names the step and the document", () => {
  const state = initTraining(["anna", "anna"]);
  const infinite: Engine = {
    name: "infinite",
    about: "float64",
    lossAndGrad: ({ params }) => ({ loss: Infinity, grads: new Float64Array(params.length) }),
    totalLoss: () => Infinity,
  };
  assertThrows(() => trainStep(state, { engine: infinite }), RangeError, "the loss is Infinity at step 1");
  const broken = { ...state, params: state.params.map(() => NaN) };
  assertThrows(() => trainStep(broken), RangeError, 'the loss is NaN at step 1, on "anna"');
});

Deno.test("parameters that are no numbers stop the run, also after the last step", () => {
  const state = initTraining(["anna", "bob"], { initStd: 1e-100 });
  assertThrows(() => trainStep(state, { eps: 0, steps: 1 }), RangeError, "no longer finite after step 1");
});

Deno.test("initTraining and resumeTraining: wrong documents and options are refused", () => {
  assertThrows(() => initTraining([]), RangeError, "0 documents");
  assertThrows(() => initTraining(["a", "b"], { nEmbd: 10 }), RangeError, "nEmbd 10");
  assertThrows(() => initTraining(["a", "b"], { seed: -1 }), RangeError, "seed -1");
  assertThrows(() => initTraining(["a", "b"], { initStd: 0 }), RangeError, "initStd 0");
  const saved = initTraining(["anna", "bob"]);
  assertThrows(() => resumeTraining(saved, ["anna", "eve"]), RangeError, "do not fit");
});

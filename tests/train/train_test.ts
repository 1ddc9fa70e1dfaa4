import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  adamStep,
  type Engine,
  engine,
  evaluate,
  initTraining,
  learningRateAt,
  names,
  type TrainingState,
  trainStep,
  trainSteps,
} from "../../mod.ts";
import { textOf } from "../../src/corpus/mod.ts";
import { random } from "../../src/random/mod.ts";
import { linearDecay } from "../../src/optim/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { trained } from "../trained.ts";

law("trainStep: the state it is given stays as it is", [trainings], ({ state }) => {
  const before = structuredClone(state);
  trainStep(state).state();
  assertEquals(state, before);
}, { numRuns: 30 });

law("trainStep: the engine's gradient through adamStep, at the schedule's rate", [
  trainings,
  fc.integer({ min: 1, max: 6 }),
  fc.nat(5),
], ({ state }, steps, n) => {
  const first = n % steps;
  const current = trained(state, { steps }, first);
  const step = trainStep(current, { steps, learningRate: 0.1, beta1: 0.5, beta2: 0.9, eps: 1e-4 });
  const document = state.documents.at(first % state.documents.length)!;
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

law("trainStep: drops what the run's random stream, the step and each document's place in the batch say", [
  trainings,
  fc.constantFrom(0.1, 0.5),
  fc.nat(5),
], ({ state }, dropout, t) => {
  const seed = random(state.random)[0] * 2 ** 53;
  const step = trainStep({ ...state, t }, { steps: 6, batch: 2, dropout });
  const { bos, ids } = state.tokenizer;
  const batch = [2 * t, 2 * t + 1].map((d) => {
    const characters = Array.from(textOf(state.documents.at(d % state.documents.length)!));
    return [bos, ...characters.map((character) => ids.get(character)!), bos];
  });
  const expected = engine("array").lossAndGrad(state, batch, { dropout: { rate: dropout, seed, step: t + 1 } });
  assertEquals(step.loss, expected.loss);
  assertEquals(step.state().random, state.random);
}, { numRuns: 30 });

Deno.test("dropout: another seed drops other units; each step drops others, and late states are the same", () => {
  const documents = Array.from({ length: 4 }, () => "anna");
  const state = initTraining(documents, { seed: 1, nEmbd: 8 });
  const other = { ...state, random: initTraining(documents, { seed: 2, nEmbd: 8 }).random };
  const options = { steps: 5, learningRate: 1e-9, dropout: 0.3 };
  // So small a rate moves no loss as far as dropout does.
  const losses = [state, other].flatMap((state) => Array.from(trainSteps(state, options), (s) => s.loss.toFixed(4)));
  assertEquals(new Set(losses).size, 10);
  const inTime = Array.from(trainSteps(state, { ...options, learningRate: 0.01 }), (step) => step.state());
  const late = [...trainSteps(state, { ...options, learningRate: 0.01 })].map((step) => step.state());
  assertEquals(late, inTime);
});

Deno.test("dropout: what is evaluated drops nothing", () => {
  const state = initTraining(["anna", "bob", "eve"], { nEmbd: 8 });
  const options = { steps: 2, dropout: 0.5, evalEvery: 1 };
  for (const step of trainSteps(state, options)) {
    const held = step.state();
    assertEquals(step.evaluation!.training, evaluate(held, held.documents));
  }
});

law("the same seed gives the same run, another seed another", [trainings], ({ documents, seed, state }) => {
  const { nLayer, nEmbd, nHead, blockSize } = state.config;
  const again = initTraining(documents, { seed, nLayer, nEmbd, nHead, blockSize });
  assertEquals(trained(again, { steps: 2 }), trained(state, { steps: 2 }));
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

Deno.test("the learning rate of each step is the schedule's", () => {
  const given = { steps: 7, schedule: "cosine", warmup: 3, minLearningRate: 0.002, learningRate: 0.02 } as const;
  const all = [...trainSteps(initTraining(["anna", "bob"]), given)];
  assertEquals(all.map(({ learningRate }) => learningRate), all.map(({ t }) => learningRateAt(t - 1, given)));
  assert(all[3].learningRate === 0.02);
});

law(
  "trainSteps: a state is the one after its step whenever it is asked for, in time or late, and never changes",
  [trainings, fc.array(fc.boolean(), { minLength: 1, maxLength: 9 })],
  ({ state }, asked) => {
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
      assertEquals(bits(step.state()), expected[i]);
    });
    assertEquals(bits(state), before);
  },
  { numRuns: 60 },
);

Deno.test("trainSteps: the engine it is given computes the steps", () => {
  const scalar = engine("scalar");
  let calls = 0;
  const counting: Engine = {
    ...scalar,
    name: "counting",
    trainer: (state) => {
      const trainer = scalar.trainer(state);
      return { ...trainer, gradient: (...args) => calls++ < 3 ? trainer.gradient(...args) : NaN };
    },
  };
  assertEquals([...trainSteps(initTraining(["anna", "bob"]), { steps: 3, engine: counting })].length, calls);
  assertEquals(calls, 3);
});

Deno.test("trainSteps: a state that is asked for late is that of its step in every part, the selection too", () => {
  const state = initTraining(["anna", "bob", "eve", "ida", "leo", "mia"], { valFraction: 0.3 });
  const options = { steps: 12, evalEvery: 3, learningRate: 0.05 };
  const inTime = Array.from(trainSteps(state, options), (step) => step.state());
  const late = [...trainSteps(state, options)].map((step) => step.state());
  assertEquals(late, inTime);
  assert(new Set(inTime.map(({ selection }) => JSON.stringify(selection))).size > 2);
});

Deno.test("trainSteps: options that change later change no step, and late states in order cost each step once", () => {
  const state = initTraining(["anna", "bob", "eve"], { nEmbd: 8 });
  const options = { steps: 30, batch: 2, learningRate: 0.01 };
  const inTime = Array.from(trainSteps(state, options), (step) => step.state());
  const given = { ...options };
  let calls = 0;
  const array = engine("array");
  const counting: Engine = {
    ...array,
    trainer: (initial) => {
      const trainer = array.trainer(initial);
      return { ...trainer, gradient: (...args) => (calls++, trainer.gradient(...args)) };
    },
  };
  const all = Object.assign(given, { engine: counting });
  const steps = [...trainSteps(state, all)];
  assertEquals(calls, 30);
  Object.assign(given, { learningRate: 1, steps: 2 });
  assertEquals(steps.map((step) => step.state()), inTime);
  assertEquals(calls, 30 + 29); // the last one was in time
  for (const t of [-1, 0.5, NaN]) {
    assertThrows(() => [...trainSteps({ ...state, t }, options)], RangeError, `t ${t}`);
  }
});

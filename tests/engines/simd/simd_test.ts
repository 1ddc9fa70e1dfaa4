import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  documentTokens,
  type Engine,
  engine,
  initTraining,
  names,
  type TrainingState,
  trainStep,
  trainSteps,
} from "../../../mod.ts";
import { arrayEngine, describeEngine, simdEngine } from "../../../src/engines/mod.ts";
import { law } from "../../property.ts";
import { assertSame, dropouts, engineLaws, extremeLaw } from "../laws.ts";
import { bits, examples, FLOAT32, runs } from "./examples.ts";

/** Logits near 1000 are rounded to 6e-5 in float32, and their exponentials by as much. */
const EXTREME = 1e-2;
/** Of the loss, after 50 steps that each start where the last one's rounding left off. */
const TRAINED = 1e-3;

law("simd: loss and every gradient are the array engine's in float32", [examples], (example) => {
  assertSame(simdEngine(), arrayEngine("float32"), example, FLOAT32);
}, { numRuns: 200 });

law("simd: with dropout, they are the array engine's in float32", [examples, dropouts], (example, dropout) => {
  assertSame(simdEngine(), arrayEngine("float32"), example, FLOAT32, { dropout });
}, { numRuns: 200 });

/**
 * Runs whose training is smooth. One or two numbers wide, a norm is a sign; three layers at the default learning rate learn
 * a few words by heart in leaps: in both rounding decides what comes next, and any two programs part.
 */
const smoothRuns = runs.filter(({ state: { config } }) => config.nEmbd >= 4 && config.nLayer <= 2);

law("simd: 50 steps of training are the array engine's in float32", [smoothRuns], ({ state }) => {
  const options = { steps: 50, batch: Math.min(3, state.documents.length) };
  const losses = (engine: Engine): number[] => Array.from(trainSteps(state, { ...options, engine }), (s) => s.loss);
  const expected = losses(arrayEngine("float32"));
  losses(simdEngine()).forEach((loss, i) => assertAlmostEquals(loss, expected[i], TRAINED * Math.max(1, expected[i])));
}, { numRuns: 25, endOnFailure: true });

engineLaws("simd", () => simdEngine(), examples, FLOAT32);
extremeLaw("simd", simdEngine, () => arrayEngine("float32"), EXTREME);

/** The state after all steps. */
function finalState(state: TrainingState, steps: number, engine: Engine, batch = 4): TrainingState {
  for (const step of trainSteps(state, { steps, batch, engine })) if (step.t === steps) state = step.state();
  return state;
}

for (const threads of [1, 2, 3]) {
  Deno.test(`simd, threads ${threads}: the same run gives the same bits, also when it stops and goes on`, () => {
    const state = initTraining(names.slice(0, 50), { nEmbd: 12, nHead: 3, nLayer: 2 });
    const once = finalState(state, 40, engine("simd", { threads }));
    assertEquals(bits(finalState(state, 40, engine("simd", { threads }))), bits(once));
    let stopped = state;
    for (const step of trainSteps(state, { steps: 40, batch: 4, engine: engine("simd", { threads }) })) {
      stopped = step.state();
      if (step.t === 17) break;
    }
    assertEquals(stopped.t, 17);
    assertEquals(bits(finalState(stopped, 40, engine("simd", { threads }))), bits(once));
  });
}

law("simd: the result of several threads is that of one, to rounding", [smoothRuns], ({ state }) => {
  const batch = Math.min(5, state.documents.length);
  const run = (threads: number): number[] =>
    Array.from(trainSteps(state, { steps: 4, batch, engine: simdEngine({ threads }) }), ({ loss }) => loss);
  const [one, two, four] = [run(1), run(2), run(4)];
  one.forEach((loss, i) => {
    assertAlmostEquals(two[i], loss, TRAINED * Math.max(1, loss));
    assertAlmostEquals(four[i], loss, TRAINED * Math.max(1, loss));
  });
}, { numRuns: 10 });

Deno.test("simd: a state is the one after its step, whenever it is asked for, to the bit", () => {
  const state = initTraining(["anna", "bob"]);
  const steps = trainSteps(state, { steps: 3, engine: engine("simd") });
  const first = steps.next().value!;
  const second = steps.next().value!;
  const [only] = trainSteps(state, { steps: 3, engine: engine("simd") });
  assertEquals(bits(first.state()), bits(only.state()));
  const kept = second.state();
  assertEquals(kept.t, 2);
  const before = bits(kept);
  steps.next();
  assertEquals(bits(second.state()), before);
  assert(steps.next().done);
});

Deno.test("simd: parameters that are not finite stop the run", () => {
  const state = initTraining(["ab", "ab"]);
  const moving = { ...state, m: state.m.map(() => 1) }; // and v is 0
  const steps = trainSteps(moving, { steps: 2, eps: 0, engine: engine("simd") });
  assertThrows(() => steps.next(), RangeError, "no longer finite after step 1");
});

Deno.test("simd: documents that begin alike give what they give one by one, at any depth", () => {
  const state = initTraining(["abc", "abd", "ab", "abcabc", "b", "abc"], { nLayer: 3, nEmbd: 8, nHead: 2 });
  const batch = state.documents.slice().map((document) => documentTokens(state.tokenizer, document));
  assertSame(simdEngine(), arrayEngine("float32"), { parameters: state, batch }, FLOAT32);
});

Deno.test("simd: a wide vocabulary and long documents", () => {
  const characters = Array.from({ length: 2000 }, (_, i) => String.fromCodePoint(0x4e00 + i));
  const documents = Array.from({ length: 12 }, (_, i) => characters.slice(160 * i, 160 * i + 200).join(""));
  const state = initTraining(documents, { nLayer: 2, nEmbd: 32, blockSize: 64 });
  const batch = state.documents.slice(0, 3).map((document) => documentTokens(state.tokenizer, document));
  assertSame(simdEngine(), arrayEngine("float32"), { parameters: state, batch }, FLOAT32);
});

Deno.test("simd: no memory is made after the first step of the longest batch", () => {
  const { Memory } = WebAssembly;
  let made = 0;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      made++;
    }
  };
  try {
    const documents = names.slice(0, 64).toSorted((a, b) => b.length - a.length);
    const state = { ...initTraining(documents), documents };
    const steps = Array.from(trainSteps(state, { steps: 80, batch: 8, engine: engine("simd") }), () => made);
    assertEquals([steps[0], steps[79]], [1, 1]);
  } finally {
    WebAssembly.Memory = Memory;
  }
});

Deno.test("simd: eps 0 moves nothing where there is no gradient; numbers that are not finite stop the run", () => {
  const state = initTraining(["ab", "ab"], { nEmbd: 4, blockSize: 8 });
  const { params } = finalState(state, 1, engine("simd"), 1);
  const unmoved = finalState({ ...state, documents: ["ab", "ab"] }, 1, engine("simd"), 1);
  assertEquals(params, unmoved.params);
  const next = (eps: number): TrainingState => {
    const [step] = trainSteps(state, { steps: 2, eps, engine: engine("simd") });
    return step.state();
  };
  const lastPosition = 3 * 4 + 7 * 4; // the row of wpe that no document reaches
  const float32 = Math.fround(state.params[lastPosition]);
  assertEquals(next(0).params[lastPosition], float32);
  const broken = { ...state, params: state.params.map(() => NaN) };
  assertThrows(() => [...trainSteps(broken, { engine: engine("simd") })], RangeError, "not finite before step 1");
});

law("simd: NaN in, NaN out; the next call is clean", [examples], ({ parameters, batch }) => {
  const { config, params } = parameters;
  const used = simdEngine();
  const broken = { config, params: params.map(() => NaN) };
  assert(Number.isNaN(used.lossAndGrad(broken, batch).loss));
  assertEquals(
    used.lossAndGrad(parameters, batch.slice(0, 1)),
    simdEngine().lossAndGrad(parameters, batch.slice(0, 1)),
  );
  const lmHead = (config.vocabSize + config.blockSize) * config.nEmbd;
  const one = { config, params: params.map((p, i) => i === lmHead ? NaN : p) };
  assert(Number.isNaN(used.lossAndGrad(one, batch).loss));
}, { numRuns: 30 });

Deno.test("simd: a moment that is not finite stops the run", () => {
  const state = initTraining(["ab", "ab"]);
  const steps = trainSteps({ ...state, m: state.m.with(5, NaN) }, { steps: 2, engine: engine("simd") });
  assertThrows(() => steps.next(), RangeError, "a moment is not finite before step 1");
  const huge = trainSteps({ ...state, v: state.v.with(5, 1e39) }, { steps: 2, engine: engine("simd") });
  assertThrows(() => huge.next(), RangeError, "no longer finite after step 1");
});

Deno.test("simd: the state before a step that failed can still be had, to the bit", () => {
  const options = { steps: 200, learningRate: 10, eps: 0, beta2: 0, batch: 2, engine: engine("simd") };
  const steps = trainSteps(initTraining(names, { initStd: 5 }), options);
  const first = steps.next().value!;
  const expected = trainSteps(initTraining(names, { initStd: 5 }), options).next().value!.state();
  assertThrows(() => steps.next(), RangeError, "no longer finite after step 2");
  assertEquals(bits(first.state()), bits(expected));
});

Deno.test("simd: decays near 1 train as the array engine's", () => {
  for (const betas of [{ beta2: 0.99999 }, { beta1: 0.99999 }, { beta1: 0.9999999, beta2: 0.9999999 }]) {
    const losses = (engine: Engine): number[] =>
      Array.from(trainSteps(initTraining(names), { ...betas, steps: 50, batch: 4, engine }), ({ loss }) => loss);
    const expected = losses(arrayEngine("float32"));
    losses(simdEngine()).forEach((loss, i) => assertAlmostEquals(loss, expected[i], TRAINED * expected[i]));
  }
});

Deno.test("simd: trainStep takes it as any other engine", () => {
  const state = initTraining(["anna", "bob"]);
  const expected = trainStep(state, { engine: engine("array") }).state();
  trainStep(state, { engine: engine("simd") }).state().params.forEach((p, i) => {
    assertAlmostEquals(p, expected.params[i], 1e-4);
  });
});

Deno.test("engine: threads are checked", () => {
  for (const threads of [0, -1, 1.5, 65, NaN]) {
    assertThrows(() => engine("simd", { threads }), RangeError, `threads ${threads}`);
  }
  for (const name of ["scalar", "array"] as const) {
    assertThrows(() => engine(name, { threads: 2 }), RangeError, `threads 2 cannot be used with the engine "${name}"`);
  }
  const { precision, threads, build, limit } = engine("simd", { threads: 2 });
  assertEquals([precision, threads, build, limit], ["float32", 2, "relaxed SIMD", undefined]);
  assertEquals(describeEngine(engine("simd", { threads: 2 })), "float32, relaxed SIMD, 2 threads");
  assertEquals(describeEngine(engine("simd")), "float32, relaxed SIMD, 1 thread");
  assertEquals([engine("scalar"), engine("array")].map(describeEngine), ["float64", "float64"]);
});

Deno.test("simd: without shared memory it runs on one thread, and says so", () => {
  const { SharedArrayBuffer: shared } = globalThis;
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  try {
    const alone = engine("simd", { threads: 2 });
    assertEquals(alone.threads, 1);
    assertEquals(describeEngine(alone).split(", ").at(-1), "1 thread: threads cannot share memory here");
    const state = initTraining(["anna", "bob", "eve"]);
    assertEquals(bits(finalState(state, 3, alone, 2)), bits(finalState(state, 3, engine("simd"), 2)));
  } finally {
    globalThis.SharedArrayBuffer = shared;
  }
});

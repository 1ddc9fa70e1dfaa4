import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc, { type Arbitrary } from "fast-check";
import { adamInit, type AdamOptions, type AdamState, adamStep } from "../../mod.ts";
import { lastUpdate } from "../../src/optim/mod.ts";
import { numbers } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Rounding of the few dozen operations of some steps, relative to the numbers involved. */
const ROUNDING = 1e-10;
/** Rounding of a single step from parameters of up to 4, per unit of decay. */
const STEP_ROUNDING = 1e-13;

/** Decays that are used, 0 (no memory) included; from 0 to 0.01 powers of them underflow before they matter. */
const betas = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 0.9999, noNaN: true }));

/** For the second moment not 0: where it forgets what the first remembers, and eps is 0, an update has no bound. */
const positiveBetas = fc.double({ min: 0.01, max: 0.9999, noNaN: true });

const rates = fc.double({ min: 1e-6, max: 1, noNaN: true });

const signs = fc.constantFrom(-1, 1);

/** Gradients of any size a run may see, from 1e-6 to 1e6. */
const gradients: Arbitrary<number> = fc
  .tuple(signs, fc.double({ min: -6, max: 6, noNaN: true }))
  .map(([sign, exponent]) => sign * 10 ** exponent);

const gradientsOrZero = fc.oneof({ weight: 5, arbitrary: gradients }, { weight: 1, arbitrary: fc.constant(0) });

const times = fc.integer({ min: 1, max: 200 });

const sizes = fc.integer({ min: 1, max: 8 });

const vector = (length: number): Arbitrary<number[]> =>
  fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: length, maxLength: length });

const history = (length: number): Arbitrary<number[][]> =>
  fc.array(fc.array(gradientsOrZero, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 12 });

/** A run of some steps: start, gradients, options. */
const runs = sizes.chain((n) =>
  fc.record({
    params: vector(n),
    history: history(n),
    options: fc.record({
      learningRate: rates,
      beta1: betas,
      beta2: positiveBetas,
      eps: fc.constantFrom(0, 1e-8, 1e-3),
    }),
  })
);

function runAdam(params: number[], history: readonly number[][], options: AdamOptions): AdamState {
  return history.reduce((state, grads, i) => adamStep(state, grads, i + 1, options), adamInit(params));
}

/** The largest parameter that a run visits, or 1: what rounding is relative to. */
function reach(params: number[], history: readonly number[][], options: AdamOptions): number {
  const visited = history.flatMap((_, i) => Array.from(runAdam(params, history.slice(0, i + 1), options).params));
  return Math.max(1, ...params.map(Math.abs), ...visited.map(Math.abs));
}

law(
  "constant gradient: the corrected moments are g and g² at every t",
  [gradients, betas, betas, times],
  (g, beta1, beta2, t) => {
    const { m, v } = runAdam([0], new Array(t).fill([g]), { beta1, beta2 });
    assertAlmostEquals(m[0] / (1 - beta1 ** t), g, Math.abs(g) * ROUNDING);
    assertAlmostEquals(v[0] / (1 - beta2 ** t), g * g, g * g * ROUNDING);
  },
);

law("the first step is learningRate · sign(g), up to eps", [runs], ({ params, history: [grads], options }) => {
  const { learningRate, eps } = options;
  const next = adamStep(adamInit(params), grads, 1, options);
  params.forEach((p, i) => {
    const size = Math.abs(grads[i]);
    const expected = grads[i] === 0 ? 0 : learningRate * Math.sign(grads[i]) * size / (size + eps);
    assertAlmostEquals(p - next.params[i], expected, ROUNDING);
  });
});

law(
  "scaling every gradient by c > 0 changes nothing where eps is 0",
  [runs, fc.double({ min: 1e-3, max: 1e3, noNaN: true })],
  ({ params, history, options }, c) => {
    const plain = runAdam(params, history, { ...options, eps: 0 });
    const scaled = runAdam(params, history.map((grads) => grads.map((g) => c * g)), { ...options, eps: 0 });
    const scale = reach(params, history, { ...options, eps: 0 });
    plain.params.forEach((p, i) => assertAlmostEquals(scaled.params[i], p, scale * ROUNDING));
  },
);

law("zero gradients leave the parameters alone, also where eps is 0", [runs], ({ params, history, options }) => {
  const zeros = history.map((grads) => grads.map(() => 0));
  assertEquals(runAdam(params, zeros, options).params, Float64Array.from(params));
});

law("the update is bounded, whatever the gradients were", [runs], ({ params, history, options }) => {
  const { learningRate, beta1, beta2 } = options;
  let state = adamInit(params);
  history.forEach((grads, step) => {
    const t = step + 1;
    const next = adamStep(state, grads, t, options);
    // m̂ = Σ a g and v̂ = Σ b g² over the gradients so far, so |m̂| ≤ √(Σ a²/b) √v̂ by Cauchy-Schwarz.
    let sum = 0;
    for (let i = 1; i <= t; i++) {
      const a = (1 - beta1) * beta1 ** (t - i) / (1 - beta1 ** t);
      const b = (1 - beta2) * beta2 ** (t - i) / (1 - beta2 ** t);
      sum += a * a / b;
    }
    const bound = learningRate * Math.sqrt(sum);
    next.params.forEach((p, i) => {
      const rounding = ROUNDING * (bound + Math.abs(p) + 1);
      assert(Math.abs(p - state.params[i]) <= bound + rounding, `update past ${bound} at t ${t}`);
    });
    state = next;
  });
});

law(
  "m̂ is unbiased at any t and for any beta: if every gradient is larger by c, so is m̂",
  [runs, fc.double({ min: -100, max: 100, noNaN: true })],
  ({ params, history, options }, c) => {
    const t = history.length;
    const corrected = (grads: readonly number[][]): number[] =>
      Array.from(runAdam(params, grads, options).m, (m) => m / (1 - options.beta1 ** t));
    const scale = Math.max(1, ...history.flat().map(Math.abs));
    const plain = corrected(history);
    corrected(history.map((grads) => grads.map((g) => g + c)))
      .forEach((mHat, i) => assertAlmostEquals(mHat, plain[i] + c, scale * ROUNDING));
  },
);

law("agrees with the textbook's four lines", [runs], ({ params, history, options }) => {
  const { learningRate: lr, beta1, beta2 } = options;
  const eps = Math.max(options.eps, 1e-8); // the textbook divides 0 by 0 without it
  const ours = runAdam(params, history, { ...options, eps });
  const scale = reach(params, history, { ...options, eps });
  params.forEach((start, i) => {
    let [p, m, v] = [start, 0, 0];
    history.forEach((grads, step) => {
      m = beta1 * m + (1 - beta1) * grads[i];
      v = beta2 * v + (1 - beta2) * grads[i] * grads[i];
      const [mHat, vHat] = [m / (1 - Math.pow(beta1, step + 1)), v / (1 - Math.pow(beta2, step + 1))];
      p = p - lr * mHat / (Math.sqrt(vHat) + eps);
    });
    assertAlmostEquals(ours.params[i], p, scale * ROUNDING);
    assertAlmostEquals(ours.m[i], m, Math.max(1, Math.abs(m)) * ROUNDING);
    assertAlmostEquals(ours.v[i], v, Math.max(1, v) * ROUNDING);
  });
});

law(
  "adamStep: weight decay is decoupled: it is Adam's step, and a share of the parameters less",
  [fc.record({
    params: fc.array(numbers, { minLength: 3, maxLength: 3 }),
    grads: fc.array(numbers, { minLength: 3, maxLength: 3 }),
    weightDecay: fc.double({ min: 0, max: 10, noNaN: true }),
    learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  })],
  ({ params, grads, weightDecay, learningRate }) => {
    const plain = adamStep(adamInit(params), grads, 1, { learningRate });
    const decayed = adamStep(adamInit(params), grads, 1, { learningRate, weightDecay });
    assertEquals([decayed.m, decayed.v], [plain.m, plain.v]);
    decayed.params.forEach((p, i) =>
      assertAlmostEquals(p, plain.params[i] - learningRate * weightDecay * params[i], STEP_ROUNDING * (1 + weightDecay))
    );
    assertEquals(adamStep(adamInit(params), grads, 1, { learningRate, weightDecay: 0 }), plain);
    assertThrows(() => adamStep(adamInit(params), grads, 1, { weightDecay: -1 }), RangeError, "weightDecay -1");
  },
);

law("the inputs stay as they are, and the outputs are new", [runs], ({ params, history, options }) => {
  const state = runAdam(params, history, options);
  const grads = Float64Array.from(history[0]);
  const copy = structuredClone({ state, grads });
  const next = adamStep(state, grads, history.length + 1, options);
  assertEquals({ state, grads }, copy);
  const buffers = [state.params, state.m, state.v, grads, next.params, next.m, next.v];
  assertEquals(new Set(buffers.map(({ buffer }) => buffer)).size, 7);
});

law(
  "a buffer split in two steps as the whole does",
  [runs, fc.nat(8)],
  ({ params, history, options }, at) => {
    const run = (from: number, to?: number): AdamState =>
      runAdam(params.slice(from, to), history.map((grads) => grads.slice(from, to)), options);
    const whole = run(0);
    const [left, right] = [run(0, at), run(at)];
    for (const name of ["params", "m", "v"] as const) {
      assertEquals(Float64Array.from([...left[name], ...right[name]]), whole[name]);
    }
  },
);

law("plain arrays do as well as typed ones", [runs], ({ params, history: [grads], options }) => {
  const zeros = params.map(() => 0);
  assertEquals(
    adamStep({ params, m: zeros, v: zeros }, grads, 1, options),
    adamStep(adamInit(params), Float64Array.from(grads), 1, options),
  );
});

Deno.test("the defaults are the reference's", () => {
  const state = adamStep(adamInit([1, 2]), [1e-7, 3], 1);
  const reference = { learningRate: 0.01, beta1: 0.85, beta2: 0.99, eps: 1e-8 };
  assertEquals(adamStep(state, [2, -1e-8], 2), adamStep(state, [2, -1e-8], 2, reference));
});

Deno.test("t is a whole number from 1; lengths fit; options are in range", () => {
  const state = adamInit([1, 2]);
  for (const t of [0, -1, 0.5, 1.5, NaN, Infinity]) {
    assertThrows(() => adamStep(state, [0, 0], t), RangeError, `t ${t}`);
  }
  assertThrows(() => adamStep(state, [0], 1), RangeError, "grads of length 1");
  assertThrows(() => adamStep({ ...state, v: [0] }, [0, 0], 1), RangeError, "v of length 1");
  assertThrows(() => adamStep({ ...state, m: [0] }, [0, 0], 1), RangeError, "m of length 1");
  for (const [name, value] of [["beta1", 1], ["beta2", -0.1], ["eps", NaN], ["learningRate", Infinity]] as const) {
    assertThrows(() => adamStep(state, [0, 0], 1, { [name]: value }), RangeError, `${name} ${value}`);
  }
});

law(
  "adamStep: writes over a state that the caller no longer needs; wrong lengths are refused",
  [sizes.chain((n) => fc.tuple(vector(n), vector(n), vector(n)))],
  ([params, grads, old]) => {
    const state = adamInit(params);
    const into = adamInit(old);
    assert(adamStep(state, grads, 1, { into }) === into);
    assertEquals(into, adamStep(state, grads, 1));
    assertThrows(() => adamStep(state, grads, 1, { into: adamInit([...old, 0]) }), RangeError, "into of length");
  },
);

law("adam: the last update is what the step has added, with and without weight decay", [
  vector(3),
  vector(3),
  fc.integer({ min: 1, max: 50 }),
  fc.double({ min: 0, max: 0.5, noNaN: true }),
], (params, grads, t, weightDecay) => {
  const options = { weightDecay, learningRate: 0.01 };
  const after = adamStep(adamInit(params), grads, t, options);
  const found = lastUpdate(after, t, options);
  params.forEach((before, i) =>
    assertAlmostEquals(found[i], after.params[i] - before, ROUNDING * (1 + Math.abs(before)))
  );
});

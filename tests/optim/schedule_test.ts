import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { learningRateAt, type ScheduleOptions } from "../../mod.ts";
import { linearDecay, SCHEDULES } from "../../src/optim/mod.ts";
import { law } from "../property.ts";

/** One or two float64 operations, relative to the learning rate, which is at most 1. */
const LAST_BITS = 1e-15;
/** A handful of them. */
const ROUNDING = 1e-14;

const schedules = fc.integer({ min: 1, max: 1e6 }).chain((steps) =>
  fc.record({
    steps: fc.constant(steps),
    step: fc.integer({ min: 0, max: steps }),
    learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  })
);

law("linearDecay: from the learning rate to 0, and never up", [schedules], ({ step, ...options }) => {
  assertEquals(linearDecay(0, options), options.learningRate);
  assertEquals(linearDecay(options.steps, options), 0);
  if (step > 0) assert(linearDecay(step, options) < linearDecay(step - 1, options));
});

law("linearDecay: rises and falls with the learning rate, and is straight", [schedules], ({ step, ...options }) => {
  const doubled = { ...options, learningRate: 2 * options.learningRate };
  assertEquals(linearDecay(step, doubled), 2 * linearDecay(step, options));
  const mirrored = linearDecay(options.steps - step, options);
  assertAlmostEquals(linearDecay(step, options) + mirrored, options.learningRate, LAST_BITS);
});

law("the defaults are the reference's line, bit for bit", [schedules], ({ step, learningRate, steps }) => {
  assertEquals(learningRateAt(step, { learningRate, steps }), learningRate * (1 - step / steps));
});

const all = fc.record({
  schedule: fc.constantFrom(...SCHEDULES),
  learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  lowest: fc.double({ min: 0, max: 1, noNaN: true }),
  warmup: fc.nat(40),
  more: fc.integer({ min: 1, max: 40 }),
}).map(({ schedule, learningRate, lowest, warmup, more }): Required<ScheduleOptions> => ({
  schedule,
  learningRate,
  minLearningRate: learningRate * lowest,
  warmup,
  steps: warmup + more,
}));

law("a schedule stays between its ends and meets them; it rises in warm-up and never after", [all], (options) => {
  const { schedule, learningRate, minLearningRate, warmup, steps } = options;
  const rates = Array.from({ length: steps + 1 }, (_, step) => learningRateAt(step, options));
  const rounding = LAST_BITS * learningRate;
  for (const rate of rates) assert(rate >= minLearningRate - rounding && rate <= learningRate + rounding);
  assertEquals(rates[warmup], learningRate);
  assertAlmostEquals(rates[steps], schedule === "constant" ? learningRate : minLearningRate, rounding);
  for (let step = 1; step <= steps; step++) {
    if (step <= warmup) assert(rates[step] >= rates[step - 1] - rounding);
    else assert(rates[step] <= rates[step - 1] + rounding);
  }
});

law("warm-up is straight, and leads from the lowest rate, which it leaves at once", [all], (options) => {
  const { learningRate, minLearningRate, warmup } = options;
  const rise = (learningRate - minLearningRate) / (warmup + 1);
  for (let step = 0; step < warmup; step++) {
    assertAlmostEquals(learningRateAt(step, options), minLearningRate + rise * (step + 1), ROUNDING * learningRate);
  }
});

law("cosine: half-way down half-way through, and mirrored about that point", [all], (given) => {
  const options = { ...given, schedule: "cosine" as const };
  const { learningRate, minLearningRate, warmup, steps } = options;
  for (let step = warmup; step <= steps; step++) {
    const sum = learningRateAt(step, options) + learningRateAt(warmup + steps - step, options);
    assertAlmostEquals(sum, learningRate + minLearningRate, ROUNDING * learningRate);
  }
});

Deno.test("linearDecay: any finite rate, also one below 0", () => {
  assertEquals(linearDecay(5, { learningRate: -1, steps: 10 }), -0.5);
});

Deno.test("schedules: wrong numbers and names are refused", () => {
  for (const steps of [0, NaN, 1.5]) {
    assertThrows(() => linearDecay(0, { learningRate: 1, steps }), RangeError, `steps ${steps}`);
  }
  assertThrows(() => linearDecay(0, { learningRate: NaN, steps: 10 }), RangeError, "learningRate NaN");
  const options = { learningRate: 1, steps: 10 };
  for (const step of [-1, 11, 0.5, NaN]) {
    assertThrows(() => linearDecay(step, options), RangeError, `step ${step}`);
  }
  assertThrows(() => learningRateAt(0, { ...options, warmup: 10 }), RangeError, "warmup 10");
  assertThrows(() => learningRateAt(0, { ...options, minLearningRate: 2 }), RangeError, "minLearningRate 2");
  assertThrows(
    () => learningRateAt(0, { ...options, schedule: "step" as "linear" }),
    RangeError,
    'schedule "step" does not exist: it must be one of linear, cosine, constant',
  );
});

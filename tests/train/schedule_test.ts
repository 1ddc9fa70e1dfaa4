import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { linearDecay } from "../../mod.ts";
import { law } from "../property.ts";

const schedules = fc.integer({ min: 1, max: 1e6 }).chain((steps) =>
  fc.record({
    steps: fc.constant(steps),
    step: fc.integer({ min: 0, max: steps }),
    learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  })
);

law("linearDecay: from the learning rate to 0, and never up", schedules, ({ step, ...options }) => {
  assertEquals(linearDecay(0, options), options.learningRate);
  assertEquals(linearDecay(options.steps, options), 0);
  if (step > 0) assert(linearDecay(step, options) < linearDecay(step - 1, options));
});

law("linearDecay: rises and falls with the learning rate, and is straight", schedules, ({ step, ...options }) => {
  const doubled = { ...options, learningRate: 2 * options.learningRate };
  assertEquals(linearDecay(step, doubled), 2 * linearDecay(step, options));
  const mirrored = linearDecay(options.steps - step, options);
  assertAlmostEquals(linearDecay(step, options) + mirrored, options.learningRate, 1e-15);
});

Deno.test("linearDecay: a run without steps, or a rate that is no number, is refused", () => {
  for (const steps of [0, NaN, 1.5]) {
    assertThrows(() => linearDecay(0, { learningRate: 1, steps }), RangeError, `steps ${steps}`);
  }
  assertThrows(() => linearDecay(0, { learningRate: NaN, steps: 10 }), RangeError, "learningRate NaN");
});

Deno.test("linearDecay: a step outside the run is refused", () => {
  for (const step of [-1, 11, 0.5, NaN]) {
    assertThrows(() => linearDecay(step, { learningRate: 1, steps: 10 }), RangeError, `step ${step}`);
  }
});

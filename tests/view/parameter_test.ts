/**
 * One parameter of a run: it is where it is said to be, and the step has added what is said.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hyperparameters, initTraining, trainSteps } from "../../mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";
import { traceParameter } from "../../src/view/mod.ts";
import { law } from "../property.ts";

const SETTINGS = hyperparameters({ steps: 5, weightDecay: 0.1, warmup: 2 });

/** The states of a run, before its first step and after each. */
function states() {
  const beginning = initTraining(["anna", "bob", "류"], { nEmbd: 4, nHead: 2, blockSize: 4 });
  return [beginning, ...Array.from(trainSteps(beginning, SETTINGS), (step) => step.state())];
}

const ALL = states();
const { config } = ALL[0];

law("traceParameter: where it lies, and what the step has added", [
  fc.nat(ALL.length - 1),
  fc.nat(ALL[0].params.length - 1),
], (t, index) => {
  const state = ALL[t];
  const { tensor, row, column, value, m, v, update } = traceParameter(state, index, { config, settings: SETTINGS });
  assert(parameterLayout(config).some(({ name }) => name === tensor.name));
  assert(row < tensor.rows && column < tensor.columns);
  assertEquals(tensor.offset + row * tensor.columns + column, index);
  assertEquals([value, m, v], [state.params[index], state.m[index], state.v[index]]);
  // A difference of two numbers that are near each other loses some digits.
  assertAlmostEquals(update, t === 0 ? 0 : value - ALL[t - 1].params[index], 1e-12);
});

Deno.test("traceParameter: a parameter that is not there", () => {
  const { length } = ALL[0].params;
  assertThrows(
    () => traceParameter(ALL[0], length, { config, settings: SETTINGS }),
    RangeError,
    `${length}`,
  );
});

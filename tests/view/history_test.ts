/**
 * The history of a run: any of its steps can be had again.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { initTraining, type TrainingState, trainSteps } from "../../mod.ts";
import { type History, keep, momentOf, nearest, replay, traceDocument, traceStep } from "../../src/view/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";

const moment = momentOf(initTraining(["anna", "bob"]));

law("history: never more than it may hold, with the first and the newest", [
  fc.integer({ min: 2, max: 9 }),
  fc.integer({ min: 1, max: 60 }),
], (most, count) => {
  let history: History = [];
  for (let t = 0; t < count; t++) history = keep(history, { ...moment, t }, most);
  assert(history.length <= most && history.length >= Math.min(count, Math.floor(most / 2)));
  assertEquals([history[0].t, history.at(-1)!.t], [0, count - 1]);
  assertEquals(history.map(({ t }) => t), history.map(({ t }) => t).toSorted((a, b) => a - b));
  assertEquals(nearest(history, count + 3).t, count - 1);
  assertThrows(() => nearest(history, -1), RangeError, "step -1 cannot be had again: it must be from 0 on");
});

law("replay: from any kept moment a step is had again to the same bits", [
  trainings,
  fc.nat(6),
  fc.nat(6),
], ({ state: start }, a, b) => {
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  const settings = { steps: 7 };
  const states: TrainingState[] = [start];
  const losses = [NaN];
  for (const step of trainSteps(start, settings)) {
    states.push(step.state());
    losses.push(step.loss);
  }
  let found = states[from];
  const taken: number[] = [];
  for (const step of replay(start, momentOf(states[from]), to, settings)) {
    assertEquals(step.loss, losses[step.t]);
    taken.push(step.t);
    if (step.t === to) found = step.state();
  }
  assertEquals(momentOf(found), momentOf(states[to]));
  assertEquals(taken, Array.from({ length: to - from }, (_, i) => from + 1 + i));
}, { numRuns: 20 });

law(
  "trace: what the documents of a step cost makes its loss",
  [trainings, fc.nat(3)],
  ({ documents, state: start }, t) => {
    const batch = Math.min(2, documents.length);
    let [state, loss] = [start, NaN];
    for (const step of trainSteps(start, { steps: 5, batch })) {
      if (step.t === t) state = step.state();
      if (step.t === t + 1) loss = step.loss;
    }
    const traced = traceStep(state, batch);
    const mean = traced.reduce((sum, { loss }) => sum + loss, 0) / traced.length;
    assert(Math.abs(mean - loss) <= 1e-9 * loss, `${mean}, ${loss}`);
  },
  { numRuns: 20 },
);

Deno.test("trace: a block is read after the character before it", () => {
  const model = initTraining(["banana", "ab"], { blockSize: 3 });
  const block = { text: "nan", before: "a", ends: false };
  const { text, positions } = traceDocument(model, block);
  assertEquals([text, positions.length], ["nan", 3]);
  assertEquals(positions.map(({ from }) => from.text), ["a", "n", "a"]);
});

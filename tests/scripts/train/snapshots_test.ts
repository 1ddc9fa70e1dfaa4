/**
 * Snapshots in the course of training.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { hyperparameters, type LogEntry, type LogSnapshot, sampleText } from "../../../mod.ts";
import { seedRandom } from "../../../src/random/mod.ts";
import type { Run } from "../../../scripts/train/run.ts";
import { snapshots } from "../../../scripts/train/snapshots.ts";
import { trainedOnNames } from "../../trained.ts";

/** The snapshots of six steps that all lead to the same state. */
function taken(state: typeof trainedOnNames, temperature: number, every: number): LogSnapshot[] {
  const entries: LogEntry[] = [];
  const log = { write: (entry: LogEntry) => void entries.push(entry), flush: () => {}, failure: () => undefined };
  const data = { documents: ["maria", "otto"] } as Partial<Run["data"]> as Run["data"];
  const run = { state, data, settings: hyperparameters({ seed: 7, temperature }) } as Partial<Run> as Run;
  const observer = snapshots(log, run, every);
  for (let t = 1; t <= 6; t++) {
    observer.step({ t, loss: 2, learningRate: 0.01, gradNorm: 1, tokens: 5, state: () => ({ ...state, t }) });
  }
  return entries as LogSnapshot[];
}

Deno.test("snapshots: after each N-th step five samples, each from its own stream, at the run's temperature", () => {
  const state = trainedOnNames;
  assertEquals(taken(state, 0.5, 0), []);
  assertEquals(taken(state, 0.5, 2).map(({ t }) => t), [2, 4, 6]);
  for (const temperature of [0, 1]) {
    const [{ samples, marks }] = taken(state, temperature, 6);
    assertEquals(marks!.length, 5);
    assertEquals(samples, [0, 1, 2, 3, 4].map((i) => sampleText(state, seedRandom(7, i), { temperature })[0]));
    assertEquals(new Set(samples).size > 1, temperature > 0);
  }
});

Deno.test("snapshots: attention on a document that is held back, if one is; every row sums to 1", () => {
  const [document, held] = ["maria", "otto"];
  const state = { ...trainedOnNames, documents: [document, held] };
  assertEquals(taken(state, 0.5, 6)[0].text, document);
  const [{ text, attention }] = taken({ ...state, validation: [held, document] }, 0.5, 6);
  assertEquals([text, attention.length], [held, held.length + 1]);
  attention.forEach((layers, position) => {
    assertEquals([layers.length, layers[0].length], [state.config.nLayer, state.config.nHead]);
    for (const weights of layers.flat()) {
      assertEquals(weights.length, position + 1);
      assert(weights.every((weight) => weight >= 0));
      assertAlmostEquals(weights.reduce((sum, weight) => sum + weight), 1, 1e-12);
    }
  });
});

/**
 * A run that stopped anywhere goes on as if it had not.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  engine,
  type EngineSetting,
  type Hyperparameters,
  hyperparameters,
  initTraining,
  NOTHING_SELECTED,
  resumeTraining,
  SCHEDULES,
  type TrainingState,
  trainSteps,
} from "../../mod.ts";
import { law } from "../property.ts";

const DOCUMENTS = ["anna", "bob", "eve", "ida", "leo", "mia", "noah", "anna"];

const runs = fc.record({
  engine: fc.constantFrom<EngineSetting>(
    { name: "scalar", threads: 1 },
    { name: "array", threads: 1 },
    { name: "simd", threads: 1 },
    { name: "simd", threads: 2 },
  ),
  settings: fc.record({
    seed: fc.nat(),
    steps: fc.integer({ min: 1, max: 12 }),
    batch: fc.integer({ min: 1, max: 3 }),
    learningRate: fc.constantFrom(0.01, 0.1),
    schedule: fc.constantFrom(...SCHEDULES),
    warmup: fc.constant(0),
    weightDecay: fc.constantFrom(0, 0.1),
    clipNorm: fc.constantFrom(0, 0.5),
    valFraction: fc.constantFrom(0, 0.3),
    evalEvery: fc.integer({ min: 1, max: 3 }),
    patience: fc.constantFrom(0, 1, 2),
  }).map((settings) => hyperparameters({ ...settings, patience: settings.valFraction === 0 ? 0 : settings.patience })),
  shape: fc.record({
    nLayer: fc.integer({ min: 1, max: 2 }),
    nEmbd: fc.constantFrom(4, 8),
    blockSize: fc.constantFrom(3, 8),
  }),
  stops: fc.array(fc.nat(12), { maxLength: 3 }),
});

/** As a file holds it: equal bytes are equal bits. */
function bytesOf(state: TrainingState, settings: Hyperparameters, setting: EngineSetting): Uint8Array {
  return encodeCheckpoint({ ...state, hyperparameters: settings, engine: setting });
}

/** Steps until `stop`, or the end. */
function advance(state: TrainingState, settings: Hyperparameters, { name, threads }: EngineSetting, stop = Infinity) {
  let current = state;
  for (const step of trainSteps(state, { ...settings, engine: engine(name, { threads }) })) {
    current = step.state();
    if (step.t >= stop) break;
  }
  return current;
}

law(
  "stopped, saved, loaded and resumed anywhere, a run ends in the same bits",
  [runs],
  ({ engine, settings, shape, stops }) => {
    const initial = initTraining(DOCUMENTS, { ...shape, ...settings, dataHash: "these" });
    const expected = bytesOf(advance(initial, settings, engine), settings, engine);
    let state = initial;
    for (const stop of stops.toSorted((a, b) => a - b)) {
      if (stop > state.t) state = advance(state, settings, engine, stop);
      const loaded = decodeCheckpoint(bytesOf(state, settings, engine));
      state = resumeTraining(loaded, DOCUMENTS, { ...loaded.hyperparameters, dataHash: "these" });
    }
    assertEquals(bytesOf(advance(state, settings, engine), settings, engine), expected);
  },
  { numRuns: 60 },
);

Deno.test("resumeTraining: other data is refused by its hash and by its characters", () => {
  const saved = initTraining(DOCUMENTS, { dataHash: "these" });
  assertThrows(
    () => resumeTraining(saved, DOCUMENTS, { dataHash: "those" }),
    RangeError,
    "data with the hash those does not fit: the run was trained on these",
  );
  assertThrows(() => resumeTraining(saved, ["xyz"]), RangeError, 'characters "xyz" do not fit');
  // On purpose: no hash, known characters. Losses on the old data say nothing of the new.
  const other = resumeTraining({ ...saved, selection: { bestLoss: 2, bestT: 5, waited: 1 } }, ["ann"]);
  assertEquals([other.documents, other.dataHash, other.selection], [["ann"], null, NOTHING_SELECTED]);
  assertEquals(resumeTraining(initTraining(DOCUMENTS), DOCUMENTS, { dataHash: "these" }).dataHash, "these");
});

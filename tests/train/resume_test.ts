/**
 * A run that stopped anywhere goes on as if it had not.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  engine,
  type EngineSetting,
  hyperparameters,
  initTraining,
  resumeTraining,
  type TrainingState,
} from "../../mod.ts";
import { SCHEDULES } from "../../src/optim/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { trained } from "../trained.ts";

const DOCUMENTS = ["anna", "bob", "eve", "ida", "leo", "mia", "noah", "anna"];
/** What the data's SHA-256 is taken to be. */
const HASH = "0123456789abcdef".repeat(4);

const engines = fc.constantFrom<EngineSetting>(
  { name: "scalar", threads: 1 },
  { name: "array", threads: 1 },
  { name: "simd", threads: 1 },
  { name: "simd", threads: 2 },
);
const settings = fc.record({
  seed: fc.nat(),
  steps: fc.integer({ min: 1, max: 12 }),
  batch: fc.integer({ min: 1, max: 3 }),
  learningRate: fc.constantFrom(0.01, 0.1),
  schedule: fc.constantFrom(...SCHEDULES),
  warmup: fc.constant(0),
  weightDecay: fc.constantFrom(0, 0.1),
  clipNorm: fc.constantFrom(0, 0.5),
  dropout: fc.constantFrom(0, 0.2),
  valFraction: fc.constantFrom(0, 0.3),
  evalEvery: fc.integer({ min: 1, max: 3 }),
  patience: fc.constantFrom(0, 1, 2),
}).map((settings) => hyperparameters({ ...settings, patience: settings.valFraction === 0 ? 0 : settings.patience }));
const shapes = fc.record({
  nLayer: fc.integer({ min: 1, max: 2 }),
  nEmbd: fc.constantFrom(4, 8),
  blockSize: fc.constantFrom(3, 8),
});
const stops = fc.array(fc.nat(12), { maxLength: 3 });

law(
  "stopped, saved, loaded and resumed anywhere, a run ends in the same bits, begun from nothing or from a model",
  [engines, settings, shapes, stops, fc.boolean()],
  (setting, settings, shape, stops, isTuned) => {
    const { name, threads } = setting;
    const train = (state: TrainingState, stop?: number): TrainingState =>
      trained(state, { ...settings, engine: engine(name, { threads }) }, stop);
    // Equal bytes are equal bits: assertEquals takes 0 for -0 and one NaN for another.
    const bytes = (state: TrainingState): Uint8Array =>
      encodeCheckpoint({ ...state, hyperparameters: settings, engine: setting });
    const from = isTuned ? trained(initTraining(["abc", "mob"], shape), { steps: 3 }) : undefined;
    const initial = initTraining(DOCUMENTS, { ...shape, ...settings, from, dataHash: HASH });
    const expected = bytes(train(initial));
    let state = initial;
    for (const stop of stops.toSorted((a, b) => a - b)) {
      if (stop > state.t) state = train(state, stop);
      const loaded = decodeCheckpoint(bytes(state));
      state = resumeTraining(loaded, DOCUMENTS, { dataHash: HASH });
    }
    assertEquals(bytes(train(state)), expected);
  },
  { numRuns: 60 },
);

law(
  "n steps equal k steps, saving, loading, and n - k steps, bit for bit",
  [trainings, fc.integer({ min: 1, max: 6 }), fc.nat(6)],
  ({ documents, seed, state }, steps, n) => {
    const first = n % (steps + 1);
    const saved = encodeCheckpoint({
      ...trained(state, { steps }, first),
      hyperparameters: hyperparameters({ steps, seed }),
    });
    const loaded = decodeCheckpoint(saved);
    assertEquals(loaded.t, first);
    const resumed = resumeTraining(loaded, documents);
    const { steps: total } = loaded.hyperparameters;
    const bytes = (final: TrainingState): Uint8Array =>
      encodeCheckpoint({ ...final, hyperparameters: loaded.hyperparameters });
    assertEquals(bytes(trained(resumed, { steps: total })), bytes(trained(state, { steps })));
  },
  { numRuns: 40 },
);

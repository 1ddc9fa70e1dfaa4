/**
 * Steps that several processes share: each process takes the same step, and it is the step of one.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { engine, type EngineName, initTraining, type TrainingStep, trainStep, trainSteps } from "../../mod.ts";
import { ALONE, gather, shareOf } from "../../src/train/mod.ts";
import { law } from "../property.ts";

law("shares: every item is somebody's, in order, and nobody has two more than another", [
  fc.nat(50),
  fc.integer({ min: 1, max: 9 }),
], (length, size) => {
  const shares = Array.from({ length: size }, (_, rank) => shareOf(length, { rank, size }));
  assertEquals([shares[0][0], shares[size - 1][1]], [0, length]);
  shares.slice(1).forEach(([first], i) => assertEquals(first, shares[i][1]));
  const sizes = shares.map(([first, end]) => end - first);
  assert(Math.max(...sizes) - Math.min(...sizes) <= 1);
});

/** The sums that processes are asked for, one after the other. */
type Sums = (Float32Array | Float64Array)[];

/**
 * A step as each of several processes takes it. One after the other they can only say what they add; so each begins a
 * second time, with the sums of all.
 */
function together(size: number, step: (communicator: typeof ALONE) => TrainingStep): TrainingStep[] {
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  let known: Sums = [];
  // Each time one sum more is known: what comes after a sum may depend on it.
  for (;;) {
    const asked = ranks.map((rank) => {
      let calls = 0;
      let own: Float32Array | Float64Array | undefined;
      const sum = (values: Float32Array | Float64Array): void => {
        if (calls < known.length) values.set(known[calls]);
        else if (calls === known.length) own = values.slice();
        calls++;
      };
      const taken = step({ rank, size, sum });
      return { taken, own };
    });
    if (asked[0].own === undefined) return asked.map(({ taken }) => taken);
    const total = asked[0].own.slice();
    for (const { own } of asked.slice(1)) own!.forEach((value, i) => total[i] += value);
    known = [...known, total];
  }
}

/** Sums in another order, relatively: float64 and float32, of gradients and then parameters. */
const ROUNDING: Readonly<Record<EngineName, number>> = { scalar: 1e-10, array: 1e-10, simd: 1e-4 };

for (const name of ["scalar", "array", "simd"] as const) {
  law(`${name}, several processes: the step of one, with dropout, clipping and evaluation, and the same in each`, [
    fc.integer({ min: 2, max: 4 }),
    fc.integer({ min: 4, max: 6 }),
    fc.constantFrom(0, 0.3),
  ], (size, batch, dropout) => {
    const documents = ["anna", "bob", "carla", "dora", "emil", "frida", "gus", "hanna", "ida", "jon"];
    const state = initTraining(documents, { nEmbd: 8, nHead: 2, blockSize: 6, valFraction: 0.3 });
    const options = { batch, dropout, clipNorm: 0.5, steps: 1, evalEvery: 1 };
    const step = (communicator: typeof ALONE): TrainingStep =>
      trainStep(state, { ...options, communicator, engine: engine(name) });
    const alone = step(ALONE);
    const all = together(size, step);
    for (const { loss, evaluation } of all) {
      assertEquals(loss, all[0].loss);
      assert(Math.abs(loss / alone.loss - 1) < ROUNDING[name], `${loss}, ${alone.loss}`);
      const [held, expected] = [evaluation!.validation!.loss, alone.evaluation!.validation!.loss];
      assert(Math.abs(held / expected - 1) < ROUNDING[name], `${held}, ${expected}`);
    }
  }, { numRuns: 12 });
}

Deno.test("several processes: rows of a table, and a batch that is too small", () => {
  const rows = [[1, 2], [3, 4], [5, 6]];
  const sum = (values: Float32Array | Float64Array): void => values.set(rows.flat());
  assertEquals(gather(rows[1], { rank: 1, size: 3, sum }).map((row) => [...row]), rows);
  const three = { rank: 0, size: 3, sum: () => {} };
  const state = initTraining(["anna", "bob"]);
  assertThrows(
    () => trainStep(state, { batch: 2, communicator: three }),
    RangeError,
    "batch 2 cannot be shared by 3 processes: it must be 3 at least",
  );
  const [first, ...rest] = trainSteps(state, { batch: 2, steps: 3, communicator: { ...three, size: 2 } });
  assertEquals(rest.length, 2);
  assertThrows(() => first.state(), RangeError, "must be asked for in time");
});

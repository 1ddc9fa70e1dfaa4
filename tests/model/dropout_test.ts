import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkDropout,
  documentDropout,
  drop,
  type Dropout,
  DROPOUT_SITES,
  dropoutAt,
  dropoutFactor,
  dropoutSite,
  numberOps,
} from "../../src/model/mod.ts";
import { vectors } from "../arbitraries.ts";
import { law } from "../property.ts";

const rates = fc.constantFrom(0.05, 0.1, 0.5, 0.9);
const steps = fc.record({
  rate: rates,
  seed: fc.maxSafeNat(),
  step: fc.nat(1e6),
  first: fc.nat(1000),
});

/** How many draws a mean is taken over. */
const DRAWS = 4000;
/** Standard errors: chance goes as far in one of 500 million means. */
const ERRORS = 6;
/** Rounding of a sum of so many numbers of everyday size. */
const ROUNDING = 1e-10;

law("drop: each unit is 0 or scaled", [vectors(1, 20), steps, fc.nat(9)], (x, step, index) => {
  const dropout = documentDropout(step, index)!;
  const dropped = drop(numberOps, x, dropout);
  assertEquals(dropped.length, x.length);
  const scale = 1 / (1 - step.rate);
  x.forEach((xi, i) => assert(dropped[i] === xi * scale || dropped[i] === xi * 0));
  assertEquals(drop(numberOps, x, documentDropout(step, index)), dropped);
  assert(drop(numberOps, x, undefined) === x);
});

law("drop: over many steps the mean is the vector itself", [vectors(1, 5), steps], (x, given) => {
  const means = x.map(() => 0);
  for (let step = 0; step < DRAWS; step++) {
    drop(numberOps, x, documentDropout({ ...given, step }, 0)).forEach((y, i) => means[i] += y / DRAWS);
  }
  const deviation = Math.sqrt(given.rate / (1 - given.rate)); // of a factor, whose mean is 1
  means.forEach((mean, i) =>
    assertAlmostEquals(mean, x[i], ERRORS * Math.abs(x[i]) * deviation / Math.sqrt(DRAWS) + ROUNDING)
  );
}, { numRuns: 20 });

/** Places of a model beside each other, by what is different. */
const beside: Readonly<Record<string, (dropout: Dropout, i: number) => [Dropout, Dropout]>> = {
  units: (d, i) => [dropoutAt(d, 1, i), dropoutAt(d, 1, i + 1)],
  positions: (d, i) => [dropoutAt(d, i, 3), dropoutAt(d, i + 1, 3)],
  "sites and positions": (d, i) => [dropoutAt(d, i, i + 1), dropoutAt(d, i + 1, i)],
};

law("dropoutFactor: places beside each other are dropped independently", [rates, fc.nat(1e9)], (rate, key) => {
  for (const [name, pair] of Object.entries(beside)) {
    let product = 0;
    for (let i = 0; i < DRAWS; i++) {
      const [a, b] = pair({ rate, key }, i).map((place) => dropoutFactor(place, 0) - 1);
      product += a * b;
    }
    assertAlmostEquals(product / (rate / (1 - rate)), 0, ERRORS * Math.sqrt(DRAWS), name);
  }
}, { numRuns: 30 });

law("documentDropout: a share of a batch drops what the batch does there", [steps, fc.nat(50), fc.nat(50)], (
  { first, ...step },
  cut,
  index,
) => {
  assertEquals(
    documentDropout({ ...step, first: first + cut }, index),
    documentDropout({ ...step, first }, cut + index),
  );
});

Deno.test("documentDropout: seeds, also above 2^32, steps and documents have streams of their own; rate 0 has none", () => {
  const step = { rate: 0.5, seed: 5, step: 7 };
  const keys = [
    documentDropout(step, 0),
    documentDropout(step, 1),
    documentDropout({ ...step, step: 8 }, 0),
    documentDropout({ ...step, seed: 7, step: 5 }, 0),
    documentDropout({ ...step, seed: 2 ** 32 + 5 }, 0),
    documentDropout({ ...step, seed: 2 ** 33 + 5 }, 0),
  ].map((dropout) => dropout!.key);
  assertEquals(new Set(keys).size, keys.length);
  assertEquals(documentDropout({ ...step, rate: 0 }, 0), undefined);
  assertEquals(documentDropout(undefined, 0), undefined);
});

Deno.test("dropoutSite: every site of every layer has an index of its own", () => {
  const layers = [0, 1, 2, 3].flatMap((layer) =>
    (["weights", "attention", "mlp"] as const).map((site) => dropoutSite(layer, site))
  );
  assertEquals(new Set([DROPOUT_SITES.input, ...layers]).size, 13);
});

Deno.test("checkDropout: what no step can drop is refused by name", () => {
  const step = { rate: 0.5, seed: 1, step: 1 };
  checkDropout(step);
  checkDropout({ rate: 0, seed: 0, step: 0, first: 0 });
  for (const rate of [1, -0.1, NaN]) {
    assertThrows(
      () => checkDropout({ ...step, rate }),
      RangeError,
      `dropout ${rate} cannot be used: it must be a number from 0 and below 1`,
    );
  }
  assertThrows(() => checkDropout({ ...step, seed: 0.5 }), RangeError, "dropout seed 0.5");
  assertThrows(() => checkDropout({ ...step, step: -1 }), RangeError, "dropout step -1");
  assertThrows(() => checkDropout({ ...step, first: 1.5 }), RangeError, "first document 1.5");
});

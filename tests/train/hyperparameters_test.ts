import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DEFAULT_HYPERPARAMETERS, hyperparameters } from "../../mod.ts";
import { HYPERPARAMETER_RANGES, type NumericHyperparameter } from "../../src/train/mod.ts";
import { law } from "../property.ts";

const names = fc.constantFrom(...Object.keys(HYPERPARAMETER_RANGES) as NumericHyperparameter[]);

law("hyperparameters: a value passes or is refused by name, as its range says", [names, fc.double()], (name, value) => {
  const { whole, from = -Infinity, above = -Infinity, to = Infinity, below = Infinity } = HYPERPARAMETER_RANGES[name];
  const fits = Number.isFinite(value) && (!whole || Number.isInteger(value)) &&
    value >= from && value > above && value <= to && value < below;
  if (fits) assertEquals(hyperparameters({ [name]: value })[name], value);
  else assertThrows(() => hyperparameters({ [name]: value }), RangeError, `${name} ${value} cannot be used`);
});

Deno.test("hyperparameters: what is not given is the reference's", () => {
  assertEquals(hyperparameters(), DEFAULT_HYPERPARAMETERS);
  assertEquals(hyperparameters({ seed: undefined }).seed, 42);
});

Deno.test("hyperparameters: what is counted is a whole number", () => {
  for (
    const name of ["steps", "batch", "warmup", "evalEvery", "evalDocuments", "patience", "samples", "seed"] as const
  ) {
    assertThrows(() => hyperparameters({ [name]: 1.5 }), RangeError, `${name} 1.5 cannot be used`);
  }
});

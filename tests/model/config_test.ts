import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { modelConfig, type ModelShape } from "../../mod.ts";
import { configs } from "../arbitraries.ts";
import { law } from "../property.ts";

law("modelConfig: what it returns it accepts again", [configs], (config) => {
  assertEquals(modelConfig(config.vocabSize, config), config);
});

const dimensions = fc.constantFrom<keyof ModelShape>("nLayer", "nEmbd", "nHead", "blockSize");
const wrong = fc.constantFrom(0, -1, 0.5, NaN, Infinity, 1e9);

law("modelConfig: a wrong dimension is refused by name and value", [dimensions, wrong], (name, value) => {
  assertThrows(() => modelConfig(27, { [name]: value }), RangeError, `${name} ${value} cannot be used`);
});

law(
  "modelConfig: nEmbd must be a multiple of nHead",
  [fc.integer({ min: 1, max: 99 }), fc.nat(99)],
  (a, b) => {
    fc.pre(b > 0 && a % b !== 0);
    assertThrows(
      () => modelConfig(27, { nEmbd: a, nHead: b }),
      RangeError,
      `nEmbd ${a} cannot be split over nHead ${b}`,
    );
  },
);

Deno.test("modelConfig: a model that no memory holds is refused", () => {
  assertThrows(() => modelConfig(27, { nEmbd: 65_536 }), RangeError, "parameters is too large");
});

Deno.test("modelConfig: every dimension is a whole number", () => {
  for (const name of ["nLayer", "nEmbd", "nHead", "blockSize"] as const) {
    for (const value of [1.5, 2.5, NaN]) {
      assertThrows(() => modelConfig(27, { nEmbd: 5, nHead: 1, [name]: value }), RangeError, `${name} ${value}`);
    }
  }
  assertThrows(() => modelConfig(2.5), RangeError, "vocabSize 2.5");
});

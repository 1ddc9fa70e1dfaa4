import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { modelConfig, type ModelShape } from "../../mod.ts";
import { parameterCount } from "../../src/model/mod.ts";
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

law(
  "modelConfig: a model that no memory holds is refused, and the widest that would fit is named",
  [fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 16 }), fc.integer({ min: 2, max: 100_000 })],
  (nLayer, nHead, vocabSize) => {
    const shape = { nLayer, nHead, blockSize: 64 };
    const refused = (nEmbd: number): string =>
      assertThrows(() => modelConfig(vocabSize, { ...shape, nEmbd }), RangeError, "parameters is too large").message;
    const [, width] = refused(nHead * Math.floor(65_536 / nHead)).match(/200000000 at most, as with nEmbd (\d+)$/)!;
    assertEquals(modelConfig(vocabSize, { ...shape, nEmbd: Number(width) }).nEmbd, Number(width));
    refused(Number(width) + nHead);
  },
);

Deno.test("modelConfig: 12 layers, 384 wide, with block size 256, are no longer too large, and 65,536 wide are", () => {
  assertEquals(parameterCount(modelConfig(65, { nLayer: 12, nEmbd: 384, nHead: 6, blockSize: 256 })), 21_381_888);
  assertThrows(() => modelConfig(27, { nEmbd: 65_536 }), RangeError, "at most, as with nEmbd 4076");
});

Deno.test("modelConfig: every dimension is a whole number", () => {
  for (const name of ["nLayer", "nEmbd", "nHead", "blockSize"] as const) {
    for (const value of [1.5, 2.5, NaN]) {
      assertThrows(() => modelConfig(27, { nEmbd: 5, nHead: 1, [name]: value }), RangeError, `${name} ${value}`);
    }
  }
  assertThrows(() => modelConfig(2.5), RangeError, "vocabSize 2.5");
});

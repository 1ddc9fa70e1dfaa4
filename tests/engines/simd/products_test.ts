/**
 * The simd engine with the matrix products of a library: the same laws.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { engine, initTraining, trainSteps } from "../../../mod.ts";
import { arrayEngine, describeEngine, simdEngine } from "../../../src/engines/mod.ts";
import { memoryLayout } from "../../../src/engines/simd/layout.ts";
import { placesOf } from "../../../src/engines/simd/places.ts";
import { configs } from "../../arbitraries.ts";
import { granted, law } from "../../property.ts";
import { assertSame, dropouts, engineLaws } from "../laws.ts";
import { examples, FLOAT32 } from "./examples.ts";
import { PLAIN_PRODUCTS } from "./products.ts";

const withProducts = () => simdEngine({ products: PLAIN_PRODUCTS });

engineLaws("simd with a library's products", withProducts, examples, FLOAT32);

law(
  "simd with a library's products: loss and every gradient are the array engine's in float32, with dropout too",
  [examples, dropouts],
  (example, dropout) => {
    assertSame(withProducts(), arrayEngine("float32"), example, FLOAT32);
    assertSame(withProducts(), arrayEngine("float32"), example, FLOAT32, { dropout });
  },
);

law(
  "simd with a library's products: every parameter has a place of its own, inside its buffer",
  [configs],
  (config) => {
    const places = placesOf(config, true);
    const capacity = { threads: 1, documents: 1, positions: 1, tokens: 1, pairs: 1 };
    const { fields, bytes } = memoryLayout(config, capacity, true);
    assertEquals(new Set(places).size, places.length);
    assertEquals(places.every((place) => place >= 0 && place < fields.bufferBytes / 4), true);
    assertEquals(memoryLayout(config, capacity).bytes - bytes, fields.bufferBytes); // no transposed weights
  },
);

Deno.test("simd with a library's products: it says so, and needs a module for threads", () => {
  const { module: _, ...alone } = PLAIN_PRODUCTS;
  const build = simdEngine().build!;
  assertEquals(describeEngine(withProducts()), `float32, ${build}, plain products, 1 thread`);
  assertEquals(
    describeEngine(simdEngine({ threads: 2, products: alone })),
    `float32, ${build}, plain products, 1 thread: plain products runs on one`,
  );
});

Deno.test("simd with a library's products: two threads give the same bits each time, and one's losses to rounding", {
  ignore: !granted({ name: "read" }),
}, () => {
  const state = initTraining(["abc", "bcd", "cab", "dab", "eab", "bad"], { nEmbd: 64 });
  const losses = (threads: number): number[] =>
    Array.from(
      trainSteps(state, { steps: 60, batch: 6, engine: engine("simd", { threads, products: PLAIN_PRODUCTS }) }),
      ({ loss }) => loss,
    );
  const two = losses(2);
  assertEquals(losses(2), two);
  assertEquals(losses(1).slice(0, 5).map((loss) => loss.toFixed(4)), two.slice(0, 5).map((loss) => loss.toFixed(4)));
});

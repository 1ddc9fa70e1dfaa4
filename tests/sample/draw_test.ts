/**
 * Many samples: each with a seed of its own, or no text twice.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { sampleText, seedRandom } from "../../mod.ts";
import { drawSeeded, drawUnique } from "../../scripts/terminal/samples.ts";
import { trainedOnNames as model } from "../trained.ts";

Deno.test("seeded samples: sample i depends on the seed and i alone", () => {
  const texts = (samples: number): string[] => [...drawSeeded(model, 7, { samples })].map(({ text }) => text);
  const ten = texts(10);
  assertEquals(texts(4), ten.slice(0, 4));
  assertEquals(ten[6], sampleText(model, seedRandom(7, 6))[0]);
  assert([...drawSeeded(model, 8, { samples: 10 })].some(({ text }, i) => text !== ten[i]));
  assert(new Set(ten).size > 5);
});

Deno.test("unique samples: none comes twice; where there are no more, it says so", () => {
  const unique = [...drawUnique(model, model.random, undefined, { samples: 200 })].map(({ text }) => text);
  assertEquals(new Set(unique).size, 200);
  const seeded = [...drawUnique(model, model.random, 3, { samples: 30, maxLength: 2 })].map(({ text }) => text);
  assertEquals(new Set(seeded).size, 30);
  assertThrows(
    () => [...drawUnique(model, model.random, 3, { samples: 3, temperature: 0 })],
    Error,
    "only 1 different samples came",
  );
});

/**
 * Many samples: each with a seed of its own, or no text twice.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decode, sampleSteps, sampleText } from "../../mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { drawSamples, drawSeeded, drawUnique } from "../../src/sample/mod.ts";
import { law } from "../property.ts";
import { trainedOnNames as model } from "../trained.ts";

const prompts = fc.constantFrom("", "a", "ann");

law("samples: each goes on where the stream of the one before ends", [fc.nat(), fc.nat(5), prompts], (
  seed,
  samples,
  prompt,
) => {
  const texts: string[] = [];
  let random = seedRandom(seed);
  for (let i = 0; i < samples; i++) {
    let text: string;
    [text, random] = sampleText(model, random, { prompt });
    texts.push(text);
  }
  assertEquals([...drawSamples(model, seedRandom(seed), { samples, prompt })].map(({ text }) => text), texts);
});

law("samples: the tokens are those drawn, with their log-probabilities if they are asked for", [fc.nat(), prompts], (
  seed,
  prompt,
) => {
  for (const logProbabilities of [false, true]) {
    const options = { prompt, logProbabilities };
    const [{ text, tokens }] = drawSamples(model, seedRandom(seed), { ...options, samples: 1 });
    const steps = [...sampleSteps(model, seedRandom(seed), options)];
    const expected = steps.map(({ token, logProbability }) => ({
      text: decode(model.tokenizer, [token]),
      logProbability,
    }));
    assertEquals(tokens, expected);
    assertEquals(prompt + tokens.map(({ text }) => text).join(""), text);
  }
});

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

/**
 * Many samples: each with a seed of its own, or no text twice.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decode, initTraining, sampleSteps, sampleText } from "../../mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { drawSample, drawSamples, drawSeeded, drawUnique } from "../../src/sample/mod.ts";
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

law(
  "samples: the text comes piece by piece as it is drawn, and never what turns out to be the stop text",
  [fc.nat(), prompts, fc.constantFrom(undefined, "a", "an", "ana", "na", "e"), fc.integer({ min: 4, max: 40 })],
  (seed, prompt, stop, maxLength) => {
    const pieces: string[] = [];
    const options = { prompt, stop, maxLength, temperature: 0.8 };
    const [sample, next] = drawSample(model, seedRandom(seed), { ...options, onText: (text) => pieces.push(text) });
    assertEquals(pieces.join(""), sample.text);
    assertEquals(pieces[0], prompt);
    assertEquals(pieces.slice(1), sample.tokens.map(({ text }) => text)); // a character at a time
    assertEquals([sample, next], drawSample(model, seedRandom(seed), options));
    assertEquals([sample.text, next], sampleText(model, seedRandom(seed), options));

    const steps = [...sampleSteps(model, seedRandom(seed), options)];
    const last = steps.at(-1)!;
    const isFull = [...sample.text].length === maxLength;
    const ended = last.token === model.tokenizer.bos ? "model" : last.held ? "stop" : "length";
    assertEquals(sample.end, ended);
    if (ended === "length") assert(isFull);
  },
);

Deno.test("samples: between two pieces of the text a token is drawn", () => {
  let reads = 0;
  const tokenizer = {
    ...model.tokenizer,
    get vocabulary() { // read when a token is decoded
      reads++;
      return model.tokenizer.vocabulary;
    },
  };
  const times: number[] = [];
  const options = { maxLength: 30, temperature: 0, onText: () => times.push(reads) };
  const [{ tokens }] = drawSample({ ...model, tokenizer }, seedRandom(1), options);
  const drawn = tokens.filter(({ text }) => text !== "").length;
  assert(drawn > 2);
  assertEquals(new Set(times).size, 1 + drawn);
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
  // What looks the same is the same.
  const accents = initTraining(["e\u0301", "\u00e9"], { nEmbd: 2, nHead: 1, blockSize: 3 });
  const looks = [...drawUnique(accents, accents.random, 1, { samples: 20 })].map(({ text }) => text.normalize("NFC"));
  assertEquals(new Set(looks).size, 20);
  assertThrows(
    () => [...drawUnique(model, model.random, 3, { samples: 3, temperature: 0 })],
    Error,
    "only 1 different samples came",
  );
});

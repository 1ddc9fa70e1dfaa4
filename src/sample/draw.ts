/**
 * Drawing many samples: from one random stream, from a stream each, or until all are different.
 *
 * @module
 */

import { canonical } from "../corpus/normalize.ts";
import { decode } from "../corpus/tokenizer.ts";
import type { Model } from "../model/model.ts";
import { type RandomState, seedRandom } from "../random/mt19937.ts";
import { settingError } from "../range.ts";
import { type SampleOptions, sampleSteps } from "./sample.ts";

/** What ended a document: the model, the stop text, or the longest length. */
export type SampleEnd = "model" | "stop" | "length";

/** A document that was drawn. */
export type Sample = {
  /** All of it, the prompt included and the stop text not. */
  readonly text: string;
  /** What ended it. */
  readonly end: SampleEnd;
  /** The characters that were drawn, then "" if the model ended it; with log-probabilities in nats, if asked for. */
  readonly tokens: readonly { readonly text: string; readonly logProbability?: number }[];
};

/** How to draw a sample. */
export type DrawSampleOptions = SampleOptions & {
  /**
   * Called with the text of the sample piece by piece, as it is drawn: the prompt, then characters. Those that may turn out
   * to be the stop text come once it is known that they are not.
   */
  readonly onText?: (text: string) => void;
};

/** How many samples to draw, and how. */
export type DrawOptions = DrawSampleOptions & {
  /** The number of samples, from 0. */
  readonly samples: number;
};

/**
 * Draws one document, and returns it with the random stream after it.
 *
 * @param model The model.
 * @param random The stream to draw from.
 * @param options How to sample.
 * @throws {RangeError} As {@linkcode sampleSteps}.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, sampleText } from "@microgpt/microgpt";
 * import { drawSample } from "@microgpt/microgpt/sample";
 *
 * const model = initTraining(["anna", "bob"]);
 * const [sample, next] = drawSample(model, model.random);
 * assertEquals([sample.text, next], sampleText(model, model.random));
 * ```
 */
export function drawSample(model: Model, random: RandomState, options: DrawSampleOptions = {}): [Sample, RandomState] {
  const { prompt = "", onText } = options;
  const { tokenizer } = model;
  const tokens: { text: string; logProbability?: number }[] = [];
  let next = random;
  let end: SampleEnd = "length";
  let told = 0;
  let dropped = 0;
  for (const { token, logProbability, held = 0, random } of sampleSteps(model, next, options)) {
    if (tokens.length === 0) onText?.(prompt);
    tokens.push({ text: decode(tokenizer, [token]), logProbability });
    next = random;
    dropped = held;
    if (token === tokenizer.bos) end = "model";
    if (onText) { for (; told < tokens.length - held; told++) onText(tokens[told].text); }
  }
  if (dropped > 0) end = "stop";
  tokens.length -= dropped;
  return [{ text: prompt + tokens.map(({ text }) => text).join(""), end, tokens }, next];
}

/**
 * Draws samples one after the other from one random stream.
 *
 * Source: microgpt.py, inference.
 *
 * @param model The model.
 * @param random The stream to draw from.
 * @param options How many, and how.
 * @throws {RangeError} As {@linkcode sampleSteps}, when the first sample is pulled.
 * @example
 * ```ts
 * import { initTraining } from "@microgpt/microgpt";
 * import { drawSamples } from "@microgpt/microgpt/sample";
 *
 * const model = initTraining(["anna", "bob"]);
 * for (const { text } of drawSamples(model, model.random, { samples: 3 })) console.log(text);
 * ```
 */
export function* drawSamples(model: Model, random: RandomState, options: DrawOptions): Generator<Sample> {
  let next = random;
  for (let i = 0; i < options.samples; i++) {
    let sample: Sample;
    [sample, next] = drawSample(model, next, options);
    yield sample;
  }
}

/**
 * Draws samples each from a stream of its own: sample i depends on the seed and on i alone.
 *
 * @param model The model.
 * @param seed Seed of all streams: a whole number from 0.
 * @param options How many, and how.
 * @throws {RangeError} As {@linkcode drawSamples}, or if the seed is out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { drawSeeded } from "@microgpt/microgpt/sample";
 *
 * const model = initTraining(["anna", "bob"]);
 * const three = [...drawSeeded(model, 42, { samples: 3 })];
 * assertEquals([...drawSeeded(model, 42, { samples: 2 })], three.slice(0, 2));
 * ```
 */
export function* drawSeeded(model: Model, seed: number, options: DrawOptions): Generator<Sample> {
  for (let i = 0; i < options.samples; i++) yield drawSample(model, seedRandom(seed, i), options)[0];
}

/** How many tries in a row may bring nothing new. */
const MOST_TRIES = 1000;

/**
 * Draws samples that all look different: what has been drawn before is drawn again. `onText` is not called, since not
 * all that is drawn counts.
 *
 * @param model The model.
 * @param random The stream to draw from, unless there is a seed.
 * @param seed With it, try k of sample i depends on the seed, i and k alone.
 * @param options How many, and how.
 * @throws {RangeError} As {@linkcode drawSamples}, or if a thousand tries in a row bring nothing new.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { drawUnique } from "@microgpt/microgpt/sample";
 *
 * const model = initTraining(["anna", "bob"]);
 * const texts = [...drawUnique(model, model.random, undefined, { samples: 50 })].map(({ text }) => text);
 * assertEquals(new Set(texts).size, 50);
 * ```
 */
export function* drawUnique(
  model: Model,
  random: RandomState,
  seed: number | undefined,
  options: DrawOptions,
): Generator<Sample> {
  const seen = new Set<string>();
  let next = random;
  for (let i = 0; i < options.samples; i++) {
    if (seed !== undefined) next = seedRandom(seed, i);
    let sample: Sample;
    let tries = 0;
    do {
      if (tries++ === MOST_TRIES) {
        throw settingError((nameOf) =>
          `only ${i} different samples came in ${MOST_TRIES} tries after the last: ${nameOf("samples")} ` +
          `${options.samples}, all different, needs a higher temperature or weaker filters`
        );
      }
      [sample, next] = drawSample(model, next, { ...options, onText: undefined });
    } while (seen.has(canonical(sample.text)));
    seen.add(canonical(sample.text));
    yield sample;
  }
}

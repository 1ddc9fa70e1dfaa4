/**
 * Autoregressive generation: draw a token, feed it back, until BOS or the end of the block.
 *
 * @module
 */

import { decode, encode } from "../corpus/tokenizer.ts";
import { createDecoder, type Decoder } from "../engines/array/decoder.ts";
import type { Model } from "../model/model.ts";
import { choice, type RandomState } from "../random/mt19937.ts";
import { checkRange, type Range, settingError } from "../range.ts";
import { type FilterOptions, filterProbabilities } from "./filter.ts";

/** The samples that a run draws when it ends. */
export type SamplingSettings = {
  /** Below 1 the likely tokens become likelier, above 1 less so; 0 takes the most likely. */
  readonly temperature: number;
  /** Number of samples. */
  readonly samples: number;
};

/** The reference's defaults. */
export const SAMPLING_DEFAULTS: SamplingSettings = { temperature: 0.5, samples: 20 };

/** The values allowed for each. */
export const SAMPLING_RANGES: Readonly<Record<keyof SamplingSettings, Range>> = {
  temperature: { from: 0, to: 1000 },
  samples: { whole: true, from: 0, to: 1e9 },
};

/** How to sample. */
export type SampleOptions = FilterOptions & {
  /** Below 1 the likely tokens become likelier, above 1 less so; 0 takes the most likely. By default 0.5. */
  readonly temperature?: number;
  /** Text that the document begins with; by default none. */
  readonly prompt?: string;
  /** The most characters that a document may have, the prompt included, from 1; by default as many as the block has room for. */
  readonly maxLength?: number;
  /** Whether each step comes with its log-probability, which costs time; by default false. */
  readonly logProbabilities?: boolean;
};

/** One drawn token. */
export type SampleStep = {
  /** The position whose logits the token was drawn from, from 0. */
  readonly position: number;
  /** The probability of each token to be drawn, `[vocabSize]`, after temperature and filters. */
  readonly probabilities: readonly number[];
  /** The token drawn; BOS is the last one. */
  readonly token: number;
  /**
   * The logarithm of the probability that the model gives the token, in nats: at temperature 1, without filters. Only
   * with `logProbabilities`.
   */
  readonly logProbability?: number;
  /** The random stream after the draw. */
  readonly random: RandomState;
};

/**
 * Probabilities of the next token at a temperature: `softmax(logits / temperature)`. At 0 the most likely token has
 * them all (the first of several).
 *
 * The largest logit is subtracted before the division, so that no temperature is too low.
 *
 * Source: microgpt.py, `softmax([l / temperature for l in logits])`.
 *
 * @param logits Finite numbers, `[vocabSize]`.
 * @param temperature From 0.
 * @throws {RangeError} If the temperature is below 0 or not a number.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextTokenProbabilities } from "@microgpt/microgpt/sample";
 *
 * assertEquals(nextTokenProbabilities([1, 3, 2], 0), [0, 1, 0]);
 * ```
 */
export function nextTokenProbabilities(logits: ArrayLike<number>, temperature: number): number[] {
  checkRange("temperature", temperature, { from: 0 });
  const probabilities: number[] = [];
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const p = temperature === 0 ? Number(i === best) : Math.exp((logits[i] - logits[best]) / temperature);
    probabilities.push(p);
    total += p;
  }
  const share = total ** -1;
  for (let i = 0; i < logits.length; i++) probabilities[i] *= share;
  return probabilities;
}

/**
 * Draws one document token by token, the closing BOS included, as long as the block has room and `maxLength` allows.
 *
 * Source: microgpt.py, inference.
 *
 * @param model The model.
 * @param random The stream to draw from; each step holds the stream after it.
 * @param options How to sample.
 * @throws {RangeError} If an option is out of range, or the prompt has a character that is not in the vocabulary or leaves
 * no room.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { initTraining, sampleSteps } from "@microgpt/microgpt";
 *
 * const model = initTraining(["anna", "bob"]);
 * for (const { probabilities } of sampleSteps(model, model.random)) {
 *   assertAlmostEquals(probabilities.reduce((sum, p) => sum + p), 1);
 * }
 * ```
 */
export function* sampleSteps(
  model: Model,
  random: RandomState,
  options: SampleOptions = {},
): Generator<SampleStep> {
  const { temperature = SAMPLING_DEFAULTS.temperature, prompt = "" } = options;
  checkRange("temperature", temperature, SAMPLING_RANGES.temperature);
  const { maxLength = Infinity } = options;
  if (maxLength !== Infinity) checkRange("maxLength", maxLength, { whole: true, from: 1 });
  const { tokenizer, config: { blockSize } } = model;
  const given = [tokenizer.bos, ...encode(tokenizer, prompt)];
  if (given.length > blockSize) {
    throw settingError((nameOf) =>
      `the ${nameOf("prompt")} ${JSON.stringify(prompt)} leaves no room: with ${
        nameOf("blockSize")
      } ${blockSize} it may have ` +
      `${blockSize - 1} characters at most`
    );
  }
  if (given.length > maxLength) {
    throw settingError((nameOf) =>
      `the ${nameOf("prompt")} ${JSON.stringify(prompt)} leaves no room: ` +
      `with ${nameOf("maxLength")} ${maxLength} it must have fewer characters`
    );
  }

  const decoder = borrowDecoder(model);
  for (const token of given.slice(0, -1)) decoder.next(token);
  let token = given[given.length - 1];
  let next = random;
  let position = given.length - 1;
  do {
    const logits = decoder.next(token);
    const probabilities = filterProbabilities(nextTokenProbabilities(logits, temperature), options);
    const drawn = choice(next, probabilities);
    token = drawn[0];
    next = drawn[1];
    const step = { position, probabilities, token, random: next };
    yield options.logProbabilities ? { ...step, logProbability: logProbability(logits, token) } : step;
    position++;
  } while (token !== tokenizer.bos && position < Math.min(blockSize, maxLength));
  idleDecoders.set(model.params, decoder);
}

/** The logarithm of a token's share in `softmax(logits)`. */
function logProbability(logits: ArrayLike<number>, token: number): number {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i] > max) max = logits[i];
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i] - max);
  return logits[token] - max - Math.log(total);
}

/** Decoders left by finished documents: making one takes as long as reading several tokens. */
const idleDecoders: WeakMap<Float64Array, Decoder> = new WeakMap();

/** A decoder that nobody else holds, at the beginning of a document. */
function borrowDecoder(model: Model): Decoder {
  const idle = idleDecoders.get(model.params);
  if (idle?.config !== model.config) return createDecoder(model);
  idleDecoders.delete(model.params);
  idle.rewind();
  return idle;
}

/**
 * Draws one document and returns its text, the prompt included, with the random stream after it.
 *
 * @param model The model.
 * @param random The stream to draw from.
 * @param options How to sample.
 * @throws {RangeError} As {@linkcode sampleSteps}.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { initTraining, sampleText } from "@microgpt/microgpt";
 *
 * const model = initTraining(["anna", "bob"]);
 * const [text, next] = sampleText(model, model.random, { prompt: "an" });
 * const [another] = sampleText(model, next);
 * assert(text.startsWith("an") && another.length <= 16);
 * ```
 */
export function sampleText(model: Model, random: RandomState, options: SampleOptions = {}): [string, RandomState] {
  const tokens: number[] = [];
  let next = random;
  for (const step of sampleSteps(model, random, options)) {
    tokens.push(step.token);
    next = step.random;
  }
  return [(options.prompt ?? "") + decode(model.tokenizer, tokens), next];
}

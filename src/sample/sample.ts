/**
 * Autoregressive generation: draw a token, feed it back, until BOS or the longest length.
 *
 * @module
 */

import { decode, encode } from "../corpus/tokenizer.ts";
import { createDecoder, type Decoder } from "../engines/array/decoder.ts";
import { crossEntropy } from "../model/gpt.ts";
import type { Model } from "../model/model.ts";
import { numberOps } from "../model/ops.ts";
import { choice, type RandomState } from "../random/mt19937.ts";
import { checkRange, type Range, settingError } from "../range.ts";
import { type FilterOptions, filterProbabilities } from "./filter.ts";
import { stopMatcher } from "./stop.ts";

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
  /** Text that the document begins with; by default none. If it is longer than the block, the model sees the end of it. */
  readonly prompt?: string;
  /**
   * The most characters that a document may have, the prompt included: a whole number from 1, or Infinity, with which only
   * the model ends it. By default as many as the block has room for; after a prompt that leaves none, another block of them.
   */
  readonly maxLength?: number;
  /** Text that ends the document when it comes up after the prompt, and is not part of it; by default none. */
  readonly stop?: string;
  /** Whether each step comes with its log-probability, which costs time; by default false. */
  readonly logProbabilities?: boolean;
};

/** One drawn token. */
export type SampleStep = {
  /**
   * How many characters come before the token, the prompt included. Up to the block this is the position whose logits it
   * was drawn from.
   */
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
  /**
   * How many of the last tokens, this one included, are the beginning of the stop text, and so perhaps not part of the
   * document. In the last step either all of it, which is to be dropped, or 0. Only with `stop`.
   */
  readonly held?: number;
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
 * Draws one document token by token, the closing BOS or the stop text included, as long as `maxLength` allows.
 *
 * Each token is drawn from the last block of tokens alone, of which BOS is the first as long as it is one of them. Up to
 * the block, those are all. Past it, positions shift, so that each token takes as long as a whole block.
 *
 * Source: microgpt.py, inference; past the block, nanoGPT, `generate`.
 *
 * @param model The model.
 * @param random The stream to draw from; each step holds the stream after it.
 * @param options How to sample.
 * @throws {RangeError} If an option is out of range, the prompt or the stop text has a character that is not in the
 * vocabulary, or the prompt is as long as `maxLength`.
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
  const { temperature = SAMPLING_DEFAULTS.temperature, prompt = "", stop, logProbabilities } = options;
  checkRange("temperature", temperature, SAMPLING_RANGES.temperature);
  const { tokenizer, config: { blockSize } } = model;
  const given = [tokenizer.bos, ...encode(tokenizer, prompt)];
  const maxLength = longestLength(given.length - 1, blockSize, options.maxLength);
  const matched = stop === undefined ? undefined : stopMatcher(tokenizer, stop);
  const stopLength = stop === undefined ? Infinity : [...stop].length;

  const decoder = borrowDecoder(model);
  const window = given.slice(-blockSize);
  let logits = readAnew(decoder, window);
  let next = random;
  for (let position = given.length - 1;; position++) {
    const probabilities = filterProbabilities(nextTokenProbabilities(logits, temperature), options);
    const [token, after] = choice(next, probabilities);
    next = after;
    const begun = matched?.(token) ?? 0;
    const isStopped = begun === stopLength;
    const isLast = token === tokenizer.bos || position + 1 >= maxLength || isStopped;
    const step = { position, probabilities, token, random: next };
    yield matched === undefined && !logProbabilities ? step : {
      ...step,
      ...(logProbabilities && { logProbability: -crossEntropy(numberOps, Array.from(logits), token) }),
      ...(matched && { held: isLast && !isStopped ? 0 : begun }),
    };
    if (isLast) break;
    window.push(token);
    if (window.length > blockSize) {
      window.shift();
      logits = readAnew(decoder, window);
    } else {
      logits = decoder.next(token);
    }
  }
  idleDecoders.set(model.params, decoder);
}

/** The most characters that a document with a prompt of this many may have. */
function longestLength(given: number, blockSize: number, maxLength: number | undefined): number {
  if (maxLength === undefined) return given < blockSize ? blockSize : given + blockSize;
  if (maxLength !== Infinity) checkRange("maxLength", maxLength, { whole: true, from: 1 });
  if (given < maxLength) return maxLength;
  throw settingError((nameOf) =>
    `a ${nameOf("prompt")} of ${given} characters leaves no room: ` +
    `with ${nameOf("maxLength")} ${maxLength} it must have fewer`
  );
}

/** The logits after tokens that a decoder reads from position 0: what it knows of a window that has moved is of no use. */
function readAnew(decoder: Decoder, tokens: readonly number[]): ArrayLike<number> {
  decoder.rewind();
  let logits: ArrayLike<number> = [];
  for (const token of tokens) logits = decoder.next(token);
  return logits;
}

/** Decoders left by finished documents: making one takes as long as reading several tokens. */
const idleDecoders: WeakMap<Float64Array, Decoder> = new WeakMap();

/** A decoder that nobody else holds. */
function borrowDecoder(model: Model): Decoder {
  const idle = idleDecoders.get(model.params);
  if (idle?.config !== model.config) return createDecoder(model);
  idleDecoders.delete(model.params);
  return idle;
}

/**
 * Draws one document and returns its text, the prompt included and the stop text not, with the random stream after it.
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
  let dropped = 0;
  for (const step of sampleSteps(model, random, options)) {
    tokens.push(step.token);
    next = step.random;
    dropped = step.held ?? 0;
  }
  tokens.length -= dropped;
  return [(options.prompt ?? "") + decode(model.tokenizer, tokens), next];
}

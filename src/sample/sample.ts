/**
 * Autoregressive generation: draw a token, feed it back, until BOS or the end of the block.
 *
 * @module
 */

import { decode, encode } from "../corpus/tokenizer.ts";
import { emptyCache, gpt, numberTransformer, softmax } from "../model/gpt.ts";
import type { Model } from "../model/model.ts";
import { numberOps } from "../model/ops.ts";
import { choice, type RandomState } from "../random/mt19937.ts";
import { DEFAULT_HYPERPARAMETERS, HYPERPARAMETER_RANGES } from "../train/hyperparameters.ts";
import { inRange } from "../range.ts";

/**
 * How to sample.
 *
 * @example
 * ```ts
 * import type { SampleOptions } from "@microgpt/microgpt";
 *
 * const options: SampleOptions = { temperature: 0.8, prompt: "an" };
 * ```
 */
export type SampleOptions = {
  /** Below 1 the likely tokens become likelier, above 1 less so; 0 takes the most likely. By default 0.5. */
  readonly temperature?: number;
  /** Text that the document begins with; by default none. */
  readonly prompt?: string;
};

/**
 * One drawn token.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, type SampleStep, sampleSteps } from "@microgpt/microgpt";
 *
 * const model = initTraining(["anna", "bob"]);
 * const [first]: SampleStep[] = [...sampleSteps(model, model.random)];
 * assertEquals(first.position, 0);
 * ```
 */
export type SampleStep = {
  /** The position whose logits the token was drawn from, from 0. */
  readonly position: number;
  /** The probability of each token, `[vocabSize]`. */
  readonly probabilities: readonly number[];
  /** The token drawn; BOS is the last one. */
  readonly token: number;
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
 * import { nextTokenProbabilities } from "@microgpt/microgpt";
 *
 * assertEquals(nextTokenProbabilities([1, 3, 2], 0), [0, 1, 0]);
 * ```
 */
export function nextTokenProbabilities(logits: readonly number[], temperature: number): number[] {
  inRange("temperature", temperature, { from: 0 });
  const max = logits.reduce((largest, x) => Math.max(largest, x), -Infinity);
  if (temperature === 0) {
    const best = logits.indexOf(max);
    return logits.map((_, i) => i === best ? 1 : 0);
  }
  return softmax(numberOps, logits.map((x) => (x - max) / temperature));
}

/**
 * Draws one document token by token, the closing BOS included, as long as the block has room.
 *
 * Source: microgpt.py, inference.
 *
 * @param random The stream to draw from; each step holds the stream after it.
 * @throws {RangeError} If the temperature is out of range, or the prompt has a character that is not in the vocabulary
 * or leaves no room in the block.
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
  const { temperature = DEFAULT_HYPERPARAMETERS.temperature, prompt = "" } = options;
  inRange("temperature", temperature, HYPERPARAMETER_RANGES.temperature);
  const { tokenizer, config: { blockSize } } = model;
  const given = [tokenizer.bos, ...encode(tokenizer, prompt)];
  if (given.length > blockSize) {
    throw new RangeError(
      `the prompt ${JSON.stringify(prompt)} leaves no room: with blockSize ${blockSize} it may have ` +
        `${blockSize - 1} characters at most`,
    );
  }

  const transformer = numberTransformer(model);
  let cache = emptyCache<number>(model.config);
  for (const token of given.slice(0, -1)) cache = gpt(transformer, token, cache).cache;
  let token = given[given.length - 1];
  let next = random;
  do {
    const step = gpt(transformer, token, cache);
    const probabilities = nextTokenProbabilities(step.logits, temperature);
    [token, next] = choice(next, probabilities);
    yield { position: cache.position, probabilities, token, random: next };
    cache = step.cache;
  } while (token !== tokenizer.bos && cache.position < blockSize);
}

/**
 * Draws one document and returns its text, the prompt included, with the random stream after it.
 *
 * @param random The stream to draw from.
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

/**
 * A model that learns new characters: its vocabulary grows, and all that it knows stays.
 *
 * @module
 */

import type { Tokenizer } from "../corpus/tokenizer.ts";
import { gauss, type RandomState } from "../random/mt19937.ts";
import { modelConfig, parameterCount } from "./config.ts";
import type { Model } from "./model.ts";
import { checkParameters, parameterLayout } from "./parameters.ts";

/** The tensors that have one row a token. */
const TOKEN_TENSORS: readonly string[] = ["wte", "lm_head"];

/**
 * A model with a larger vocabulary. Tokens are sorted, so those that it knew may have new ids: their rows move with them.
 * New characters get rows drawn as at a beginning, in the order of {@linkcode parameterLayout}. Nothing else changes.
 *
 * @param model The model to grow.
 * @param tokenizer Has all characters of the model, and any others.
 * @param random The stream to draw from; the stream after the last draw is returned.
 * @param initStd Standard deviation of the new numbers.
 * @throws {RangeError} If the tokenizer lacks a character of the model, the parameters do not fit the config, or the model
 * would be too large.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer, initTraining } from "@microgpt/microgpt";
 * import { growVocabulary } from "@microgpt/microgpt/model";
 *
 * const model = initTraining(["b", "d"]);
 * const [grown] = growVocabulary(model, createTokenizer(["abcd"]), model.random, 0.08);
 * assertEquals(grown.params.subarray(16, 32), model.params.subarray(0, 16)); // b, whose id was 0, has 1
 * ```
 */
export function growVocabulary(
  model: Model,
  tokenizer: Tokenizer,
  random: RandomState,
  initStd: number,
): [Model, RandomState] {
  checkParameters(model);
  const { vocabulary, ids, bos } = model.tokenizer;
  const lost = vocabulary.find((character) => !tokenizer.ids.has(character));
  if (lost !== undefined) throw new RangeError(`the vocabulary lacks ${JSON.stringify(lost)}, which the model knows`);

  const config = modelConfig(tokenizer.bos + 1, model.config);
  const params = new Float64Array(parameterCount(config));
  const before = parameterLayout(model.config);
  /** The id that each token had. */
  const oldIds = [...tokenizer.vocabulary.map((character) => ids.get(character)), bos];
  let next = random;
  parameterLayout(config).forEach(({ name, rows, columns, offset }, i) => {
    const oldRow = (row: number): number | undefined => TOKEN_TENSORS.includes(name) ? oldIds[row] : row;
    for (let row = 0; row < rows; row++) {
      const start = offset + row * columns;
      const old = oldRow(row);
      if (old !== undefined) {
        const oldStart = before[i].offset + old * columns;
        params.set(model.params.subarray(oldStart, oldStart + columns), start);
        continue;
      }
      for (let j = start; j < start + columns; j++) [params[j], next] = gauss(next, 0, initStd);
    }
  });
  return [{ config, params, tokenizer }, next];
}

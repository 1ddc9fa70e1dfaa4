/**
 * A trained model, ready to be sampled.
 *
 * @module
 */

import type { Tokenizer } from "../corpus/tokenizer.ts";
import type { Parameters } from "./parameters.ts";

/**
 * A GPT as a value: its shape, its parameters and its vocabulary.
 *
 * @example
 * ```ts
 * import { initTraining, type Model, sampleText } from "@microgpt/microgpt";
 *
 * const training = initTraining(["anna", "bob"]);
 * const model: Model = training; // a training state is a model, and more
 * const [text] = sampleText(model, training.random);
 * ```
 */
export type Model = Parameters & {
  /** What its tokens mean. */
  readonly tokenizer: Tokenizer;
};

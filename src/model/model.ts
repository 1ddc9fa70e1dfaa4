/**
 * A trained model, ready to be sampled.
 *
 * @module
 */

import type { Tokenizer } from "../corpus/tokenizer.ts";
import type { Parameters } from "./parameters.ts";

/** A GPT as a value: its shape, its parameters and its vocabulary. */
export type Model = Parameters & {
  /** What its tokens mean. */
  readonly tokenizer: Tokenizer;
};

/**
 * Why a model says what it says: how likely each character of a text was, and where attention looked.
 *
 * @module
 */

import type { TrainingDocument } from "../corpus/blocks.ts";
import { documentTokens, type Tokenizer } from "../corpus/tokenizer.ts";
import { activations } from "../engines/array/activations.ts";
import type { Rows } from "../engines/array/rows.ts";
import { crossEntropy } from "../model/gpt.ts";
import type { Model } from "../model/model.ts";
import { numberOps } from "../model/ops.ts";
import { nextTokenProbabilities } from "./sample.ts";

/** A possible next token, and its probability. */
export type Alternative = {
  /** Its id. */
  readonly token: number;
  /** Its character; "" for BOS, the end of the document. */
  readonly text: string;
  /** From 0 to 1. */
  readonly probability: number;
};

/** One position of a text: what was predicted there, and from what. */
export type ExplainedPosition = Alternative & {
  /** The token that stands at the position; the prediction is what comes after it. */
  readonly from: { readonly token: number; readonly text: string };
  /** `-log2(probability)`, in bits. */
  readonly surprisal: number;
  /** 1 for the likeliest token, 2 for the next, and so on. */
  readonly rank: number;
  /** The likeliest other tokens, at most three. */
  readonly alternatives: readonly Alternative[];
  /** Attention weights `[layer][head][position]`: how much each head looked at each position up to this one. */
  readonly attention: readonly (readonly (readonly number[])[])[];
};

/** How many alternatives to name. */
const ALTERNATIVES = 3;

/**
 * A text as the model sees it, position by position; the last one predicts the end of the document, if the block has room.
 *
 * The numbers come from the forward pass that training uses (of the array engine), at temperature 1.
 *
 * @param model The model.
 * @param text A text, or a block of one; what follows past the model's block is left out.
 * @throws {RangeError} If a character is not in the vocabulary.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { evaluate, explainText, initTraining } from "@microgpt/microgpt";
 *
 * const model = initTraining(["anna", "bob"]);
 * const bits = explainText(model, "anna").reduce((sum, { surprisal }) => sum + surprisal, 0);
 * assertAlmostEquals(bits / 5, evaluate(model, ["anna"]).bitsPerCharacter);
 * ```
 */
export function explainText(model: Model, text: TrainingDocument): ExplainedPosition[] {
  const { tokenizer, config: { nHead, nLayer } } = model;
  const tokens = documentTokens(tokenizer, text);
  const computed = new Map(activations(model, tokens).map(({ name, rows }) => [name, rows]));
  const logits = computed.get("logits")!;
  const positions = logits.data.length / logits.width;
  const weights = Array.from({ length: nLayer }, (_, layer) => computed.get(`layer${layer}.attention_weights`)!);

  return Array.from({ length: positions }, (_, position) => {
    const probabilities = nextTokenProbabilities(rowOf(logits, position), 1);
    const token = tokens[position + 1];
    const order = probabilities.map((_, other) => other).sort((a, b) => probabilities[b] - probabilities[a]);
    const describe = (other: number): Alternative => ({
      token: other,
      text: characterOf(tokenizer, other),
      probability: probabilities[other],
    });
    return {
      from: { token: tokens[position], text: characterOf(tokenizer, tokens[position]) },
      ...describe(token),
      surprisal: crossEntropy(numberOps, Array.from(rowOf(logits, position)), token) / Math.LN2,
      rank: 1 + probabilities.filter((p) => p > probabilities[token]).length,
      alternatives: order.filter((other) => other !== token).slice(0, ALTERNATIVES).map(describe),
      attention: weights.map((rows) => headsAt(rows, nHead, position)),
    };
  });
}

const rowOf = ({ data, width }: Rows, i: number): ArrayLike<number> => data.subarray(i * width, (i + 1) * width);

/** What each head looks at from a position. */
function headsAt({ data, width }: Rows, nHead: number, position: number): number[][] {
  const capacity = width / nHead;
  return Array.from({ length: nHead }, (_, head) => {
    const first = position * width + head * capacity;
    return Array.from(data.subarray(first, first + position + 1));
  });
}

function characterOf({ vocabulary, bos }: Tokenizer, token: number): string {
  return token === bos ? "" : vocabulary[token];
}

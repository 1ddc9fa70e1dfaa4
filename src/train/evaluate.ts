/**
 * Evaluation: the loss over a fixed set of documents, and what counting reaches on it.
 *
 * @module
 */

import type { Documents } from "../corpus/lazy.ts";
import { appendDocument, documentTokens, type Tokenizer } from "../corpus/tokenizer.ts";
import { fitNgram, ngramLosses } from "../corpus/ngram.ts";
import { ALONE, type Communicator, shareOf } from "./communicator.ts";
import { type Batch, type Engine, positionsOf } from "../engines/engine.ts";
import { engine } from "../engines/engines.ts";
import type { ModelConfig } from "../model/config.ts";
import type { Model } from "../model/model.ts";
import type { Parameters } from "../model/parameters.ts";

/** How well a model predicts a set of documents. The three figures say the same in different units. */
export type Evaluation = {
  /** Number of documents. */
  readonly documents: number;
  /** Number of tokens predicted: the characters, and the end of each document that the block has room for. */
  readonly tokens: number;
  /** Cross-entropy in nats a token: the mean over all tokens, so that a long document counts for more than a short one. */
  readonly loss: number;
  /** The same in bits: `loss / ln 2`. The end of a document counts as a character, as the line end does in its file. */
  readonly bitsPerCharacter: number;
  /** `exp(loss)`: among how many equally likely tokens the choice would be as hard; at most the largest number there is. */
  readonly perplexity: number;
};

/** The figures of a total loss. */
function evaluation(documents: Batch, config: ModelConfig, total: number): Evaluation {
  const tokens = documents.reduce((sum, document) => sum + positionsOf(config, document), 0);
  const loss = total / tokens;
  return {
    documents: documents.length,
    tokens,
    loss,
    bitsPerCharacter: loss / Math.LN2,
    perplexity: Math.min(Math.exp(loss), Number.MAX_VALUE),
  };
}

/**
 * Evaluates a model on documents. Of a document longer than the block the beginning counts, as in training.
 *
 * @param model The model.
 * @param documents At least one.
 * @param options `engine`: what computes the loss; by default a new array engine.
 * @throws {RangeError} If there is no document, a character is not in the vocabulary, or the loss is not finite.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { evaluate, initTraining, names } from "@microgpt/microgpt";
 *
 * const { loss } = evaluate(initTraining(names), names.slice(0, 100));
 * assert(loss > 3 && loss < 3.6); // about ln 27: it knows nothing yet
 * ```
 */
export function evaluate(
  model: Model,
  documents: Documents,
  options: { engine?: Engine } = {},
): Evaluation {
  const most = model.config.blockSize + 1;
  return evaluateTokens(
    model,
    Array.from(documents, (document) => documentTokens(model.tokenizer, document, most)),
    options,
  );
}

/**
 * {@linkcode evaluate} on documents that are tokens already.
 *
 * @param parameters The model's numbers.
 * @param documents The tokens of each, from BOS to BOS; at least one.
 * @param options `engine`: what computes the loss; by default a new array engine. `communicator`: who takes a share of it.
 * @throws {RangeError} If there is no document, a token or the parameters do not fit the config, or the loss is not finite.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { evaluateTokens } from "@microgpt/microgpt/train";
 *
 * assertEquals(evaluateTokens(initTraining(["ab"]), [[2, 0, 1, 2]]).tokens, 3);
 * ```
 */
export function evaluateTokens(
  parameters: Parameters,
  documents: Batch,
  options: { engine?: Engine; communicator?: Communicator } = {},
): Evaluation {
  if (documents.length === 0) throw new RangeError("0 documents cannot be evaluated: there must be at least 1");
  const { engine: chosen = engine("array"), communicator = ALONE } = options;
  const [first, end] = shareOf(documents.length, communicator);
  const sums = Float64Array.of(chosen.totalLoss(parameters, documents.slice(first, end)));
  communicator.sum(sums);
  const [total] = sums;
  if (!Number.isFinite(total)) {
    throw new RangeError(
      `the loss on ${documents.length} documents is ${total}: it must be finite; a lower learning rate may have kept it so`,
    );
  }
  return evaluation(documents, parameters.config, total);
}

/** The models that a loss is compared with, from the one that knows nothing, and how many tokens each looks at. */
export const BASELINES: Readonly<Record<keyof Baselines, number>> = { uniform: 0, unigram: 1, bigram: 2, trigram: 3 };

/** How well each of the baselines predicts. */
export type Baselines = Readonly<Record<"uniform" | "unigram" | "bigram" | "trigram", Evaluation>>;

/**
 * Fits each of {@linkcode BASELINES} to some documents and evaluates it on others.
 *
 * @param model Gives the vocabulary and the block size; its parameters do not matter.
 * @param training The documents to fit to.
 * @param documents The documents to evaluate on; at least one.
 * @throws {RangeError} If there is no document to evaluate, or a character is not in the vocabulary.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { evaluateBaselines, initTraining, names } from "@microgpt/microgpt";
 *
 * const { uniform, bigram, trigram } = evaluateBaselines(initTraining(names), names, names);
 * assert(trigram.loss < bigram.loss && bigram.loss < uniform.loss);
 * ```
 */
export function evaluateBaselines(
  { tokenizer, config }: Model,
  training: Documents,
  documents: Documents,
): Baselines {
  if (documents.length === 0) throw new RangeError("0 documents cannot be evaluated: there must be at least 1");
  const { vocabSize, blockSize } = config;
  // One after the other: the tokens of a large data set need not all be in memory at once.
  const trigram = fitNgram(tokensOf(training, tokenizer, blockSize), {
    order: BASELINES.trigram,
    vocabSize,
    blockSize,
  });
  const evaluated = Array.from(documents, (document) => documentTokens(tokenizer, document, blockSize + 1));
  // A model of a lower order has the same counts, of shorter contexts only.
  const losses = ngramLosses(trigram, evaluated, blockSize);
  const baseline = (order: number): Evaluation => evaluation(evaluated, config, losses[order]);
  return {
    uniform: baseline(BASELINES.uniform),
    unigram: baseline(BASELINES.unigram),
    bigram: baseline(BASELINES.bigram),
    trigram: baseline(BASELINES.trigram),
  };
}

/** The tokens of each document, one after the other. */
function* tokensOf(documents: Documents, tokenizer: Tokenizer, blockSize: number): Generator<number[]> {
  for (const document of documents) yield appendDocument([], tokenizer, document, blockSize + 1);
}

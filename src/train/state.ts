/**
 * A run between two steps, and how a run begins: new, or from what was saved.
 *
 * @module
 */

import { arrangeDocuments, type ArrangeSettings } from "../corpus/arrange.ts";
import type { Documents, Texts } from "../corpus/lazy.ts";
import { normalizeDocuments } from "../corpus/normalize.ts";
import { createTokenizer } from "../corpus/tokenizer.ts";
import { DEFAULT_SHAPE, modelConfig, type ModelShape } from "../model/config.ts";
import type { Model } from "../model/model.ts";
import { initParameters, type InitSettings } from "../model/parameters.ts";
import { growVocabulary } from "../model/vocabulary.ts";
import { adamInit, type AdamState } from "../optim/adam.ts";
import type { RandomState } from "../random/mt19937.ts";
import { settingError } from "../range.ts";
import { NOTHING_SELECTED, type Selection } from "./early_stopping.ts";
import { hyperparameters } from "./hyperparameters.ts";

/**
 * A run between two steps. It is a {@linkcode Model} and an {@linkcode AdamState} at once, so that it can be sampled,
 * differentiated and stepped as it is.
 */
export type TrainingState = Model & AdamState & {
  /** Number of steps taken. */
  readonly t: number;
  /** The random stream: it has shuffled the documents and drawn the parameters, and goes on with the samples. */
  readonly random: RandomState;
  /** The documents, or blocks of them, in the order in which they are trained on; those of a whole text are lazy. */
  readonly documents: Documents;
  /** Those that are held back to validate with; there may be none. */
  readonly validation: Documents;
  /** The best evaluation so far. */
  readonly selection: Selection;
  /** What the data is known by, such as the SHA-256 of its file; null if unknown. */
  readonly dataHash: string | null;
};

/** A run as it is saved: without its documents, and with the settings that arranged them. */
export type SavedTraining = Omit<TrainingState, "documents" | "validation"> & {
  /** The run's settings. */
  readonly hyperparameters: ArrangeSettings;
};

/** A run before its first step: what differs from the reference's. */
export type InitOptions = Partial<ModelShape & ArrangeSettings & InitSettings> & {
  /** A trained model to begin with, for fine-tuning: the run has its shape and its parameters, but nothing of its past. */
  readonly from?: Model;
  /** What the data is known by, such as the SHA-256 of its file. */
  readonly dataHash?: string;
};

/**
 * A run before its first step: documents normalized, split and shuffled, vocabulary collected, parameters drawn. The
 * vocabulary is that of all documents. Paragraphs that are longer than the block, and a whole text, are cut into
 * blocks.
 *
 * With `from`, the parameters are that model's, and its characters belong to the vocabulary too. Only characters that it
 * does not know get parameters drawn: {@linkcode growVocabulary}.
 *
 * Source: microgpt.py, from `random.seed(42)` to `params`; it holds no documents back.
 *
 * @param documents At least one; their order matters only to the shuffle.
 * @param options The shape, the settings, what the data is known by, and the model to begin with.
 * @throws {RangeError} If there is no document or no character, a document has half of a surrogate pair, an option is out
 * of range, or the shape is not that of the model to begin with.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names } from "@microgpt/microgpt";
 *
 * const { documents, config } = initTraining(names, { seed: 42, nLayer: 2 });
 * assertEquals([documents.at(0), config.vocabSize], ["hugibert", 27]);
 * ```
 * @example Fine-tune a model on other data
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names, trainStep } from "@microgpt/microgpt";
 *
 * const model = trainStep(initTraining(names)).state();
 * const { t, config } = initTraining(["zoë", "chloë"], { from: model, seed: 7 });
 * assertEquals([t, config.vocabSize], [0, 28]); // ë is new
 * ```
 */
export function initTraining(documents: Texts, options: InitOptions = {}): TrainingState {
  if (documents.length === 0) throw new RangeError("0 documents cannot be trained on: there must be at least 1");
  const { seed, initStd, valFraction, documentKind, normalize } = hyperparameters(options);
  const { from } = options;
  if (from !== undefined) checkSameShape(options, from.config);
  const texts = normalizeDocuments(documents, documentKind, normalize);
  const tokenizer = createTokenizer(from === undefined ? texts : both(from.tokenizer.vocabulary, texts));
  const config = modelConfig(tokenizer.bos + 1, from?.config ?? options);
  const { blockSize } = config;
  const arranged = arrangeDocuments(texts, { seed, valFraction, documentKind, normalize: "none", blockSize });
  const [{ params }, random] = from === undefined
    ? initParameters(config, arranged.random, initStd)
    : growVocabulary(from, tokenizer, arranged.random, initStd);
  return {
    config,
    tokenizer,
    ...adamInit(params),
    t: 0,
    random,
    documents: arranged.documents,
    validation: arranged.validation,
    selection: NOTHING_SELECTED,
    dataHash: options.dataHash ?? null,
  };
}

/** Texts, and after them others. */
function* both(first: Iterable<string>, second: Iterable<string>): Generator<string> {
  yield* first;
  yield* second;
}

/** Refuses a shape that a model does not have. */
function checkSameShape(shape: Partial<ModelShape>, own: ModelShape): void {
  for (const name of Object.keys(DEFAULT_SHAPE) as (keyof ModelShape)[]) {
    const value = shape[name] ?? own[name];
    if (value !== own[name]) {
      throw settingError((nameOf) =>
        `${nameOf(name)} ${value} cannot be used: the model to begin with has ${own[name]}, and keeps it`
      );
    }
  }
}

/**
 * A run that goes on from a saved state as if it had never stopped: the data is normalized, split and shuffled as it was
 * then, by the saved settings.
 *
 * @param saved The run, such as a checkpoint holds it.
 * @param documents The data set, in the order in which it was given to {@linkcode initTraining}.
 * @param options `dataHash` of these documents, which must then be the saved one, if there is one. To go on with other data
 * on purpose, leave it out: the best evaluation is then forgotten.
 * @throws {RangeError} If the documents are other data, one has a character that the vocabulary lacks, or a setting is out
 * of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hyperparameters, initTraining, resumeTraining, trainStep } from "@microgpt/microgpt";
 *
 * const saved = { ...trainStep(initTraining(["anna", "bob"])).state(), hyperparameters: hyperparameters() };
 * assertEquals(resumeTraining(saved, ["anna", "bob"]).t, 1);
 * ```
 */
export function resumeTraining(
  saved: SavedTraining,
  documents: Texts,
  options: { readonly dataHash?: string } = {},
): TrainingState {
  const { config, tokenizer, params, m, v, t, random } = saved;
  if (saved.hyperparameters === undefined) {
    throw new RangeError("a saved run without hyperparameters cannot go on: they say how its documents were arranged");
  }
  const { dataHash = null } = options;
  if (saved.dataHash !== null && dataHash !== null && dataHash !== saved.dataHash) {
    throw new RangeError(`data with the hash ${dataHash} does not fit: the run was trained on ${saved.dataHash}`);
  }
  const { seed, valFraction, documentKind, normalize } = hyperparameters(saved.hyperparameters);
  const texts = normalizeDocuments(documents, documentKind, normalize);
  const unknown = createTokenizer(texts).vocabulary.filter((character) => !tokenizer.ids.has(character));
  if (unknown.length > 0) {
    throw new RangeError(
      `documents with the characters ${JSON.stringify(unknown.join(""))} do not fit: the model was trained on ` +
        JSON.stringify(tokenizer.vocabulary.join("")),
    );
  }
  const { blockSize } = config;
  const arranged = arrangeDocuments(texts, { seed, valFraction, documentKind, normalize: "none", blockSize });
  // Losses on other data cannot be compared with those before.
  const isOther = saved.dataHash !== null && dataHash === null;
  return {
    ...{ config, tokenizer, params, m, v, t, random },
    documents: arranged.documents,
    validation: arranged.validation,
    selection: isOther ? NOTHING_SELECTED : saved.selection,
    dataHash,
  };
}

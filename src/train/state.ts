/**
 * A run between two steps, and how one begins: new, or from what was saved.
 *
 * @module
 */

import type { TrainingDocument } from "../corpus/blocks.ts";
import { createTokenizer } from "../corpus/tokenizer.ts";
import { modelConfig, type ModelShape } from "../model/config.ts";
import type { Model } from "../model/model.ts";
import { initParameters } from "../model/parameters.ts";
import type { RandomState } from "../random/mt19937.ts";
import { adamInit, type AdamState } from "./adam.ts";
import { arrangeDocuments } from "./arrange.ts";
import { type Hyperparameters, hyperparameters } from "./hyperparameters.ts";
import { NOTHING_SELECTED, type Selection } from "./selection.ts";

/**
 * A run between two steps. It is a {@linkcode Model} and an {@linkcode AdamState} at once, so that it can be sampled,
 * differentiated and stepped as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names, type TrainingState } from "@microgpt/microgpt";
 *
 * const state: TrainingState = initTraining(names);
 * assertEquals([state.t, state.params.length], [0, 4192]);
 * ```
 */
export type TrainingState = Model & AdamState & {
  /** Number of steps taken. */
  readonly t: number;
  /** The random stream: it has shuffled the documents and drawn the parameters, and goes on with the samples. */
  readonly random: RandomState;
  /** The documents, or blocks of them, in the order in which they are trained on. */
  readonly documents: readonly TrainingDocument[];
  /** Those that are held back to validate with; there may be none. */
  readonly validation: readonly TrainingDocument[];
  /** The best evaluation so far. */
  readonly selection: Selection;
  /** What the data is known by, such as the SHA-256 of its file; null where nobody said. */
  readonly dataHash: string | null;
};

/**
 * A run before its first step: documents split and shuffled, vocabulary collected, parameters drawn. The vocabulary is that
 * of all documents. Paragraphs that are longer than the block, and a whole text, are cut into blocks.
 *
 * Source: microgpt.py, from `random.seed(42)` to `params`; it holds no documents back.
 *
 * @param documents At least one; their order matters only to the shuffle.
 * @param options The shape, `seed`, `initStd`, `valFraction` and `documents` (what a document is), where they differ from
 * the reference's; `dataHash`: what the data is known by.
 * @throws {RangeError} If there is no document or no character, a document has half of a surrogate pair, or an option is
 * out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names } from "@microgpt/microgpt";
 *
 * const { documents, config } = initTraining(names, { seed: 42, nLayer: 2 });
 * assertEquals([documents[0], config.vocabSize], ["hugibert", 27]);
 * ```
 */
export function initTraining(
  documents: readonly string[],
  options: Partial<ModelShape & Pick<Hyperparameters, "seed" | "initStd" | "valFraction" | "documents">> & {
    dataHash?: string;
  } = {},
): TrainingState {
  if (documents.length === 0) throw new RangeError("0 documents cannot be trained on: there must be at least 1");
  const { seed, initStd, valFraction, documents: kind } = hyperparameters({
    seed: options.seed,
    initStd: options.initStd,
    valFraction: options.valFraction,
    documents: options.documents,
  });
  const tokenizer = createTokenizer(documents);
  const config = modelConfig(tokenizer.bos + 1, options);
  const arranged = arrangeDocuments(documents, { seed, valFraction, documents: kind, blockSize: config.blockSize });
  const [{ params }, random] = initParameters(config, arranged.random, initStd);
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

/**
 * A run that goes on from a saved state, as if it had never stopped: on the documents it was trained on, with the
 * hyperparameters that arranged them.
 *
 * @param saved The state without its documents, such as a checkpoint holds it.
 * @param documents The data set, in the order in which it was given to {@linkcode initTraining}.
 * @param options `seed`, `valFraction` and `documents` of the run; `dataHash` of these documents, which must then be the
 * saved one, if there is one. To go on with other data on purpose, leave it away: the best evaluation is then forgotten.
 * @throws {RangeError} If the documents are other data, one has a character that the vocabulary lacks, or an option is out
 * of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, resumeTraining, trainStep } from "@microgpt/microgpt";
 *
 * const { documents: _, ...saved } = trainStep(initTraining(["anna", "bob"])).state();
 * assertEquals(resumeTraining(saved, ["anna", "bob"]).t, 1);
 * ```
 */
export function resumeTraining(
  saved: Omit<TrainingState, "documents" | "validation">,
  documents: readonly string[],
  options: Partial<Pick<Hyperparameters, "seed" | "valFraction" | "documents">> & { dataHash?: string } = {},
): TrainingState {
  const { seed, valFraction, documents: kind } = hyperparameters({
    seed: options.seed,
    valFraction: options.valFraction,
    documents: options.documents,
  });
  const { dataHash = null } = options;
  if (saved.dataHash !== null && dataHash !== null && dataHash !== saved.dataHash) {
    throw new RangeError(`data with the hash ${dataHash} does not fit: the run was trained on ${saved.dataHash}`);
  }
  const isOther = saved.dataHash !== null && dataHash === null;
  const unknown = createTokenizer(documents).vocabulary.filter((character) => !saved.tokenizer.ids.has(character));
  if (unknown.length > 0) {
    throw new RangeError(
      `documents with the characters ${JSON.stringify(unknown.join(""))} do not fit: the model was trained on ` +
        JSON.stringify(saved.tokenizer.vocabulary.join("")),
    );
  }
  const { blockSize } = saved.config;
  const { random: _, ...arranged } = arrangeDocuments(documents, { seed, valFraction, documents: kind, blockSize });
  // Losses on other data cannot be compared with those before.
  const selection = isOther ? NOTHING_SELECTED : saved.selection;
  return { ...saved, ...arranged, selection, dataHash };
}

/**
 * A step of a run as it was: its documents, what was predicted at each of their positions, and what the model said then.
 *
 * @module
 */

import { batchAt } from "../corpus/documents.ts";
import { type ExplainedPosition, explainText } from "../sample/explain.ts";
import { textOf, type TrainingDocument } from "../corpus/blocks.ts";
import type { Model } from "../model/model.ts";
import type { TrainingState } from "../train/state.ts";

/** A document as a model sees it. */
export type TracedDocument = {
  /** Its characters. */
  readonly text: string;
  /** The mean of its positions' losses, in nats. */
  readonly loss: number;
  /** What was predicted, position by position. */
  readonly positions: readonly ExplainedPosition[];
};

/**
 * A document as a model sees it.
 *
 * @param model The model.
 * @param document A document or block of one.
 * @throws {RangeError} If a character is not in the vocabulary.
 */
export function traceDocument(model: Model, document: TrainingDocument): TracedDocument {
  const positions = explainText(model, document);
  const bits = positions.reduce((sum, { surprisal }) => sum + surprisal, 0);
  return { text: textOf(document), loss: bits * Math.LN2 / positions.length, positions };
}

/**
 * The documents of the step that comes after a state: what it will be trained on next, before it has learned from them.
 *
 * @param state A run between two steps.
 * @param batch The number of documents in a step.
 * @param most The most documents to trace; by default all.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { initTraining, names, trainStep } from "@microgpt/microgpt";
 * import { traceStep } from "@microgpt/microgpt/view";
 *
 * const state = initTraining(names);
 * assertAlmostEquals(traceStep(state, 1)[0].loss, trainStep(state).loss);
 * ```
 */
export function traceStep(state: TrainingState, batch: number, most: number = Infinity): TracedDocument[] {
  return batchAt(state.documents, state.t, batch).slice(0, most).map((document) => traceDocument(state, document));
}

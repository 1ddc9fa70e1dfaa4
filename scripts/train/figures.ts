/**
 * The figures that a run is judged by.
 *
 * @module
 */

import {
  type Baselines,
  type Engine,
  evaluate,
  evaluateBaselines,
  type Evaluation,
  type StepEvaluation,
  type TrainingDocument,
  type TrainingState,
} from "../../mod.ts";
import type { Run } from "./run.ts";

/** The figures at the end. */
export type FinalEvaluation = { readonly training: Evaluation; readonly validation?: Evaluation };

/** The documents that figures are compared on: those held back, where there are any. */
function compared({ documents, validation }: TrainingState, most: number): readonly TrainingDocument[] {
  return (validation.length > 0 ? validation : documents).slice(0, most);
}

/** What counting the training documents achieves on those that are compared. */
export function baselinesOf({ state, data, settings }: Run): Baselines {
  // Counts have no order, and millions of documents are read faster in the order in which they lie in memory.
  const isAll = settings.documentKind === "line" && state.validation.length === 0;
  return evaluateBaselines(state, isAll ? data.documents : state.documents, compared(state, settings.evalDocuments));
}

/**
 * The evaluation after the last step.
 *
 * @param engine What computes it: what has trained.
 * @param made What training has evaluated after that step, if it has.
 */
export function finalEvaluation(
  { settings }: Run,
  engine: Engine,
  state: TrainingState,
  made: StepEvaluation | undefined,
): FinalEvaluation {
  const most = settings.evalDocuments;
  const training = made?.training ?? evaluate(state, state.documents.slice(0, most), { engine });
  if (state.validation.length === 0) return { training };
  return { training, validation: made?.validation ?? evaluate(state, compared(state, most), { engine }) };
}

/**
 * Early stopping: which state of a run is the best, and when to stop looking for a better one.
 *
 * @module
 */

import { checkRange, type Range } from "../range.ts";

/** When to evaluate, on how much, and when to stop. */
export type EvaluationSettings = {
  /** Number of steps from one evaluation to the next; 0 for the end only. */
  readonly evalEvery: number;
  /** The most documents of each part that are evaluated: always the same ones. */
  readonly evalDocuments: number;
  /** Number of evaluations without a better validation loss after which training ends; 0 for never. */
  readonly patience: number;
};

/** An evaluation at the end, and no early stopping. */
export const EVALUATION_DEFAULTS: EvaluationSettings = { evalEvery: 0, evalDocuments: 1000, patience: 0 };

/** The values allowed for each. */
export const EVALUATION_RANGES: Readonly<Record<keyof EvaluationSettings, Range>> = {
  evalEvery: { whole: true, from: 0, to: 1e12 },
  evalDocuments: { whole: true, from: 1, to: 1e9 },
  patience: { whole: true, from: 0, to: 1e9 },
};

/** The best evaluation of a run so far. */
export type Selection = {
  /** The lowest validation loss so far, in nats; null before the first evaluation. */
  readonly bestLoss: number | null;
  /** Number of steps that were taken then. */
  readonly bestT: number;
  /** Number of evaluations since then. */
  readonly waited: number;
};

/** The selection of a run that was not evaluated yet. */
export const NOTHING_SELECTED: Selection = { bestLoss: null, bestT: 0, waited: 0 };

/**
 * The selection after one more evaluation. A loss is better if it is lower than all before; the first of equals stays.
 *
 * @param selection The best evaluation before.
 * @param t Number of steps taken.
 * @param loss The validation loss.
 * @throws {RangeError} If the loss is negative or not finite: it would make no sense to go on.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NOTHING_SELECTED, select } from "@microgpt/microgpt/train";
 *
 * const first = select(NOTHING_SELECTED, 100, 2.5);
 * assertEquals(select(first, 200, 2.6), { bestLoss: 2.5, bestT: 100, waited: 1 });
 * ```
 */
export function select(selection: Selection, t: number, loss: number): Selection {
  const { bestLoss, waited } = selection;
  checkRange("the validation loss", loss, { from: 0 });
  return bestLoss === null || loss < bestLoss ? { bestLoss: loss, bestT: t, waited: 0 } : {
    ...selection,
    waited: waited + 1,
  };
}

/**
 * Whether the last `patience` evaluations brought nothing better; never where `patience` is 0.
 *
 * @param selection The best evaluation so far.
 * @param patience Number of evaluations to wait for a better one; 0 never stops early.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isExhausted } from "@microgpt/microgpt/train";
 *
 * assertEquals(isExhausted({ bestLoss: 2.5, bestT: 100, waited: 3 }, 3), true);
 * ```
 */
export function isExhausted({ waited }: Selection, patience: number): boolean {
  return patience > 0 && waited >= patience;
}

/**
 * A selection with each number checked.
 *
 * @param selection The selection to check.
 * @throws {RangeError} If a number is out of range.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSelection } from "@microgpt/microgpt/train";
 *
 * assertThrows(() => checkSelection({ bestLoss: -1, bestT: 0, waited: 0 }), RangeError, "bestLoss -1");
 * ```
 */
export function checkSelection({ bestLoss, bestT, waited }: Selection): Selection {
  return {
    bestLoss: bestLoss === null ? null : checkRange("bestLoss", bestLoss, { from: 0 }),
    bestT: checkRange("bestT", bestT, { whole: true, from: 0 }),
    waited: checkRange("waited", waited, { whole: true, from: 0 }),
  };
}

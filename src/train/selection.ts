/**
 * Which state of a run is the best, and when to stop looking for a better one.
 *
 * @module
 */

import { inRange } from "../range.ts";

/**
 * The best evaluation of a run so far.
 *
 * @example
 * ```ts
 * import { NOTHING_SELECTED, select, type Selection } from "@microgpt/microgpt";
 *
 * const selection: Selection = select(NOTHING_SELECTED, 100, 2.5);
 * ```
 */
export type Selection = {
  /** The lowest validation loss so far, in nats; null before the first evaluation. */
  readonly bestLoss: number | null;
  /** Number of steps that were taken then. */
  readonly bestT: number;
  /** Number of evaluations since then. */
  readonly waited: number;
};

/**
 * The selection of a run that was not evaluated yet.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NOTHING_SELECTED } from "@microgpt/microgpt";
 *
 * assertEquals(NOTHING_SELECTED.bestLoss, null);
 * ```
 */
export const NOTHING_SELECTED: Selection = { bestLoss: null, bestT: 0, waited: 0 };

/**
 * The selection after one more evaluation. A loss is better if it is lower than all before; the first of equals stays, and
 * what is not finite is never better.
 *
 * @param t Number of steps taken.
 * @param loss The validation loss.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NOTHING_SELECTED, select } from "@microgpt/microgpt";
 *
 * const first = select(NOTHING_SELECTED, 100, 2.5);
 * assertEquals(select(first, 200, 2.6), { bestLoss: 2.5, bestT: 100, waited: 1 });
 * ```
 */
export function select(selection: Selection, t: number, loss: number): Selection {
  const { bestLoss, waited } = selection;
  return Number.isFinite(loss) && (bestLoss === null || loss < bestLoss) ? { bestLoss: loss, bestT: t, waited: 0 } : {
    ...selection,
    waited: waited + 1,
  };
}

/**
 * Whether the last `patience` evaluations brought nothing better; never where `patience` is 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isExhausted } from "@microgpt/microgpt";
 *
 * assertEquals(isExhausted({ bestLoss: 2.5, bestT: 100, waited: 3 }, 3), true);
 * ```
 */
export function isExhausted({ waited }: Selection, patience: number): boolean {
  return patience > 0 && waited >= patience;
}

/**
 * A selection, each number checked.
 *
 * @throws {RangeError} If it is none.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSelection } from "@microgpt/microgpt";
 *
 * assertThrows(() => checkSelection({ bestLoss: -1, bestT: 0, waited: 0 }), RangeError, "bestLoss -1");
 * ```
 */
export function checkSelection({ bestLoss, bestT, waited }: Selection): Selection {
  return {
    bestLoss: bestLoss === null ? null : inRange("bestLoss", bestLoss, { from: 0 }),
    bestT: inRange("bestT", bestT, { whole: true, from: 0 }),
    waited: inRange("waited", waited, { whole: true, from: 0 }),
  };
}

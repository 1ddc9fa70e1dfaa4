/**
 * What is kept of a run, so that any of its steps can be had again: some of its states, from which the rest follows.
 *
 * @module
 */

import type { TrainingState } from "../train/state.ts";
import { type StepOptions, type TrainingStep, trainSteps } from "../train/train.ts";

/** What changes from step to step. The documents, vocabulary and shape are the run's. */
export type Moment = Pick<TrainingState, "t" | "params" | "m" | "v" | "random" | "selection">;

/** Moments of a run, the earliest first. */
export type History = readonly Moment[];

/**
 * What of a state is kept.
 *
 * @param state The state.
 */
export function momentOf({ t, params, m, v, random, selection }: TrainingState): Moment {
  return { t, params, m, v, random, selection };
}

/**
 * A history with one more moment. If there are then too many, every second one goes, but the first and the newest stay.
 *
 * @param history What is kept so far.
 * @param next A later moment.
 * @param most How many to keep, from 2.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { type History, keep, momentOf } from "@microgpt/microgpt/view";
 *
 * const state = momentOf(initTraining(["anna", "bob"]));
 * let history: History = [];
 * for (let t = 0; t < 5; t++) history = keep(history, { ...state, t }, 4);
 * assertEquals(history.map(({ t }) => t), [0, 2, 4]);
 * ```
 */
export function keep(history: History, next: Moment, most: number): History {
  const all = [...history, next];
  if (all.length <= most) return all;
  return all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
}

/**
 * The latest moment of a history that is not after a step.
 *
 * @param history The earliest first.
 * @param t A step, from that of the first moment.
 * @throws {RangeError} If the history begins after the step.
 */
export function nearest(history: History, t: number): Moment {
  const found = history.findLast((moment) => moment.t <= t);
  if (found === undefined) throw new RangeError(`step ${t} cannot be had again: it must be from ${history[0]?.t} on`);
  return found;
}

/**
 * The steps between a moment of a run and another, taken again to the same bits.
 *
 * @param run The run at any moment.
 * @param from Where to begin.
 * @param to The last step to take.
 * @param options How the run steps: with the same engine and settings as it did.
 */
export function* replay(run: TrainingState, from: Moment, to: number, options: StepOptions): Generator<TrainingStep> {
  for (const step of trainSteps({ ...run, ...from }, options)) {
    if (step.t > to) return;
    yield step;
    if (step.t === to) return;
  }
}

/**
 * States that training visits.
 *
 * @module
 */

import { initTraining, names, type StepOptions, type TrainingState, trainSteps } from "../mod.ts";

/** The state after the last step, or after step `last`. */
export function trained(state: TrainingState, options: StepOptions, last: number = Infinity): TrainingState {
  for (const step of trainSteps(state, options)) {
    if (step.t > last) break;
    state = step.state();
  }
  return state;
}

/** A model that has seen some names: a few steps in, when it is no longer uniform and not yet sure. */
export const trainedOnNames: TrainingState = trained(initTraining(names), { steps: 60 });

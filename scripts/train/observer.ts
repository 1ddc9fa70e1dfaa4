/**
 * Who looks on while a run takes its steps.
 *
 * @module
 */

import type { TrainingState, TrainingStep } from "../../mod.ts";

/** Sees every step of a run as it is taken. */
export type Observer = {
  readonly step: (step: TrainingStep) => void;
  /** Called after the last step, with the state it led to; without one if the run failed. */
  readonly end?: (state?: TrainingState) => void;
};

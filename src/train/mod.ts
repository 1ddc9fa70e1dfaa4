/**
 * Training: a run as a value, its steps, evaluation and early stopping.
 *
 * @module
 */

export * from "./communicator.ts";
export * from "./early_stopping.ts";
export * from "./evaluate.ts";
export * from "./hyperparameters.ts";
export * from "./state.ts";
export * from "./train.ts";

/**
 * Sampling: generation, filters, novelty, and why a model says what it says.
 *
 * @module
 */

export * from "./draw.ts";
export * from "./explain.ts";
export * from "./filter.ts";
export * from "./novelty.ts";
export * from "./sample.ts";
export * from "./stop.ts";

/**
 * Optimization: Adam, learning-rate schedules, and gradient clipping.
 *
 * @module
 */

export * from "./adam.ts";
export * from "./clip.ts";
export * from "./finite.ts";
export * from "./schedule.ts";

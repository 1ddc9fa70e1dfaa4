/**
 * The building blocks of the array engine: each forward pass beside its backward pass.
 *
 * @module
 */

export * from "./rows.ts";
export * from "./embedding.ts";
export * from "./rms_norm.ts";
export * from "./linear.ts";
export * from "./attention.ts";
export * from "./relu.ts";
export * from "./dropout.ts";
export * from "./cross_entropy.ts";
export * from "./activations.ts";
export * from "./decoder.ts";

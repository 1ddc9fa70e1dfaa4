/**
 * The shape of a GPT, its parameters, and its forward pass, written once: the specification.
 *
 * @module
 */

export * from "./config.ts";
export * from "./dropout.ts";
export * from "./gpt.ts";
export * from "./model.ts";
export * from "./ops.ts";
export * from "./parameters.ts";
export * from "./tokens.ts";
export * from "./transformer.ts";
export * from "./vocabulary.ts";

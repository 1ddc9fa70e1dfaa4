/**
 * Text to documents, documents to tokens, and what counting says about them.
 *
 * @module
 */

export * from "./arrange.ts";
export * from "./blocks.ts";
export * from "./code_points.ts";
export * from "./counts.ts";
export * from "./documents.ts";
export * from "./format.ts";
export * from "./lazy.ts";
export * from "./names.ts";
export * from "./ngram.ts";
export * from "./normalize.ts";
export * from "./packed.ts";
export * from "./split.ts";
export * from "./text_set.ts";
export * from "./tokenizer.ts";

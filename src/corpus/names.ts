/**
 * The data set that comes with the library.
 *
 * @module
 */

import text from "../../data/names.txt" with { type: "text" };

/** A function without effects, so that a bundler leaves out the names where they are not used. */
const linesOf = (text: string): string[] => text.trimEnd().split("\n");

/** 8,403 English given names, in lower case and sorted. Where they come from stands in data/README.md. */
export const names: readonly string[] = /* @__PURE__ */ linesOf(text);

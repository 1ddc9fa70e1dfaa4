/**
 * The data set that comes with the library.
 *
 * @module
 */

import text from "../../data/names.txt" with { type: "text" };

/** 8,403 English given names, in lower case and sorted. Where they come from stands in data/README.md. */
export const names: readonly string[] = text.trimEnd().split("\n");

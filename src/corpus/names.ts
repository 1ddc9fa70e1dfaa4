/**
 * The data set that comes with the library.
 *
 * @module
 */

import text from "../../data/names.txt" with { type: "text" };
import { parseDocuments } from "./dataset.ts";

/**
 * 8,403 English given names, in lower case and sorted. Where they come from stands in data/README.md.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { names } from "@microgpt/microgpt";
 *
 * assertEquals([names.length, names[0]], [8403, "aaren"]);
 * ```
 */
export const names: readonly string[] = parseDocuments(text);

/**
 * JSON from outside: parsed only if the result cannot be many times as large as its text.
 *
 * @module
 */

/** Deeper than any header or setting of a checkpoint. */
const MAX_DEPTH = 8;
/** Each list or object must have this many bytes of text on average; the shortest honest entry has three in 50. */
const BYTES_A_CONTAINER = 8;
/** This many are allowed in any text. */
const FREE_CONTAINERS = 64;

/**
 * The value of a JSON text. Text whose lists and objects are nested deeply, or so dense that they would take many times
 * the memory of the text, is refused unparsed.
 *
 * @param text JSON.
 * @throws {SyntaxError} If it is not JSON, or such JSON.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseJson } from "@microgpt/microgpt/formats";
 *
 * assertEquals(parseJson('{"shape":[2,3]}'), { shape: [2, 3] });
 * assertThrows(() => parseJson("[".repeat(1000)), SyntaxError, "nested too deeply");
 * ```
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  let containers = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++; // what follows a backslash does not end the string
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      containers++;
      if (++depth > MAX_DEPTH) {
        throw new SyntaxError(`the JSON is nested too deeply: ${MAX_DEPTH} levels are the most`);
      }
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  if (containers > FREE_CONTAINERS + text.length / BYTES_A_CONTAINER) {
    throw new SyntaxError(`the JSON is nothing but brackets: ${containers} of them in ${text.length} characters`);
  }
  return JSON.parse(text);
}

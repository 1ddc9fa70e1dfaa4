/**
 * Stop texts: what ends a sample when it comes up.
 *
 * @module
 */

import { encode, type Tokenizer } from "../corpus/tokenizer.ts";
import { settingError } from "../range.ts";

/**
 * Looks for the first occurrence of a text in tokens that come one by one.
 *
 * Source: Knuth, Morris & Pratt 1977.
 *
 * @param tokenizer Gives the vocabulary.
 * @param stop The text, of at least one character.
 * @returns A function to call with each token: how many of the last ones, this one included, are the beginning of the text;
 * as many as it has characters where all of it has come up.
 * @throws {RangeError} If the text is empty, or a character is not in the vocabulary.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createTokenizer, encode } from "@microgpt/microgpt";
 * import { stopMatcher } from "@microgpt/microgpt/sample";
 *
 * const tokenizer = createTokenizer(["ab"]);
 * const matched = stopMatcher(tokenizer, "aab");
 * assertEquals(encode(tokenizer, "abaaab").map(matched), [1, 0, 1, 2, 2, 3]);
 * ```
 */
export function stopMatcher(tokenizer: Tokenizer, stop: string): (token: number) => number {
  checkStop(tokenizer, stop);
  const wanted = encode(tokenizer, stop);
  // After m tokens of the text, the longest shorter beginning of it that they end with.
  const borders = [0, 0];
  const after = (matched: number, token: number): number => {
    while (matched > 0 && wanted[matched] !== token) matched = borders[matched];
    return wanted[matched] === token ? matched + 1 : 0;
  };
  for (let i = 1; i < wanted.length; i++) borders.push(after(borders[i], wanted[i]));
  let matched = 0;
  return (token) => matched = after(matched, token);
}

function checkStop({ ids }: Tokenizer, stop: string): void {
  if (stop === "") {
    throw settingError((nameOf) => `${nameOf("stop")} "" cannot be used: it must have at least one character`);
  }
  const unknown = [...stop].find((character) => !ids.has(character));
  if (unknown === undefined) return;
  throw settingError((nameOf) =>
    `${nameOf("stop")} ${JSON.stringify(stop)} cannot come up: ${JSON.stringify(unknown)} is not in the vocabulary`
  );
}

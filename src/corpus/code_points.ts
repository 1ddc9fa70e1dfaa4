/**
 * Characters of a text: Unicode code points, of which JavaScript's strings hold some in two units.
 *
 * @module
 */

/**
 * The number of units that the character at an index takes: 2 for a surrogate pair, else 1.
 *
 * @param text Any text.
 * @param index Where the character begins.
 */
export function characterLength(text: string, index: number): number {
  return text.codePointAt(index)! > 0xffff ? 2 : 1;
}

/**
 * The index after some characters, or the text's length if there are fewer.
 *
 * @param text Any text.
 * @param start Where the first of them begins.
 * @param count How many.
 */
export function indexAfter(text: string, start: number, count: number): number {
  let index = start;
  for (let i = 0; i < count && index < text.length; i++) index += characterLength(text, index);
  return Math.min(index, text.length);
}

/**
 * The number of characters in a text.
 *
 * @param text Any text.
 */
export function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += characterLength(text, index)) count++;
  return count;
}

/**
 * The first characters of a text.
 *
 * @param text Any text.
 * @param length How many; a text with fewer is returned itself.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { beginningOf } from "@microgpt/microgpt/corpus";
 *
 * assertEquals(beginningOf("🙂🙃!", 2), "🙂🙃");
 * ```
 */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, indexAfter(text, 0, length));
}

/**
 * Whether a text has more than some characters.
 *
 * @param text Any text.
 * @param length How many.
 */
export function isLonger(text: string, length: number): boolean {
  return text.length > length && indexAfter(text, 0, length) < text.length;
}

/**
 * The last character of a text.
 *
 * @param text Not empty.
 */
export function lastCharacter(text: string): string {
  const unit = text.charCodeAt(text.length - 1);
  return text.slice(unit >= 0xdc00 && unit < 0xe000 ? -2 : -1);
}

/**
 * The part of `@std/cli/unicode-width` that this project uses, for machines that cannot reach JSR: `deno.json` links here.
 *
 * @module
 */

/** Marks that stand on the letter before them, what shows nothing, and the parts of a Korean syllable after the first. */
const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u1160-\u11ff]/u;

/** Characters of East Asia, the forms of Latin ones that are as wide, and emoji. Source: Unicode's annex 11. */
const TWO_COLUMNS =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** What most text is; the others take milliseconds to compile. */
const PLAIN = /^[ -~]*$/;

/** How many columns of a terminal a text takes. */
export function unicodeWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    width += NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * Characters as people can tell them apart.
 *
 * @module
 */

/** What shows nothing of its own: controls, spaces, marks that need a letter, what no font draws. */
const INVISIBLE = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]/u;
/** More would fill the screen. */
const MOST = 40;

/** A character itself, or its code point where it shows nothing: `U+200B`. */
export function nameCharacter(character: string): string {
  if (!INVISIBLE.test(character)) return character;
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Characters on one line, cut short if there are many. */
export function listCharacters(characters: readonly string[]): string {
  const names = characters.slice(0, MOST).map(nameCharacter);
  return [...names, ...(characters.length > MOST ? ["…"] : [])].join(" ");
}

/**
 * Words as a shell reads them.
 *
 * @module
 */

/** A word of a command, in quotes if a shell would take it for something else. */
export function shellWord(text: string): string {
  return /^[\w./=,:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

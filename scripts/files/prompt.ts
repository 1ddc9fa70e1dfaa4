/**
 * Prompts that do not stand on the command line.
 *
 * @module
 */

import { checkRegular } from "./paths.ts";
import { reason } from "./reason.ts";
import { stdinPieces } from "./pieces.ts";
import { utf8TextIn } from "./utf8.ts";

/** The prompt in a file. */
export function promptInFile(path: string): string {
  return promptFrom("prompt file", path, () => {
    checkRegular(path);
    return [Deno.readFileSync(path)];
  });
}

/** The prompt that standard input gives until it ends. */
export function promptInStdin(): string {
  return promptFrom("prompt", "on standard input", () => [...stdinPieces()]);
}

function promptFrom(what: string, where: string, read: () => Uint8Array[]): string {
  let pieces: Uint8Array[];
  try {
    pieces = read();
  } catch (error) {
    throw new Error(`${what} ${where} cannot be read: ${reason(error, where)}`);
  }
  return promptIn(pieces, where, what);
}

/**
 * The prompt in bytes: text in UTF-8 without its last line end, with line ends and byte order mark as in data files.
 *
 * @param where Where the bytes come from, for an error.
 * @param what What they are.
 * @throws {Error} If they are not UTF-8, or no text is left.
 */
export function promptIn(pieces: Iterable<Uint8Array>, where: string, what: string): string {
  const text = [...utf8TextIn(pieces, { what: `${what} ${where}` })].join("");
  const prompt = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (prompt === "") throw new Error(`${what} ${where} is empty: it must have at least one character`);
  return prompt;
}

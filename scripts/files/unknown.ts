/**
 * Data with characters that a model does not know.
 *
 * @module
 */

import { type Checkpoint, createTokenizer, normalizeText, type Tokenizer } from "../../mod.ts";
import { atBoundaries, packTexts, strip } from "../../src/corpus/mod.ts";
import { listCharacters } from "../cli/characters.ts";
import { type Data, nameOf, textOf } from "./data.ts";

/**
 * Data without the documents that have characters which a model does not know.
 *
 * @param skips Whether there may be such documents.
 * @throws {RangeError} If there are such documents and may not be, or no other ones.
 */
export async function knownData<T extends Data>(
  checkpoint: Checkpoint,
  data: T,
  skips: boolean,
): Promise<T> {
  const { tokenizer } = checkpoint;
  const unknown = createTokenizer(data.documents).vocabulary.filter((character) => !tokenizer.ids.has(character));
  if (unknown.length === 0) return data;
  const documents = packTexts(Iterator.from(data.documents).filter((document) => isKnown(tokenizer, document)));
  const skipped = data.documents.length - documents.length;
  if (skips && documents.length > 0) return { ...data, documents, skipped };
  const all = data.documents.length;
  const some = documents.length > 0 ? `, or --skip-unknown leaves out ${skipped} of its ${all} documents` : "";
  throw new RangeError(
    `${nameOf(data.path)} has characters that the model does not know: ${listCharacters(unknown)}, the first in line ` +
      `${await firstLine(checkpoint, data)}${knownForm(checkpoint, data)}; ` +
      `it must have only those the model was trained on${some}`,
  );
}

/** Says how many documents were left out. */
export function skippedLine(skipped: number): string {
  return `skipped: ${skipped} docs with characters that the model does not know`;
}

function isKnown({ ids }: Tokenizer, text: string): boolean {
  for (const character of text) if (!ids.has(character)) return false;
  return true;
}

/** Says in which of Unicode's forms all characters are known, if in one, and if the model brings no text to its own. */
function knownForm({ tokenizer, hyperparameters }: Checkpoint, { documents }: Data): string {
  const { normalize, documentKind } = hyperparameters;
  const texts = documentKind === "whole" ? [...atBoundaries(documents)] : documents.slice();
  const form = normalize === "none"
    ? ["NFC", "NFD"].find((form) => texts.every((text) => isKnown(tokenizer, text.normalize(form))))
    : undefined;
  return form === undefined ? "" : `, but none in Unicode's form ${form}`;
}

const LINE_END = /\r\n|\r|\n/;

/** The number of the first line that has a character which is not known, counted from 1. */
async function firstLine({ tokenizer, hyperparameters }: Checkpoint, { path, source }: Data): Promise<number> {
  let line = 0;
  let rest = "";
  const isLine = (text: string): boolean => isKnown(tokenizer, normalizeText(strip(text), hyperparameters.normalize));
  for await (const piece of textOf(path, source.encoding)) {
    const lines = (rest + piece).split(LINE_END);
    rest = lines.pop()!;
    for (const text of lines) {
      line++;
      if (!isLine(line === 1 ? text.replace(/^\ufeff/, "") : text)) return line;
    }
  }
  return line + 1;
}

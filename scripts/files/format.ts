/**
 * What to do about data that is no plain text.
 *
 * @module
 */

import { formatOf, type TextFormat, type Texts } from "../../src/corpus/mod.ts";

const ADVICE: Readonly<Record<TextFormat, string>> = {
  "HTML": "save the text of the page instead",
  "a JSON array": "take its texts out, one a line, such as with jq -r '.[]'",
  "JSON lines": "take one field out, such as with jq -r .text",
  "CSV with a header": "keep one column without its header, such as with tail -n +2 and cut -d, -f1",
};

/** What a text looks like and what to do about it, if it is no plain text. */
export function formatAdvice(documents: Texts): string | undefined {
  const format = formatOf(documents);
  return format && `it looks like ${format}, of which the marks would be learnt too: ${ADVICE[format]}`;
}

/**
 * Refuses a page on the web where a text was asked for.
 *
 * @param name What to call it in the error.
 */
export function refusePage(name: string, documents: Texts): void {
  if (formatOf(documents) !== "HTML") return;
  throw new Error(`${name} is a page in HTML, not plain text: name the address of the text itself`);
}

/**
 * Whether a sample is new, and which document is nearest to it.
 *
 * @module
 */

import { textOf, type TrainingDocument } from "../corpus/blocks.ts";
import type { DocumentKind } from "../corpus/documents.ts";
import { canonical } from "../corpus/normalize.ts";
import { textSet } from "../corpus/text_set.ts";

/** What a sample is: new; a document that was trained on; or the same as a sample before it. */
export type Mark = "new" | "in training data" | "repeat";

/**
 * Marks samples one after the other: each is a `repeat` of an earlier one, else `in training data`, else `new`. Texts that
 * are canonically equivalent, and so look the same, are the same.
 *
 * @param documents What was trained on.
 * @param kind What counts as a document. A sample is in the training data if it is one of the lines; with lines in
 * blocks, paragraphs and whole texts, if it stands anywhere in them.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sampleMarker } from "@microgpt/microgpt/sample";
 *
 * const mark = sampleMarker(["anna", "bob"]);
 * assertEquals(["bo", "anna", "bo"].map(mark), ["new", "in training data", "repeat"]);
 * ```
 */
export function sampleMarker(documents: Iterable<string>, kind: DocumentKind = "line"): (text: string) => Mark {
  return markerOf(knownTexts(documents, kind));
}

/** Whether a text was trained on. */
export type Known = (text: string) => boolean;

/**
 * What was trained on, to be looked up as often as need be.
 *
 * @param documents What was trained on.
 * @param kind What counts as a document; see {@linkcode sampleMarker}.
 */
export function knownTexts(documents: Iterable<string>, kind: DocumentKind = "line"): Known {
  const texts = Iterator.from(documents).map(canonical);
  if (kind === "line") {
    const { has } = textSet(texts);
    return (text) => has(canonical(text));
  }
  const all = [...texts];
  return (text) => all.some((known) => known.includes(canonical(text)));
}

/**
 * {@linkcode sampleMarker} for texts that are already at hand.
 *
 * @param isKnown Whether a text was trained on.
 */
export function markerOf(isKnown: Known): (text: string) => Mark {
  const seen = new Set<string>();
  return (sample) => {
    const text = canonical(sample);
    if (seen.has(text)) return "repeat";
    seen.add(text);
    return isKnown(text) ? "in training data" : "new";
  };
}

/**
 * How many characters must be inserted, deleted or replaced to make one text the other.
 *
 * Source: Levenshtein 1966; Wagner & Fischer 1974.
 *
 * @param a A text.
 * @param b Another.
 * @param most Above this distance any larger number may be returned, which is faster. By default there is no limit.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { editDistance } from "@microgpt/microgpt/sample";
 *
 * assertEquals(editDistance("kitten", "sitting"), 3);
 * ```
 */
export function editDistance(a: string, b: string, most: number = Infinity): number {
  const [from, to] = [[...a], [...b]];
  if (Math.abs(from.length - to.length) > most) return Math.abs(from.length - to.length);
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, row[j] + 1, next[j - 1] + 1);
      next.push(distance);
      if (distance < least) least = distance;
    }
    if (least > most) return least; // it can only grow
    row = next;
  }
  return row[to.length];
}

/** The nearest of a data set's documents to a text. */
export type Nearest = {
  /** The document. */
  readonly text: string;
  /** Its edit distance. */
  readonly distance: number;
};

/**
 * The document, or block, that takes the fewest edits to become the text, as they look; the first of several.
 *
 * @param text A text.
 * @param documents Where to look.
 * @returns Undefined if there are no documents.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { names } from "@microgpt/microgpt";
 * import { nearestDocument } from "@microgpt/microgpt/sample";
 *
 * assertEquals(nearestDocument("kamon", names), { text: "damon", distance: 1 });
 * ```
 */
export function nearestDocument(text: string, documents: Iterable<TrainingDocument>): Nearest | undefined {
  let nearest: Nearest | undefined;
  const sought = canonical(text);
  for (const document of documents) {
    const candidate = textOf(document);
    const distance = editDistance(
      sought,
      canonical(candidate),
      nearest === undefined ? Infinity : nearest.distance - 1,
    );
    if (nearest === undefined || distance < nearest.distance) nearest = { text: candidate, distance };
    if (nearest.distance === 0) break;
  }
  return nearest;
}

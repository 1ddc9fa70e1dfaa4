/**
 * Samples as text or JSON.
 *
 * @module
 */

import type { Mark, Nearest, Sample } from "../../src/sample/mod.ts";
import { printable } from "../cli/task.ts";
import { printLines } from "./stdout.ts";

/** A sample with what is known of it. */
export type KnownSample = Sample & {
  /** What it is in relation to the training data, where that is known. */
  readonly mark?: Mark;
  /** The nearest training document, where it was asked for. */
  readonly nearest?: Nearest;
};

/** Where marks begin, after samples of the usual length. */
const MARK_COLUMN = 28;

/** Prints samples as the reference does: `sample  1: kamon`. */
export function printSamples(samples: Iterable<KnownSample>): void {
  printLines(numbered(samples));
}

/** A line for each sample. */
export function* numbered(samples: Iterable<KnownSample>): Generator<string> {
  let i = 0;
  for (const { text, mark, nearest } of samples) {
    const start = `sample ${String(++i).padStart(2)}: ${printable(text)}`;
    const notes = [
      ...(mark === undefined ? [] : [mark]),
      ...(nearest === undefined ? [] : [`nearest ${JSON.stringify(nearest.text)} at ${nearest.distance}`]),
    ];
    yield notes.length === 0 ? `${start}\n` : `${start.padEnd(MARK_COLUMN)}  ${notes.join("; ")}\n`;
  }
}

/** Prints samples, drawn with log-probabilities, as one JSON array, an object a line. */
export function printJson(samples: Iterable<KnownSample>): void {
  printLines(json(samples));
}

/** The parts of the array. */
export function* json(samples: Iterable<KnownSample>): Generator<string> {
  let i = 0;
  for (const { text, tokens, mark, nearest } of samples) {
    const logProbability = tokens.reduce((sum, token) => sum + token.logProbability!, 0);
    const entry = { sample: i + 1, text, mark, nearest, logProbability, tokens };
    yield `${i++ === 0 ? "[" : ","}\n${JSON.stringify(entry)}`;
  }
  yield i === 0 ? "[]\n" : "\n]\n";
}

/**
 * Samples as text, at once or as they are drawn, or as JSON.
 *
 * @module
 */

import type { Mark, Nearest, Sample } from "../../src/sample/mod.ts";
import { printable } from "../cli/printable.ts";
import { leftAligned } from "./table.ts";
import { bufferedStdout, type Output, printLines } from "./stdout.ts";

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
    const start = labelOf(++i) + printable(text);
    const notes = [
      ...(mark === undefined ? [] : [mark]),
      ...(nearest === undefined ? [] : [`nearest ${printable(JSON.stringify(nearest.text))} at ${nearest.distance}`]),
    ];
    yield notes.length === 0 ? `${start}\n` : `${leftAligned(start, MARK_COLUMN)}  ${notes.join("; ")}\n`;
  }
}

const labelOf = (number: number): string => `sample ${String(number).padStart(2)}: `;

/** Samples that appear as they are drawn. */
export type LiveSamples = {
  /** Takes the text of the next sample, piece by piece; the first piece may be empty. */
  readonly onText: (text: string) => void;
  /** Prints samples, of whose lines the texts may be there already. */
  readonly print: (samples: Iterable<KnownSample>) => void;
};

/** Prints the same as {@linkcode printSamples}, only earlier. */
export function liveSamples(out: Output = bufferedStdout()): LiveSamples {
  let number = 1;
  let written = 0;
  const put = (text: string): void => {
    out.write(text);
    written += text.length;
  };
  const onText = (text: string): void => put((written === 0 ? labelOf(number) : "") + printable(text));
  const print = (samples: Iterable<KnownSample>): void => {
    try {
      for (const line of numbered(samples)) {
        out.write(line.slice(written));
        written = 0;
        number++;
      }
    } finally {
      out.flush();
    }
  };
  return { onText, print };
}

/** Prints samples, drawn with log-probabilities, as one JSON array, an object a line. */
export function printJson(samples: Iterable<KnownSample>): void {
  printLines(json(samples));
}

/** The parts of the array. */
export function* json(samples: Iterable<KnownSample>): Generator<string> {
  let i = 0;
  for (const { text, end, tokens, mark, nearest } of samples) {
    const logProbability = tokens.reduce((sum, token) => sum + token.logProbability!, 0);
    const entry = { sample: i + 1, text, end, mark, nearest, logProbability, tokens };
    yield `${i++ === 0 ? "[" : ","}\n${JSON.stringify(entry)}`;
  }
  yield i === 0 ? "[]\n" : "\n]\n";
}

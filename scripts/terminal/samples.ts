/**
 * Drawing and printing samples, as `train` does at its end and `sample` at any time.
 *
 * @module
 */

import {
  decode,
  type Mark,
  type Model,
  type Nearest,
  type RandomState,
  type SampleOptions,
  sampleSteps,
  seedRandom,
} from "../../mod.ts";
import { printable } from "../cli/task.ts";

/** A sample with what is known of it. */
export type Sample = {
  readonly text: string;
  /** The characters that were drawn, and at last "" if the document ended; with log-probabilities in nats, if asked for. */
  readonly tokens: readonly { readonly text: string; readonly logProbability?: number }[];
  /** What it is beside the training data, where that is known. */
  readonly mark?: Mark;
  /** The nearest training document, where it was asked for. */
  readonly nearest?: Nearest;
};

/** Draws one document; returns it with the random stream after it. */
export function drawSample(model: Model, random: RandomState, options: SampleOptions): [Sample, RandomState] {
  const tokens: { text: string; logProbability?: number }[] = [];
  let next = random;
  for (const { token, logProbability, random } of sampleSteps(model, next, options)) {
    tokens.push({ text: decode(model.tokenizer, [token]), logProbability });
    next = random;
  }
  return [{ text: (options.prompt ?? "") + tokens.map(({ text }) => text).join(""), tokens }, next];
}

/** Draws so many samples, one after the other from one random stream. */
export function* drawSamples(
  model: Model,
  random: RandomState,
  { samples, ...options }: SampleOptions & { samples: number },
): Generator<Sample> {
  let next = random;
  for (let i = 0; i < samples; i++) {
    let sample: Sample;
    [sample, next] = drawSample(model, next, options);
    yield sample;
  }
}

/** Draws so many samples, each from a stream of its own: sample i depends on the seed and i alone. */
export function* drawSeeded(
  model: Model,
  seed: number,
  { samples, ...options }: SampleOptions & { samples: number },
): Generator<Sample> {
  for (let i = 0; i < samples; i++) yield drawSample(model, seedRandom(seed, i), options)[0];
}

/** How often to draw again before there seems to be nothing else. */
const MOST_TRIES = 1000;

/**
 * Draws until there are so many different samples. With a seed, try k of sample i depends on the seed, i and k alone.
 *
 * @throws {Error} If a thousand tries in a row bring nothing different.
 */
export function* drawUnique(
  model: Model,
  random: RandomState,
  seed: number | undefined,
  { samples, ...options }: SampleOptions & { samples: number },
): Generator<Sample> {
  const seen = new Set<string>();
  let next = random;
  for (let i = 0; i < samples; i++) {
    let sample: Sample;
    if (seed !== undefined) next = seedRandom(seed, i);
    let tries = 0;
    do {
      if (tries++ === MOST_TRIES) {
        throw new Error(
          `only ${i} different samples came in ${MOST_TRIES} tries after the last: --samples ${samples} with --unique ` +
            "needs a higher temperature or weaker filters",
        );
      }
      [sample, next] = drawSample(model, next, options);
    } while (seen.has(sample.text));
    seen.add(sample.text);
    yield sample;
  }
}

/** Prints samples as the reference does: `sample  1: kamon`. */
export function printSamples(samples: Iterable<Sample>): void {
  print(numbered(samples));
}

function* numbered(samples: Iterable<Sample>): Generator<string> {
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

/** Where marks begin, after samples of the usual length. */
const MARK_COLUMN = 28;

/** Prints samples, drawn with log-probabilities, as one JSON array, an object a line. */
export function printJson(samples: Iterable<Sample>): void {
  print(json(samples));
}

function* json(samples: Iterable<Sample>): Generator<string> {
  let i = 0;
  for (const { text, tokens, mark, nearest } of samples) {
    const logProbability = tokens.reduce((sum, token) => sum + token.logProbability!, 0);
    const entry = { sample: i + 1, text, mark, nearest, logProbability, tokens };
    yield `${i++ === 0 ? "[" : ","}\n${JSON.stringify(entry)}`;
  }
  yield i === 0 ? "[]\n" : "\n]\n";
}

/** Nobody sees lines that come closer together than this one by one. */
const FLUSH_MS = 20;

/**
 * Prints to stdout, many lines at once where they come fast. Unlike `console.log` it throws once nobody reads any more, as
 * in `deno task sample | head -1`.
 */
function print(lines: Iterable<string>): void {
  let waiting = "";
  let flushed = -Infinity;
  const flush = (): void => {
    const bytes = encoder.encode(waiting);
    for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
    waiting = "";
    flushed = performance.now();
  };
  try {
    for (const line of lines) {
      waiting += line;
      if (performance.now() - flushed > FLUSH_MS) flush();
    }
  } finally {
    flush();
  }
}

const encoder = new TextEncoder();

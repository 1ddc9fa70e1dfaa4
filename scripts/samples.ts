/**
 * Drawing and printing samples, as `train` does at its end and `sample` at any time.
 *
 * @module
 */

import { type Model, type RandomState, type SampleOptions, sampleText } from "../mod.ts";

/** Draws so many samples, one after the other from one random stream. */
export function* drawSamples(
  model: Model,
  random: RandomState,
  { samples, ...options }: SampleOptions & { samples: number },
): Generator<string> {
  let next = random;
  for (let i = 0; i < samples; i++) {
    let text: string;
    [text, next] = sampleText(model, next, options);
    yield text;
  }
}

/** Prints samples as the reference does: `sample  1: kamon`. */
export function printSamples(texts: Iterable<string>): void {
  print(numbered(texts));
}

function* numbered(texts: Iterable<string>): Generator<string> {
  let i = 0;
  for (const text of texts) yield `sample ${String(++i).padStart(2)}: ${text}\n`;
}

/** Prints samples as one JSON array, an object a line. */
export function printJson(texts: Iterable<string>): void {
  print(json(texts));
}

function* json(texts: Iterable<string>): Generator<string> {
  let i = 0;
  for (const text of texts) yield `${i === 0 ? "[" : ","}\n${JSON.stringify({ sample: ++i, text })}`;
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

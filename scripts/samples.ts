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
  let i = 0;
  for (const text of texts) print(`sample ${String(++i).padStart(2)}: ${text}\n`);
}

/** Prints samples as one JSON array, an object a line. */
export function printJson(texts: Iterable<string>): void {
  let i = 0;
  for (const text of texts) print(`${i === 0 ? "[" : ","}\n${JSON.stringify({ sample: ++i, text })}`);
  print(i === 0 ? "[]\n" : "\n]\n");
}

const encoder = new TextEncoder();

/** Prints to stdout; unlike `console.log` it throws once nobody reads any more, as in `deno task sample | head -1`. */
function print(text: string): void {
  const bytes = encoder.encode(text);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

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
  for (const text of texts) console.log(`sample ${String(++i).padStart(2)}: ${text}`);
}

/**
 * What an exported model runs by: the library's own forward pass and sampling, bundled into the file. It runs in browsers,
 * Node and Deno.
 *
 * @module
 */

import { createDecoder } from "../../src/engines/array/mod.ts";
import { drawSample, type SampleOptions } from "../../src/sample/mod.ts";
import { type Normalization, normalizeText, tokenizerOf } from "../../src/corpus/mod.ts";
import { type ModelConfig, parameterCount } from "../../src/model/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";

/** A model as its file holds it. */
export type Packed = {
  readonly config: ModelConfig;
  readonly vocabulary: readonly string[];
  readonly normalize: Normalization;
  /** The temperature that samples are usually drawn at. */
  readonly temperature: number;
  /** The parameters as base64: float32, or bytes of which `scales` has a factor for each row of a tensor. */
  readonly parameters: string;
  readonly scales?: string;
  /** The number of columns of each of those rows. */
  readonly columns?: readonly number[];
};

/** How to sample: see `sampleText` of the library. Without a seed every call is another sample. */
export type ExportedSampleOptions = Omit<SampleOptions, "logProbabilities"> & { readonly seed?: number };

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function floatsOf(base64: string): Float32Array {
  return new Float32Array(bytesOf(base64).buffer);
}

/** The parameters, `[n]`. */
export function parametersOf({ config, parameters, scales, columns }: Packed): Float64Array {
  if (scales === undefined || columns === undefined) return Float64Array.from(floatsOf(parameters));
  const bytes = new Int8Array(bytesOf(parameters).buffer);
  const params = new Float64Array(parameterCount(config));
  let at = 0;
  floatsOf(scales).forEach((scale, row) => {
    for (let c = 0; c < columns[row]; c++, at++) params[at] = Math.fround(scale * bytes[at]);
  });
  return params;
}

/** The functions of an exported model. */
export function modelOf(packed: Packed) {
  const { config, vocabulary, normalize, temperature } = packed;
  const tokenizer = tokenizerOf(vocabulary);
  const model = { config, tokenizer, params: parametersOf(packed) };
  return {
    /** Draws a document, as `deno task sample --seed` draws its first one. */
    sample: ({ seed = Math.floor(Math.random() * 2 ** 32), ...options }: ExportedSampleOptions = {}): string => {
      const prompt = normalizeText(options.prompt ?? "", normalize);
      return drawSample(model, seedRandom(seed, 0), { temperature, ...options, prompt })[0].text;
    },
    /** The logits of what comes after tokens, of which the first is BOS: `[vocabSize]`. */
    logits: (tokens: readonly number[]): Float64Array => {
      if (tokens.length === 0) throw new RangeError("0 tokens have no logits: begin with BOS");
      const decoder = createDecoder(model);
      let logits = new Float64Array();
      for (const token of tokens) logits = decoder.next(token) as Float64Array<ArrayBuffer>;
      return logits;
    },
    config,
    vocabulary,
    bos: tokenizer.bos,
  };
}

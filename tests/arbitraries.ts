/**
 * What the laws are tried on.
 *
 * @module
 */

import fc, { type Arbitrary } from "fast-check";
import { initTraining, type ModelConfig, modelConfig, type Parameters } from "../mod.ts";
import { parameterCount } from "../src/model/mod.ts";

/** Numbers spread evenly, from -largest to largest. (fast-check's doubles are as often as not 1e-100 and smaller.) */
const even = (largest: number): Arbitrary<number> =>
  fc.integer({ min: -10_000, max: 10_000 }).map((n) => largest * n / 10_000);

/** Numbers of everyday size. */
export const numbers: Arbitrary<number> = even(4);

/** Vectors of such numbers. */
export const vectors = (minLength: number, maxLength = minLength): Arbitrary<number[]> =>
  fc.array(numbers, { minLength, maxLength });

/** Shapes: one layer and more, one head and several, odd widths, blocks of any length, small vocabularies. */
export const configs: Arbitrary<ModelConfig> = fc
  .record({
    nLayer: fc.integer({ min: 1, max: 3 }),
    nHead: fc.integer({ min: 1, max: 3 }),
    headDim: fc.integer({ min: 1, max: 3 }),
    blockSize: fc.integer({ min: 1, max: 6 }),
    vocabSize: fc.integer({ min: 2, max: 7 }),
  })
  .map(({ headDim, vocabSize, ...shape }) => modelConfig(vocabSize, { ...shape, nEmbd: shape.nHead * headDim }));

/** Parameters of a shape, in the range that training visits and past it. */
export const parametersOf = (config: ModelConfig): Arbitrary<Parameters> => {
  const length = parameterCount(config);
  return fc
    .array(even(1), { minLength: length, maxLength: length, size: "max" })
    .map((params) => ({ config, params: Float64Array.from(params) }));
};

/** Documents from BOS to BOS: of no and of one character, and longer than the block. */
export const tokensOf = ({ vocabSize, blockSize }: ModelConfig): Arbitrary<number[]> =>
  fc
    .array(fc.integer({ min: 0, max: vocabSize - 2 }), { maxLength: blockSize + 2 })
    .chain((tokens) => first(vocabSize).map((token) => [token, ...tokens, vocabSize - 1]));

/** BOS, or any token: a block may begin in the middle of a document. */
const first = (vocabSize: number): Arbitrary<number> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(vocabSize - 1) }, { weight: 1, arbitrary: fc.nat(vocabSize - 1) });

/** A model with a document for it. */
export const modelsWithTokens: Arbitrary<{ parameters: Parameters; tokens: number[] }> = configs.chain((config) =>
  fc.record({ parameters: parametersOf(config), tokens: tokensOf(config) })
);

/** How many code points are no characters but halves of one in UTF-16. */
const SURROGATES = 0x800;

/**
 * Any Unicode character. fast-check's own unit "binary" generates the same, but takes 0.7 s to list them all when it is
 * first asked for. It needs the way back too, for the strings it knows to be dangerous, such as "__proto__".
 */
export const characters: Arbitrary<string> = fc.nat(0x10ffff - SURROGATES).map(
  (n) => String.fromCodePoint(n < 0xd800 ? n : n + SURROGATES),
  (character) => {
    const point = (character as string).codePointAt(0)!;
    return point < 0xd800 ? point : point - SURROGATES;
  },
);

/** Text of such characters. */
export const texts: Arbitrary<string> = fc.string({ unit: characters, minLength: 1, maxLength: 12 });

/** Characters that several texts look like, and what they are made of. */
const LOOKALIKES = ["\u00e9", "e\u0301", "e", "\u0301", "\u1e69", "s\u0323\u0307", "s\u0307\u0323", "\u212b", "\uac01"];

/** Text in any of Unicode's forms, or in none: letters with marks, singletons, Hangul in one character and in several. */
export const lookalikes: Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...LOOKALIKES, "\u1100", "\u1161", "\u11a8", "\uac00", "\ufb01", "\u0958", "a"),
  minLength: 1,
  maxLength: 6,
});

/** Data sets of at least two documents. */
export const dataSets: Arbitrary<string[]> = fc.array(texts, { minLength: 2, maxLength: 6 });

/** Runs before their first step, small enough to train in a test. */
export const trainings = fc
  .record({
    documents: dataSets,
    seed: fc.nat(),
    nLayer: fc.integer({ min: 1, max: 2 }),
    nHead: fc.integer({ min: 1, max: 2 }),
    headDim: fc.integer({ min: 1, max: 3 }),
    blockSize: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ documents, headDim, ...options }) => ({
    documents,
    seed: options.seed,
    state: initTraining(documents, { ...options, nEmbd: options.nHead * headDim }),
  }));

/** Filters of the next token's probabilities, alone and together. */
export const filters = fc.record({
  topK: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  topP: fc.option(fc.integer({ min: 1, max: 100 }).map((n) => n / 100), { nil: undefined }),
  minP: fc.option(fc.integer({ min: 0, max: 100 }).map((n) => n / 100), { nil: undefined }),
});

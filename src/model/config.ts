/**
 * The shape of a GPT.
 *
 * @module
 */

import { checkRange, type Range, settingError } from "../range.ts";

/**
 * The part of a model's shape that a user chooses.
 *
 * Source: microgpt.py, `n_layer`, `n_embd`, `n_head` and `block_size`.
 */
export type ModelShape = {
  /** Number of transformer layers. */
  readonly nLayer: number;
  /** Width of the embeddings and of the residual stream; a multiple of `nHead`. */
  readonly nEmbd: number;
  /** Number of attention heads, each `nEmbd / nHead` wide. */
  readonly nHead: number;
  /** The most positions that attention looks over, and so the longest document. */
  readonly blockSize: number;
};

/** The whole shape of a model: what the user chose, and the vocabulary that the data has. */
export type ModelConfig = ModelShape & {
  /** Number of tokens, BOS included. */
  readonly vocabSize: number;
};

/** The reference's shape: 1 layer, 16 wide, 4 heads, block size 16. */
export const DEFAULT_SHAPE: ModelShape = { nLayer: 1, nEmbd: 16, nHead: 4, blockSize: 16 };

/** The values allowed for each dimension; {@linkcode modelConfig} checks them together. */
export const SHAPE_RANGES: Readonly<Record<keyof ModelShape, Range>> = {
  nLayer: { whole: true, from: 1, to: 1_000 },
  nEmbd: { whole: true, from: 1, to: 65_536 },
  nHead: { whole: true, from: 1, to: 65_536 },
  blockSize: { whole: true, from: 1, to: 1_048_576 },
};

/** BOS and one character at least; at most all of Unicode. */
const VOCAB_RANGE: Range = { whole: true, from: 2, to: 0x110000 };

/** What WebAssembly's 4 GB hold of float32 parameters, m, v, gradients and transposed weights, and a batch with them. */
const MAX_PARAMETERS = 200_000_000;

/**
 * Number of parameters of a model.
 *
 * Source: microgpt.py, `state_dict`: wte, wpe and lm_head, and for each layer four square matrices of attention and two
 * of the MLP, which is four times as wide inside.
 *
 * @param config The model's shape.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { parameterCount } from "@microgpt/microgpt/model";
 *
 * assertEquals(parameterCount(modelConfig(27)), 4192);
 * ```
 */
export function parameterCount({ nLayer, nEmbd, blockSize, vocabSize }: ModelConfig): number {
  return (2 * vocabSize + blockSize) * nEmbd + nLayer * 12 * nEmbd ** 2;
}

/**
 * A checked config.
 *
 * @param vocabSize Number of tokens, BOS included: 2 or more.
 * @param shape What differs from {@linkcode DEFAULT_SHAPE}.
 * @throws {RangeError} If a dimension is out of range, `nEmbd` is not a multiple of `nHead`, or the model is too large.
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 *
 * assertEquals(modelConfig(27, { nLayer: 2 }), { nLayer: 2, nEmbd: 16, nHead: 4, blockSize: 16, vocabSize: 27 });
 * assertThrows(() => modelConfig(27, { nEmbd: 10 }), RangeError, "nEmbd 10 cannot be split over nHead 4");
 * ```
 */
export function modelConfig(vocabSize: number, shape: Partial<ModelShape> = {}): ModelConfig {
  const dimension = (name: keyof ModelShape): number =>
    checkRange(name, shape[name] ?? DEFAULT_SHAPE[name], SHAPE_RANGES[name]);
  const config: ModelConfig = {
    nLayer: dimension("nLayer"),
    nEmbd: dimension("nEmbd"),
    nHead: dimension("nHead"),
    blockSize: dimension("blockSize"),
    vocabSize: checkRange("vocabSize", vocabSize, VOCAB_RANGE),
  };
  const { nEmbd, nHead } = config;
  if (nEmbd % nHead !== 0) {
    throw settingError((nameOf) =>
      `${nameOf("nEmbd")} ${nEmbd} cannot be split over ${nameOf("nHead")} ${nHead}: it must be a multiple`
    );
  }
  const count = parameterCount(config);
  if (count > MAX_PARAMETERS) {
    throw settingError((nameOf) =>
      `a model of ${count} parameters is too large: it may have ${MAX_PARAMETERS} at most` +
      fittingWidth(config, nameOf)
    );
  }
  return config;
}

/** The widest model of a shape that is not too large, in words; nothing if there is none. */
function fittingWidth(config: ModelConfig, nameOf: (setting: string) => string): string {
  const { nLayer, nHead, vocabSize, blockSize } = config;
  // The larger root of 12 nLayer x² + (2 vocabSize + blockSize) x = MAX_PARAMETERS.
  const [square, linear] = [12 * nLayer, 2 * vocabSize + blockSize];
  const widest = (Math.sqrt(linear ** 2 + 4 * square * MAX_PARAMETERS) - linear) / (2 * square);
  const nEmbd = Math.floor(widest / nHead) * nHead;
  return nEmbd === 0 ? "" : `, as with ${nameOf("nEmbd")} ${nEmbd}`;
}

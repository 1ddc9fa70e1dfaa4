/**
 * One flat buffer holds all parameters of a model: where each tensor lies in it, and how it is filled.
 *
 * @module
 */

import { gaussians, type RandomState } from "../random/mt19937.ts";
import type { Range } from "../range.ts";
import { type ModelConfig, parameterCount } from "./config.ts";

/** How parameters are drawn. */
export type InitSettings = {
  /** Standard deviation of the initial parameters. */
  readonly initStd: number;
};

/** The reference's default. */
export const INIT_DEFAULTS: InitSettings = { initStd: 0.08 };

/** The values allowed. */
export const INIT_RANGES: Readonly<Record<keyof InitSettings, Range>> = { initStd: { above: 0, to: 100 } };

/** One parameter matrix in the flat buffer, row by row. */
export type TensorSpec = {
  /** The reference's name, such as `layer0.attn_wq`. */
  readonly name: string;
  /** Outputs of the linear map, or number of embeddings. */
  readonly rows: number;
  /** Inputs of the linear map, or width of an embedding. */
  readonly columns: number;
  /** Index of the first element in the buffer. */
  readonly offset: number;
};

/** A model's numbers: a loss is a function of them. */
export type Parameters = {
  /** The model's shape, which says what each number is. */
  readonly config: ModelConfig;
  /** All parameters in the order of {@linkcode parameterLayout}; never written to. */
  readonly params: Float64Array;
};

/**
 * Refuses a buffer that is not as long as the config says.
 *
 * @param parameters The model's shape and numbers.
 * @throws {RangeError} If the number of parameters is not the config's.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { checkParameters } from "@microgpt/microgpt/model";
 *
 * const short = { config: modelConfig(27), params: new Float64Array(5) };
 * assertThrows(() => checkParameters(short), RangeError, "5 parameters do not fit");
 * ```
 */
export function checkParameters({ config, params }: Parameters): void {
  if (params.length !== parameterCount(config)) {
    throw new RangeError(`${params.length} parameters do not fit the config: it has ${parameterCount(config)}`);
  }
}

/**
 * Every tensor of a model with its place in the buffer, in the reference's order.
 *
 * Source: microgpt.py, `state_dict`.
 *
 * @param config The model's shape.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { parameterLayout } from "@microgpt/microgpt/model";
 *
 * const names = parameterLayout(modelConfig(27)).map(({ name }) => name);
 * assertEquals(names.slice(0, 4), ["wte", "wpe", "lm_head", "layer0.attn_wq"]);
 * ```
 */
export function parameterLayout({ nLayer, nEmbd, blockSize, vocabSize }: ModelConfig): TensorSpec[] {
  const shapes: [name: string, rows: number, columns: number][] = [
    ["wte", vocabSize, nEmbd],
    ["wpe", blockSize, nEmbd],
    ["lm_head", vocabSize, nEmbd],
  ];
  for (let i = 0; i < nLayer; i++) {
    shapes.push(
      [`layer${i}.attn_wq`, nEmbd, nEmbd],
      [`layer${i}.attn_wk`, nEmbd, nEmbd],
      [`layer${i}.attn_wv`, nEmbd, nEmbd],
      [`layer${i}.attn_wo`, nEmbd, nEmbd],
      [`layer${i}.mlp_fc1`, 4 * nEmbd, nEmbd],
      [`layer${i}.mlp_fc2`, nEmbd, 4 * nEmbd],
    );
  }
  let offset = 0;
  return shapes.map(([name, rows, columns]) => {
    const spec = { name, rows, columns, offset };
    offset += rows * columns;
    return spec;
  });
}

/**
 * Initial parameters, drawn from a normal distribution around 0.
 *
 * Source: microgpt.py, `matrix`.
 *
 * @param config The model's shape.
 * @param random The stream to draw from; the stream after the last draw is returned.
 * @param initStd Standard deviation of the distribution.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initParameters, modelConfig } from "@microgpt/microgpt";
 * import { seedRandom } from "@microgpt/microgpt/random";
 *
 * const [{ params }] = initParameters(modelConfig(27), seedRandom(42), 0.08);
 * assertEquals(params.length, 4192);
 * ```
 */
export function initParameters(
  config: ModelConfig,
  random: RandomState,
  initStd: number,
): [Parameters, RandomState] {
  const [params, next] = gaussians(random, parameterCount(config), 0, initStd);
  return [{ config, params }, next];
}

/** A matrix as its rows, of numbers or of graph nodes. */
export type Matrix<T> = readonly ArrayLike<T>[];

/** One value for each tensor of a layer, under the reference's names. */
export type LayerTensors<M> = {
  /** Queries, `[nEmbd, nEmbd]`. */
  readonly attn_wq: M;
  /** Keys, `[nEmbd, nEmbd]`. */
  readonly attn_wk: M;
  /** Values, `[nEmbd, nEmbd]`. */
  readonly attn_wv: M;
  /** Output projection of attention, `[nEmbd, nEmbd]`. */
  readonly attn_wo: M;
  /** First matrix of the MLP, `[4 nEmbd, nEmbd]`. */
  readonly mlp_fc1: M;
  /** Second matrix of the MLP, `[nEmbd, 4 nEmbd]`. */
  readonly mlp_fc2: M;
};

/** One value for each tensor of a model, under the reference's names. */
export type ModelTensors<M> = {
  /** Token embeddings, `[vocabSize, nEmbd]`. */
  readonly wte: M;
  /** Position embeddings, `[blockSize, nEmbd]`. */
  readonly wpe: M;
  /** Output layer, `[vocabSize, nEmbd]`. */
  readonly lm_head: M;
  /** The layers, `nLayer` of them. */
  readonly layers: readonly LayerTensors<M>[];
};

/**
 * Something for each tensor of {@linkcode parameterLayout}, under its name.
 *
 * @param config The model's shape.
 * @param view What to make of a tensor.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { modelTensors } from "@microgpt/microgpt/model";
 *
 * assertEquals(modelTensors(modelConfig(27), ({ name }) => name).layers[0].attn_wo, "layer0.attn_wo");
 * ```
 */
export function modelTensors<M>(config: ModelConfig, view: (spec: TensorSpec) => M): ModelTensors<M> {
  const views = new Map(parameterLayout(config).map((spec) => [spec.name, view(spec)]));
  const tensor = (name: string): M => views.get(name)!;
  return {
    wte: tensor("wte"),
    wpe: tensor("wpe"),
    lm_head: tensor("lm_head"),
    layers: Array.from({ length: config.nLayer }, (_, i) => ({
      attn_wq: tensor(`layer${i}.attn_wq`),
      attn_wk: tensor(`layer${i}.attn_wk`),
      attn_wv: tensor(`layer${i}.attn_wv`),
      attn_wo: tensor(`layer${i}.attn_wo`),
      mlp_fc1: tensor(`layer${i}.mlp_fc1`),
      mlp_fc2: tensor(`layer${i}.mlp_fc2`),
    })),
  };
}

/** The matrices of one layer, under the reference's names. */
export type LayerWeights<T> = LayerTensors<Matrix<T>>;

/** All matrices of a model, under the reference's names. */
export type Weights<T> = ModelTensors<Matrix<T>>;

/**
 * The buffer as matrices, whatever its elements are: numbers or graph nodes.
 *
 * @param config The model's shape.
 * @param row The elements from index `start` up to `end` of the buffer.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initParameters, modelConfig } from "@microgpt/microgpt";
 * import { weights } from "@microgpt/microgpt/model";
 * import { seedRandom } from "@microgpt/microgpt/random";
 *
 * const [{ config, params }] = initParameters(modelConfig(27), seedRandom(42), 0.08);
 * const { wte } = weights(config, (start, end) => params.subarray(start, end));
 * assertEquals(wte[1][0], params[16]);
 * ```
 */
export function weights<T>(config: ModelConfig, row: (start: number, end: number) => ArrayLike<T>): Weights<T> {
  return modelTensors(config, ({ rows, columns, offset }) => {
    const start = (i: number): number => offset + i * columns;
    return Array.from({ length: rows }, (_, i) => row(start(i), start(i + 1)));
  });
}

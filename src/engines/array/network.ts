/**
 * The whole model from the building blocks: forward over any rows of positions, and backward.
 *
 * @module
 */

import { type ModelConfig, parameterCount } from "../../model/config.ts";
import { type Dropout, DROPOUT_SITES, dropoutAt, dropoutSite } from "../../model/dropout.ts";
import { type ModelTensors, modelTensors, type TensorSpec } from "../../model/parameters.ts";
import { attentionBackward, attentionForward } from "./attention.ts";
import { crossEntropyBackward, crossEntropyForward } from "./cross_entropy.ts";
import { attentionFactors, dropoutRows } from "./dropout.ts";
import { embeddingBackward, embeddingForward } from "./embedding.ts";
import { linearBackward, linearForward } from "./linear.ts";
import { reluBackward, reluForward } from "./relu.ts";
import { rmsNormBackward, rmsNormForward } from "./rms_norm.ts";
import { type Floats, type FloatType, type Rows, zeroRows, zeros } from "./rows.ts";

/** A flat buffer of parameters, or of their gradients, as matrices. */
type Matrices = ModelTensors<Rows> & { readonly buffer: Floats };

function matrices(config: ModelConfig, buffer: Floats): Matrices {
  const view = ({ rows, columns, offset }: TensorSpec): Rows => ({
    data: buffer.subarray(offset, offset + rows * columns),
    width: columns,
  });
  return { buffer, ...modelTensors(config, view) };
}

/** What the forward pass of one layer keeps for the backward pass, a row for each position. */
type LayerActivations = {
  /** The residual stream after attention, `[positions, nEmbd]`. */
  readonly middle: Rows;
  /** The residual stream after the MLP, `[positions, nEmbd]`. */
  readonly output: Rows;
  /** Inputs of attention and of the MLP, normalized, `[positions, nEmbd]`, with the scales of the norms. */
  readonly attentionInput: Rows;
  readonly attentionScales: Floats;
  readonly mlpInput: Rows;
  readonly mlpScales: Floats;
  /** Queries, keys and values, `[positions, nEmbd]`. Keys and values are the KV cache of generation. */
  readonly q: Rows;
  readonly k: Rows;
  readonly v: Rows;
  /** Attention weights, `[positions, nHead * capacity]`. */
  readonly weights: Rows;
  /** What attention gathered, `[positions, nEmbd]`. */
  readonly attended: Rows;
  /** The MLP's hidden layer after ReLU, `[positions, 4 nEmbd]`. */
  readonly hidden: Rows;
};

/** Gradients of activations: used by the backward pass and meaningless between two. */
type Scratch = {
  readonly residual: Rows;
  readonly normed: Rows;
  readonly attended: Rows;
  readonly q: Rows;
  readonly k: Rows;
  readonly v: Rows;
  readonly hidden: Rows;
};

/** A model with the activations of one document of up to `capacity` positions. Everything in it is written in place. */
export type Network = {
  readonly config: ModelConfig;
  readonly capacity: number;
  readonly parameters: Matrices;
  readonly embedded: Rows;
  readonly embeddingScales: Floats;
  /** The embeddings, normalized: the input of the first layer. */
  readonly input: Rows;
  readonly layers: readonly LayerActivations[];
  /** Logits; {@linkcode networkLoss} makes them probabilities, and {@linkcode networkBackward} their gradient. */
  readonly logits: Rows;
};

/** A network with gradients. */
export type TrainableNetwork = Network & {
  readonly grads: Matrices;
  readonly scratch: Scratch;
};

/** The float type of an array. */
const floatTypeOf = (floats: Floats): FloatType => floats instanceof Float64Array ? "float64" : "float32";

/** Room for documents of up to `capacity` positions. The parameters are read where they are, in `params`. */
export function createNetwork(config: ModelConfig, capacity: number, params: Floats): Network {
  const { nEmbd, nHead, vocabSize } = config;
  const floatType = floatTypeOf(params);
  const rows = (width: number): Rows => zeroRows(capacity, width, floatType);
  const layer = (): LayerActivations => ({
    middle: rows(nEmbd),
    output: rows(nEmbd),
    attentionInput: rows(nEmbd),
    attentionScales: zeros(capacity, floatType),
    mlpInput: rows(nEmbd),
    mlpScales: zeros(capacity, floatType),
    q: rows(nEmbd),
    k: rows(nEmbd),
    v: rows(nEmbd),
    weights: rows(nHead * capacity),
    attended: rows(nEmbd),
    hidden: rows(4 * nEmbd),
  });
  return {
    config,
    capacity,
    parameters: matrices(config, params),
    embedded: rows(nEmbd),
    embeddingScales: zeros(capacity, floatType),
    input: rows(nEmbd),
    layers: Array.from({ length: config.nLayer }, layer),
    logits: rows(vocabSize),
  };
}

/** The same, with room for gradients and with parameters of its own: zeros. */
export function createTrainableNetwork(config: ModelConfig, capacity: number, floatType: FloatType): TrainableNetwork {
  const buffer = (): Floats => zeros(parameterCount(config), floatType);
  const { nEmbd } = config;
  const rows = (width: number): Rows => zeroRows(capacity, width, floatType);
  return {
    ...createNetwork(config, capacity, buffer()),
    grads: matrices(config, buffer()),
    scratch: {
      residual: rows(nEmbd),
      normed: rows(nEmbd),
      attended: rows(nEmbd),
      q: rows(nEmbd),
      k: rows(nEmbd),
      v: rows(nEmbd),
      hidden: rows(4 * nEmbd),
    },
  };
}

/** What a document drops, with room for the factors of attention's weights, `[positions, nHead * capacity]`. */
export type NetworkDropout = Dropout & { readonly factors: Rows };

/** The factors of a layer's attention weights, if there is dropout. */
function factorsOf(dropout: NetworkDropout | undefined, layer: number, nHead: number, from: number, to: number) {
  if (dropout === undefined) return undefined;
  attentionFactors(dropout.factors, dropoutAt(dropout, dropoutSite(layer, "weights")), nHead, from, to);
  return dropout.factors;
}

/** `y += x` in the rows from `from` and below `to`: the residual connection. */
function addRows(y: Rows, x: Rows, from: number, to: number): void {
  for (let i = from * y.width; i < to * y.width; i++) y.data[i] += x.data[i];
}

/**
 * The logits at the positions from `from` and below `to`; those before `from` must have been computed. Training goes
 * through a document at once, generation one position at a time. With `dropout` units are dropped.
 */
export function networkForward(
  network: Network,
  tokens: ArrayLike<number>,
  from: number,
  to: number,
  dropout?: NetworkDropout,
): void {
  const { config: { nHead }, parameters, embedded, input, logits } = network;
  embeddingForward(embedded, parameters.wte, parameters.wpe, tokens, from, to);
  rmsNormForward(input, network.embeddingScales, embedded, from, to);
  if (dropout) dropoutRows(input, input, dropoutAt(dropout, DROPOUT_SITES.input), from, to);
  let x = input;
  for (let l = 0; l < network.layers.length; l++) {
    const weights = parameters.layers[l];
    const layer = network.layers[l];
    const { q, k, v, attentionInput, attended, middle, mlpInput, hidden, output } = layer;
    rmsNormForward(attentionInput, layer.attentionScales, x, from, to);
    linearForward(q, attentionInput, weights.attn_wq, from, to);
    linearForward(k, attentionInput, weights.attn_wk, from, to);
    linearForward(v, attentionInput, weights.attn_wv, from, to);
    attentionForward(attended, layer.weights, q, k, v, nHead, from, to, factorsOf(dropout, l, nHead, from, to));
    linearForward(middle, attended, weights.attn_wo, from, to);
    if (dropout) dropoutRows(middle, middle, dropoutAt(dropout, dropoutSite(l, "attention")), from, to);
    addRows(middle, x, from, to);

    rmsNormForward(mlpInput, layer.mlpScales, middle, from, to);
    linearForward(hidden, mlpInput, weights.mlp_fc1, from, to);
    reluForward(hidden, from, to);
    linearForward(output, hidden, weights.mlp_fc2, from, to);
    if (dropout) dropoutRows(output, output, dropoutAt(dropout, dropoutSite(l, "mlp")), from, to);
    addRows(output, middle, from, to);
    x = output;
  }
  linearForward(logits, x, parameters.lm_head, from, to);
}

/** The mean loss of the first `n` positions, after {@linkcode networkForward}; the logits become probabilities. */
export function networkLoss({ logits }: Network, targets: ArrayLike<number>, n: number): number {
  return crossEntropyForward(logits, logits, targets, n);
}

function clear(rows: Rows, n: number): void {
  rows.data.fill(0, 0, n * rows.width);
}

/**
 * Adds the gradient of the loss of the first `n` positions, each weighted by `scale`, to `network.grads`, after
 * {@linkcode networkLoss}. The lines are those of the forward pass from the last to the first. `dropout` is what the forward
 * pass was given.
 */
export function networkBackward(
  network: TrainableNetwork,
  tokens: ArrayLike<number>,
  targets: ArrayLike<number>,
  scale: number,
  n: number,
  dropout?: NetworkDropout,
): void {
  const { config: { nHead }, parameters, grads, scratch, logits } = network;
  const { residual, normed } = scratch;
  const output = (l: number): Rows => l < 0 ? network.input : network.layers[l].output;
  /** The gradient of a branch, from that of the residual stream that it was added to. */
  const branch = (site: number): Rows => {
    if (dropout === undefined) return residual;
    dropoutRows(normed, residual, dropoutAt(dropout, site), 0, n);
    return normed;
  };

  crossEntropyBackward(logits, targets, scale, n);
  clear(residual, n);
  linearBackward(residual, grads.lm_head, logits, output(network.layers.length - 1), parameters.lm_head, n);
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const weights = parameters.layers[l];
    const grad = grads.layers[l];
    const layer = network.layers[l];
    const { q, k, v, attentionInput, attended, middle, mlpInput, hidden } = layer;
    clear(scratch.hidden, n);
    linearBackward(scratch.hidden, grad.mlp_fc2, branch(dropoutSite(l, "mlp")), hidden, weights.mlp_fc2, n);
    reluBackward(scratch.hidden, hidden, n);
    clear(normed, n);
    linearBackward(normed, grad.mlp_fc1, scratch.hidden, mlpInput, weights.mlp_fc1, n);
    rmsNormBackward(residual, normed, middle, layer.mlpScales, n);

    clear(scratch.attended, n);
    const dAttention = branch(dropoutSite(l, "attention"));
    linearBackward(scratch.attended, grad.attn_wo, dAttention, attended, weights.attn_wo, n);
    clear(scratch.q, n);
    clear(scratch.k, n);
    clear(scratch.v, n);
    const factors = factorsOf(dropout, l, nHead, 0, n);
    attentionBackward(scratch.q, scratch.k, scratch.v, scratch.attended, layer.weights, q, k, v, nHead, n, factors);
    clear(normed, n);
    linearBackward(normed, grad.attn_wq, scratch.q, attentionInput, weights.attn_wq, n);
    linearBackward(normed, grad.attn_wk, scratch.k, attentionInput, weights.attn_wk, n);
    linearBackward(normed, grad.attn_wv, scratch.v, attentionInput, weights.attn_wv, n);
    rmsNormBackward(residual, normed, output(l - 1), layer.attentionScales, n);
  }
  if (dropout) dropoutRows(residual, residual, dropoutAt(dropout, DROPOUT_SITES.input), 0, n);
  clear(normed, n);
  rmsNormBackward(normed, residual, network.embedded, network.embeddingScales, n);
  embeddingBackward(grads.wte, grads.wpe, normed, tokens, n);
}

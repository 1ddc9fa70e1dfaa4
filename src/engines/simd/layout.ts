/**
 * Where everything lies in the simd engine's memory: the values of the table in fields.ts.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { LAYOUT_FIELDS, type LayoutField, LINE, TABLE_END, wordOf } from "./fields.ts";

/** How large a batch a memory has room for. */
export type Capacity = {
  /** Parts that a batch is split into, one for each thread. */
  readonly threads: number;
  /** Documents in a batch. */
  readonly documents: number;
  /** The most positions that the batch may have. */
  readonly positions: number;
  /** The most positions that a group may have. */
  readonly tokens: number;
  /** The most pairs of a position and one that it looks back on (or itself) that a group may have. */
  readonly pairs: number;
};

/** The value of every field, and the bytes of the whole memory. */
export type Layout = {
  readonly fields: Readonly<Record<LayoutField, number>>;
  readonly bytes: number;
};

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Hands out pieces of memory one after the other, each beginning on a new cache line. */
function allocator(start: number): { take: (bytes: number) => number; end: () => number } {
  let next = roundUp(start, LINE);
  return {
    take: (bytes) => {
      const at = next;
      next = roundUp(next + bytes, LINE);
      return at;
    },
    end: () => next,
  };
}

/** Widths as the kernels need them: multiples of 8, and heads in fours. */
export function widths({ nEmbd, nHead, vocabSize }: ModelConfig) {
  const heads = roundUp(nHead, 4);
  const headDim = nEmbd / nHead;
  return {
    heads,
    headDim,
    embdWidth: roundUp(nEmbd, 8),
    attentionWidth: roundUp(heads * headDim, 8),
    hiddenWidth: roundUp(4 * nEmbd, 8),
    vocabWidth: roundUp(vocabSize, 8),
  };
}

/** The matrices of one buffer of parameters: their offsets, and the size of the buffer. */
export function bufferLayout(config: ModelConfig) {
  const { embdWidth: e, attentionWidth: a, hiddenWidth: h, vocabWidth } = widths(config);
  const wteRows = roundUp(config.vocabSize, 4);
  const wpeRows = roundUp(config.blockSize, 4);
  const all = allocator(0);
  const one = allocator(0);
  const layer = {
    qkv: one.take(3 * a * e * 4),
    wo: one.take(e * a * 4),
    fc1: one.take(h * e * 4),
    fc2: one.take(e * h * 4),
    layerBytes: one.end(),
  };
  return {
    wteRows,
    wpeRows,
    ...layer,
    wte: all.take(wteRows * e * 4),
    wpe: all.take(wpeRows * e * 4),
    lmHead: all.take(vocabWidth * e * 4),
    firstLayer: all.take(config.nLayer * layer.layerBytes),
    bufferBytes: all.end(),
  };
}

/** Bytes of a row. Wide rows are a cache line longer, so that they do not all fall into the same cache sets. */
const stride = (width: number): number => 4 * width + (width >= 32 ? LINE : 0);

/** The working memory of one part: its offsets, and its size. */
function partLayout(config: ModelConfig, { tokens, pairs }: Capacity) {
  const { heads, embdWidth, attentionWidth, hiddenWidth, vocabWidth } = widths(config);
  const strides = {
    embdStride: stride(embdWidth),
    qkvStride: stride(3 * attentionWidth),
    attentionStride: stride(attentionWidth),
    hiddenStride: stride(hiddenWidth),
    vocabStride: stride(vocabWidth),
  };
  const { take, end } = allocator(0);
  const rows = (bytes: number): number => take(tokens * bytes);
  const one = allocator(0);
  const layerRows = (bytes: number): number => one.take(tokens * bytes);
  const layer = {
    attentionInput: layerRows(strides.embdStride),
    attentionScales: layerRows(4),
    qkvRows: layerRows(strides.qkvStride),
    weights: one.take(pairs * heads * 4),
    attended: layerRows(strides.attentionStride),
    middle: layerRows(strides.embdStride),
    mlpInput: layerRows(strides.embdStride),
    mlpScales: layerRows(4),
    hidden: layerRows(strides.hiddenStride),
    output: layerRows(strides.embdStride),
    activationsBytes: one.end(),
  };
  return {
    ...strides,
    ...layer,
    nodes: take(4),
    nodeToken: rows(4),
    nodeDepth: rows(4),
    nodeKey: rows(4),
    nodeChild: rows(4),
    nodeSibling: rows(4),
    nodePairs: rows(4),
    nodeWeight: rows(4),
    nodeLse: rows(8),
    nodeMost: rows(heads * 4),
    ancestors: take(pairs * 4),
    entries: take(4),
    entryNode: rows(4),
    entryTarget: rows(4),
    entryWeight: rows(4),
    entryLogit: rows(4),
    embedded: rows(strides.embdStride),
    embeddedScales: rows(4),
    input: rows(strides.embdStride),
    firstActivations: take(config.nLayer * layer.activationsBytes),
    logits: rows(strides.vocabStride),
    dResidual: rows(strides.embdStride),
    dNormed: rows(strides.embdStride),
    dQkv: rows(strides.qkvStride),
    dAttended: rows(strides.attentionStride),
    dHidden: rows(strides.hiddenStride),
    dWeights: take(pairs * heads * 4),
    partBytes: end(),
  };
}

/**
 * The layout of a model's memory, with room for batches of the given capacity.
 *
 * @param library Whether matrix products are a library's, which needs no copy of the weights.
 */
export function memoryLayout(config: ModelConfig, capacity: Capacity, library = false): Layout {
  const { threads, documents, positions } = capacity;
  const buffer = bufferLayout(config);
  const part = partLayout(config, capacity);
  const { take, end } = allocator(TABLE_END);
  const fields: Layout["fields"] = {
    nLayer: config.nLayer,
    nEmbd: config.nEmbd,
    ...widths(config),
    library: library ? 1 : 0,
    ...buffer,
    ...part,
    threads,
    epoch: take(4),
    sleepers: take(4),
    phase: take(4),
    claims: take(threads * LINE),
    dones: take(threads * LINE),
    spins: take(4),
    exited: take(threads * 4),
    losses: take(threads * 8),
    squares: take(threads * 8),
    notFinite: take(threads * 4),
    partFirst: take((threads + 1) * 4),
    groupFirst: take((documents + 1) * 4),
    documentStart: take(documents * 4),
    documentLength: take(documents * 4),
    documentWeight: take(documents * 4),
    documentKey: take(documents * 4),
    tokens: take((positions + documents) * 4),
    vocabMask: take(part.vocabStride),
    params: take(buffer.bufferBytes),
    m: take(buffer.bufferBytes),
    v: take(buffer.bufferBytes),
    forward: take(library ? 0 : buffer.bufferBytes),
    grads: take(threads * buffer.bufferBytes),
    parts: take(threads * part.partBytes),
  };
  return { fields, bytes: end() };
}

/** Writes the table where the kernels read it. */
export function writeTable({ fields }: Layout, words: Int32Array): void {
  for (const field of LAYOUT_FIELDS) words[wordOf(field)] = fields[field];
}

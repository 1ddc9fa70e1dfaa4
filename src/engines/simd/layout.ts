/**
 * Where everything lies in the simd engine's memory: the table that its WebAssembly module works from.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { parameterLayout } from "../../model/parameters.ts";

/** How much a step may need: batches of more are given a larger memory. */
export type Capacity = {
  /** Number of parts that a batch is split into, one a thread. */
  readonly threads: number;
  /** Documents in a batch. */
  readonly documents: number;
  /** Positions of a part at most. */
  readonly tokens: number;
  /** Positions and those that they look back on, themselves included, counted over all positions of a part. */
  readonly pairs: number;
};

/** The fields of `Plan` in assembly/plan.ts, in its order; the last nine are floats. */
const FIELDS = [
  ...["nLayer", "nEmbd", "headDim", "heads", "vocabSize"],
  ...["embdWidth", "attentionWidth", "hiddenWidth", "vocabWidth"],
  ...["embdStride", "qkvStride", "attentionStride", "hiddenStride", "vocabStride"],
  ...["threads", "active"],
  ...["params", "m", "v", "grads", "forward", "bufferBytes"],
  ...["wte", "wpe", "lmHead", "firstLayer", "layerBytes", "qkv", "wo", "fc1", "fc2", "wteRows", "wpeRows"],
  ...["vocabMask", "partFirst", "documentStart", "documentLength", "documentWeight", "tokens"],
  ...["parts", "partBytes"],
  ...[
    "nodes",
    "nodeToken",
    "nodeDepth",
    "nodeChild",
    "nodeSibling",
    "nodePairs",
    "nodeWeight",
    "nodeLse",
    "nodeMost",
    "ancestors",
  ],
  ...["entries", "entryNode", "entryTarget", "entryWeight", "entryLogit"],
  ...["embedded", "embeddedScales", "input", "firstActivations", "activationsBytes"],
  ...["attentionInput", "attentionScales", "qkvRows", "weights", "attended", "middle", "mlpInput", "mlpScales"],
  ...["hidden", "output", "logits"],
  ...["dResidual", "dNormed", "dQkv", "dAttended", "dHidden", "dWeights"],
  ...["losses", "squares", "notFinite"],
  ...["epoch", "sleepers", "phase", "claims", "dones", "spins", "gone"],
  ...["rate", "unbias2", "beta1", "beta2", "rest1", "rest2", "eps", "decay", "gradScale"],
] as const;

type Field = (typeof FIELDS)[number];

/** Where the table stands in memory, and the first byte after it; what is before are constants. */
const TABLE = 1024;
const TABLE_END = 2048;

/** The index of a field in a view of the memory as 32-bit words. */
export const wordOf = (field: Field): number => TABLE / 4 + FIELDS.indexOf(field);

/** The layout: every field's value, and the bytes that it takes in all. */
export type Layout = {
  readonly fields: Readonly<Record<string, number>>;
  readonly bytes: number;
};

const LINE = 64;
const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Hands out pieces of memory one after the other, each on a cache line of its own. */
function allocator(start: number): { take: (bytes: number) => number; end: () => number } {
  let next = start;
  return {
    take: (bytes) => {
      const at = next;
      next = roundUp(next + bytes, LINE);
      return at;
    },
    end: () => next,
  };
}

/** Widths as the kernels need them: multiples of 8, heads in fours. */
function widths({ nEmbd, nHead, vocabSize }: ModelConfig) {
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

/** The matrices of one buffer: offsets, and the size of all. */
function bufferLayout(config: ModelConfig) {
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

/** Bytes of a row; a line longer where rows are wide, so that they do not all fall into the same cache sets. */
const stride = (width: number): number => 4 * width + (width >= 32 ? LINE : 0);

/** The memory of one part: offsets, and the size of all. */
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

/** The layout of a model's memory for batches of a size. */
export function memoryLayout(config: ModelConfig, capacity: Capacity): Layout {
  const { threads, documents, tokens } = capacity;
  const buffer = bufferLayout(config);
  const part = partLayout(config, capacity);
  const { take, end } = allocator(TABLE_END);
  const fields = {
    nLayer: config.nLayer,
    nEmbd: config.nEmbd,
    vocabSize: config.vocabSize,
    ...widths(config),
    ...buffer,
    ...part,
    threads,
    epoch: take(4),
    sleepers: take(4),
    phase: take(4),
    claims: take(threads * LINE),
    dones: take(threads * LINE),
    spins: take(4),
    gone: take(threads * 4),
    losses: take(threads * 8),
    squares: take(threads * 8),
    notFinite: take(threads * 4),
    partFirst: take((threads + 1) * 4),
    documentStart: take(documents * 4),
    documentLength: take(documents * 4),
    documentWeight: take(documents * 4),
    tokens: take((threads * tokens + documents) * 4),
    vocabMask: take(part.vocabStride),
    params: take(buffer.bufferBytes),
    m: take(buffer.bufferBytes),
    v: take(buffer.bufferBytes),
    forward: take(buffer.bufferBytes),
    grads: take(threads * buffer.bufferBytes),
    parts: take(threads * part.partBytes),
  };
  return { fields, bytes: end() };
}

/** Writes the table into a memory. */
export function writeTable({ fields }: Layout, words: Int32Array): void {
  for (const field of FIELDS) words[wordOf(field)] = fields[field] ?? 0;
}

/**
 * Goes through all parameters of a model: its index in the flat buffer of {@linkcode parameterLayout}, and its place in a
 * buffer of the simd engine, in numbers. Weight matrices stand in panels of 8 columns; heads are interleaved.
 */
export function forEachPlace(config: ModelConfig, visit: (index: number, place: number) => void): void {
  const { heads, headDim, embdWidth: e, attentionWidth: a, hiddenWidth: h, vocabWidth } = widths(config);
  const at = bufferLayout(config);
  const panels = (offset: number, rows: number) => (r: number, c: number): number =>
    offset / 4 + ((c >> 3) * rows + r) * 8 + (c & 7);
  const plainRows = (offset: number) => (r: number, c: number): number => offset / 4 + r * e + c;
  const interleaved = (i: number): number => (i % headDim) * heads + Math.floor(i / headDim);

  const placeIn = (name: string): (r: number, c: number) => number => {
    const [, layer, kind] = name.match(/^(?:layer(\d+)\.)?(.*)$/)!;
    const start = at.firstLayer + Number(layer) * at.layerBytes;
    const qkv = panels(start + at.qkv, 3 * a);
    const wo = panels(start + at.wo, e);
    switch (kind) {
      case "wte":
        return plainRows(at.wte);
      case "wpe":
        return plainRows(at.wpe);
      case "lm_head":
        return panels(at.lmHead, vocabWidth);
      case "attn_wq":
        return (r, c) => qkv(interleaved(r), c);
      case "attn_wk":
        return (r, c) => qkv(a + interleaved(r), c);
      case "attn_wv":
        return (r, c) => qkv(2 * a + interleaved(r), c);
      case "attn_wo":
        return (r, c) => wo(r, interleaved(c));
      case "mlp_fc1":
        return panels(start + at.fc1, h);
      default:
        return panels(start + at.fc2, e);
    }
  };
  for (const { name, rows, columns, offset } of parameterLayout(config)) {
    const place = placeIn(name);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) visit(offset + r * columns + c, place(r, c));
    }
  }
}

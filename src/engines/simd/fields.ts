/**
 * What both sides of the simd engine must agree on: the table at the beginning of its memory, which TypeScript writes
 * and the kernels read, and the phases of a step. `deno task build` writes assembly/plan.ts from it.
 *
 * @module
 */

/** How AssemblyScript reads each field, and what it holds. Addresses are `usize`. */
type Fields = Readonly<Record<string, readonly [type: "i32" | "usize" | "f32", about: string]>>;

/**
 * Set once for each memory, by `memoryLayout`, in groups. Widths and counts are in numbers, strides and offsets in
 * bytes.
 */
export const LAYOUT = {
  "The model. Widths are padded to multiples of 8": {
    nLayer: ["i32", "layers"],
    nEmbd: ["i32", "width of the residual stream, before padding"],
    headDim: ["i32", "width of a head"],
    heads: ["i32", "heads, padded to a multiple of 4"],
    embdWidth: ["i32", "width of the residual stream"],
    attentionWidth: ["i32", "width of all heads together"],
    hiddenWidth: ["i32", "width inside the MLP"],
    vocabWidth: ["i32", "number of logits"],
    library: ["i32", "1 if matrix products are a library's, for which matrices are not in panels"],
  },
  "Bytes from one position to the next": {
    embdStride: ["i32", "in the residual stream"],
    qkvStride: ["i32", "in queries, keys and values"],
    attentionStride: ["i32", "in what attention gathers"],
    hiddenStride: ["i32", "inside the MLP"],
    vocabStride: ["i32", "in the logits"],
  },
  "Buffers of all parameters, laid out alike": {
    params: ["usize", "parameters"],
    m: ["usize", "first moments"],
    v: ["usize", "second moments"],
    grads: ["usize", "the gradient of each part, one after the other"],
    forward: ["usize", "weight matrices as the forward pass reads them"],
    bufferBytes: ["i32", "size of one buffer"],
  },
  "Offsets in such a buffer": {
    wte: ["i32", "token embeddings"],
    wpe: ["i32", "position embeddings"],
    lmHead: ["i32", "output layer"],
    firstLayer: ["i32", "the first layer"],
    layerBytes: ["i32", "size of a layer"],
    qkv: ["i32", "in a layer: weights of queries, keys and values"],
    wo: ["i32", "in a layer: attention's output weights"],
    fc1: ["i32", "in a layer: into the MLP"],
    fc2: ["i32", "in a layer: out of the MLP"],
    wteRows: ["i32", "rows of wte, padded to a multiple of 4"],
    wpeRows: ["i32", "rows of wpe, padded to a multiple of 4"],
  },
  "The batch": {
    vocabMask: ["usize", "what is added to the logits: 0 for a token, -1e30 for padding"],
    partFirst: ["usize", "each part's first group, and the end of the last"],
    groupFirst: ["usize", "each group's first document, and the end of the last"],
    documentStart: ["usize", "each document's first token"],
    documentLength: ["usize", "each document's number of positions"],
    documentWeight: ["usize", "what each position of a document weighs in the loss"],
    documentKey: ["usize", "key of the stream that says which units a document drops"],
    tokens: ["usize", "the tokens of all documents"],
  },
  "Working memory": {
    threads: ["i32", "parts that work is split into, one for each thread"],
    parts: ["usize", "working memory of each part, one after the other"],
    partBytes: ["i32", "size of one part"],
  },
  "Offsets in a part: the trie": {
    nodes: ["i32", "number of nodes"],
    nodeToken: ["i32", "each node's token"],
    nodeDepth: ["i32", "its position in the document"],
    nodeKey: ["i32", "with dropout, its document's key"],
    nodeChild: ["i32", "its first child, or -1"],
    nodeSibling: ["i32", "its next sibling, or -1"],
    nodePairs: ["i32", "where its ancestors begin in the list of all"],
    nodeWeight: ["i32", "sum of its entries' weights"],
    nodeLse: ["i32", "logarithm of the sum of the exponentials of its logits"],
    nodeMost: ["i32", "its largest score for each head, then 1 / sum of exponentials"],
    ancestors: ["i32", "each node's ancestors and itself, as offsets of their rows"],
    entries: ["i32", "number of entries"],
    entryNode: ["i32", "each entry's node"],
    entryTarget: ["i32", "the token that it predicts"],
    entryWeight: ["i32", "its weight in the loss"],
    entryLogit: ["i32", "the logit of its target"],
  },
  "Offsets in a part: activations": {
    embedded: ["i32", "sum of both embeddings"],
    embeddedScales: ["i32", "its norm's scales"],
    input: ["i32", "what the first layer is given"],
    firstActivations: ["i32", "the first layer's activations"],
    activationsBytes: ["i32", "size of a layer's activations"],
    attentionInput: ["i32", "in a layer: the normed input of attention"],
    attentionScales: ["i32", "in a layer: that norm's scales"],
    qkvRows: ["i32", "in a layer: queries, keys and values"],
    weights: ["i32", "in a layer: attention's weights"],
    attended: ["i32", "in a layer: what attention gathers"],
    middle: ["i32", "in a layer: the residual stream after attention"],
    mlpInput: ["i32", "in a layer: the normed input of the MLP"],
    mlpScales: ["i32", "in a layer: that norm's scales"],
    hidden: ["i32", "in a layer: inside the MLP, after ReLU"],
    output: ["i32", "in a layer: the residual stream after the MLP"],
    logits: ["i32", "logits, then their gradient"],
  },
  "Offsets in a part: gradients of activations": {
    dResidual: ["i32", "of the residual stream"],
    dNormed: ["i32", "of a norm's output"],
    dQkv: ["i32", "of queries, keys and values"],
    dAttended: ["i32", "of what attention gathers"],
    dHidden: ["i32", "inside the MLP"],
    dWeights: ["i32", "of attention's weights, then of its scores"],
  },
  "Results of each part": {
    losses: ["usize", "its share of the loss (f64)"],
    squares: ["usize", "sum of squares of its share of the gradient (f64)"],
    notFinite: ["usize", "1 if a parameter or moment is no longer finite"],
  },
  "Where threads meet": {
    epoch: ["usize", "number of the present phase"],
    sleepers: ["usize", "workers that sleep until it changes"],
    phase: ["usize", "what the present phase does"],
    claims: ["usize", "for each part, the last epoch whose work a thread took, LINE bytes apart"],
    dones: ["usize", "for each part, the last epoch whose work is done, LINE bytes apart"],
    spins: ["usize", "how often to look before going to sleep"],
    exited: ["usize", "for each part, 1 if its worker exited: it was told to stop, or idle"],
  },
} as const satisfies Record<string, Fields>;

/** Set for each batch, by `writeBatch`. */
export const BATCH = {
  active: ["i32", "parts that have documents: the first ones"],
  alone: ["i32", "1 if the main thread is to do the work of all parts"],
  dropLimit: ["i32", "units whose word is below it are dropped, unsigned; 0 for no dropout"],
  dropScale: ["f32", "what the others are multiplied by"],
} as const satisfies Fields;

/** Set for each update, by `runAdam`. */
export const ADAM = {
  rate: ["f32", "learning rate / (1 - beta1^t), times sqrt(1 - beta2^t)"],
  beta1: ["f32", "decay of the first moment"],
  beta2: ["f32", "decay of the second moment"],
  rest1: ["f32", "1 - beta1, which float32 would round away near 1"],
  rest2: ["f32", "1 - beta2, which float32 would round away near 1"],
  eps: ["f32", "keeps the division finite: eps times sqrt(1 - beta2^t)"],
  decay: ["f32", "learning rate times weight decay"],
  gradScale: ["f32", "what clipping multiplies the gradient by"],
} as const satisfies Fields;

type Names<Groups> = { [Title in keyof Groups]: keyof Groups[Title] }[keyof Groups];

/** A field that `memoryLayout` sets. */
export type LayoutField = Names<typeof LAYOUT>;
/** A field that `runAdam` sets. */
export type AdamField = keyof typeof ADAM;
/** Any field of the table. */
export type Field = LayoutField | AdamField | keyof typeof BATCH;

/** The whole table in its order in memory, in groups. */
export const GROUPS: Readonly<Record<string, Fields>> = {
  ...LAYOUT,
  "The present batch": BATCH,
  "Adam at the present step": ADAM,
};

/** The fields that `memoryLayout` sets. */
export const LAYOUT_FIELDS = Object.values(LAYOUT).flatMap(Object.keys) as LayoutField[];
const FIELDS = Object.values(GROUPS).flatMap(Object.keys) as Field[];

/** Where the table stands in memory: after the kernels' constants. */
export const TABLE = 1024;
/** The first byte after it. */
export const TABLE_END = TABLE + 4 * FIELDS.length;

/** The index of a field in a view of the memory as 32-bit words. */
export const wordOf = (field: Field): number => TABLE / 4 + FIELDS.indexOf(field);

/** Bytes of a cache line: words that different threads write are this far apart. */
export const LINE = 64;

/** What a phase of a step does, as the number that the kernels know it by. */
export const PHASES = { GRADIENT: 0, ADAM: 1, STOP: 2, LOSS: 3, NORM: 4 } as const;

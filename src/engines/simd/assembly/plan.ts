/**
 * Where everything lies in memory. `layout.ts` on the other side writes this table; the fields stand in the same order.
 * Widths and counts are in numbers, strides and offsets in bytes.
 */
@unmanaged
export class Plan {
  nLayer: i32;
  nEmbd: i32;
  headDim: i32;
  /** Heads, padded to a multiple of 4. */
  heads: i32;
  vocabSize: i32;
  /** Padded widths: the residual stream, attention, the MLP's inside, the logits. */
  embdWidth: i32;
  attentionWidth: i32;
  hiddenWidth: i32;
  vocabWidth: i32;
  /** Bytes from one position to the next. */
  embdStride: i32;
  qkvStride: i32;
  attentionStride: i32;
  hiddenStride: i32;
  vocabStride: i32;

  threads: i32;
  /** Parts that have documents: the first so many. */
  active: i32;

  /** Buffers that are laid out alike: parameters, moments, gradients of each part, and weights as the forward pass reads them. */
  params: usize;
  m: usize;
  v: usize;
  grads: usize;
  forward: usize;
  bufferBytes: i32;

  /** Offsets in such a buffer. */
  wte: i32;
  wpe: i32;
  lmHead: i32;
  firstLayer: i32;
  layerBytes: i32;
  qkv: i32;
  wo: i32;
  fc1: i32;
  fc2: i32;
  wteRows: i32;
  wpeRows: i32;

  /** 0 for each token, -1e30 for each padding column. */
  vocabMask: usize;
  /** The batch: first document of each part; for each document its first token, positions, weight. */
  partFirst: usize;
  documentStart: usize;
  documentLength: usize;
  documentWeight: usize;
  tokens: usize;

  /** Working memory of each part. */
  parts: usize;
  partBytes: i32;

  /** Offsets in it: the trie. */
  nodes: i32;
  nodeToken: i32;
  nodeDepth: i32;
  nodeChild: i32;
  nodeSibling: i32;
  nodePairs: i32;
  nodeWeight: i32;
  nodeLse: i32;
  nodeMost: i32;
  ancestors: i32;
  entries: i32;
  entryNode: i32;
  entryTarget: i32;
  entryWeight: i32;
  entryLogit: i32;

  /** Activations. */
  embedded: i32;
  embeddedScales: i32;
  input: i32;
  firstActivations: i32;
  activationsBytes: i32;
  attentionInput: i32;
  attentionScales: i32;
  qkvRows: i32;
  weights: i32;
  attended: i32;
  middle: i32;
  mlpInput: i32;
  mlpScales: i32;
  hidden: i32;
  output: i32;
  logits: i32;

  /** Gradients of activations. */
  dResidual: i32;
  dNormed: i32;
  dQkv: i32;
  dAttended: i32;
  dHidden: i32;
  dWeights: i32;

  /** Results of each part: loss, sum of squares of the gradient (f64), and whether a parameter is not finite (i32). */
  losses: usize;
  squares: usize;
  notFinite: usize;

  /** Words that threads meet at, each on a cache line of its own. */
  epoch: usize;
  sleepers: usize;
  phase: usize;
  claims: usize;
  dones: usize;
  /** How often to look before going to sleep. */
  spins: usize;
  /** For each part, whether its worker has gone home. */
  gone: usize;

  /** Adam at this step. */
  rate: f32;
  unbias2: f32;
  beta1: f32;
  beta2: f32;
  /** 1 - beta1 and 1 - beta2, which float32 would round away near 1. */
  rest1: f32;
  rest2: f32;
  eps: f32;
  /** Learning rate times weight decay. */
  decay: f32;
  /** What clipping multiplies the gradient by. */
  gradScale: f32;
}

/** The table stands at the beginning of memory, after the constants. */
export const plan: Plan = changetype<Plan>(1024);

/**
 * The whole model on a part of the batch, group by group: forward, loss, backward. All nodes of a group are rows of one
 * matrix, so that every linear map is one matrix product.
 */

import { attentionBackward, attentionForward } from "./attention";
import { dropping, dropRows } from "./dropout";
import { ADD, MASK, RELU, STORE } from "./matmul";
import { plan } from "./plan";
import { backwardProduct, forwardProduct, gradientProduct } from "./products";
import { crossEntropy, embeddingBackward, embeddingForward, rmsNormBackward, rmsNormForward } from "./rows";
import { buildTrie } from "./trie";

/** Writes the gradient of part `p` to its buffer, and returns the part's share of the loss. */
export function gradient(p: i32): f64 {
  const part = plan.parts + <usize> p * plan.partBytes;
  const grads = plan.grads + <usize> p * plan.bufferBytes;
  memory.fill(grads, 0, plan.bufferBytes);
  let share: f64 = 0;
  for (let g = firstGroup(p); g < firstGroup(p + 1); g++) {
    share += groupLoss(part, g);
    backward(part, grads, load<i32>(part + plan.nodes));
  }
  return share;
}

/** Part `p`'s share of the loss: the forward pass alone. */
export function loss(p: i32): f64 {
  let share: f64 = 0;
  for (let g = firstGroup(p); g < firstGroup(p + 1); g++) {
    share += groupLoss(plan.parts + <usize> p * plan.partBytes, g);
  }
  return share;
}

function firstGroup(p: i32): i32 {
  return load<i32>(plan.partFirst + (p << 2));
}

function groupLoss(part: usize, g: i32): f64 {
  const documents = plan.groupFirst + (g << 2);
  buildTrie(part, load<i32>(documents), load<i32>(documents, 4));
  const nodes = load<i32>(part + plan.nodes);
  const entries = load<i32>(part + plan.entries);
  forward(part, nodes);
  return crossEntropy(part, nodes, entries);
}

/** Where the activations of a layer begin. */
function activations(part: usize, l: i32): usize {
  return part + plan.firstActivations + <usize> l * plan.activationsBytes;
}

/** The input of a layer: the output of the one before it, or the normed embeddings. */
function inputOf(part: usize, l: i32): usize {
  return l == 0 ? part + plan.input : activations(part, l - 1) + plan.output;
}

/** Where units are dropped, as in src/model/dropout.ts. */
const INPUT_SITE: i32 = 0;
const WEIGHTS_SITE: i32 = 1;
const ATTENTION_SITE: i32 = 2;
const MLP_SITE: i32 = 3;
const LAYER_SITES: i32 = 3;

function forward(part: usize, n: i32): void {
  const drops = dropping();
  /** What a branch does with the residual stream, which with dropout is added later. */
  const how = drops ? STORE : ADD;
  const width = plan.embdWidth;
  const stride = plan.embdStride;
  embeddingForward(part, n);
  rmsNormForward(part + plan.input, part + plan.embeddedScales, part + plan.embedded, n);
  if (drops) dropRows(part, part + plan.input, part + plan.input, 0, INPUT_SITE, n);
  for (let l = 0; l < plan.nLayer; l++) {
    const w = plan.firstLayer + <usize> l * plan.layerBytes;
    const layer = activations(part, l);
    const x = inputOf(part, l);
    const attentionInput = layer + plan.attentionInput;
    const attended = layer + plan.attended;
    const middle = layer + plan.middle;
    const mlpInput = layer + plan.mlpInput;
    const hidden = layer + plan.hidden;
    rmsNormForward(attentionInput, layer + plan.attentionScales, x, n);
    const qkvWidth = 3 * plan.attentionWidth;
    forwardProduct(
      layer + plan.qkvRows,
      plan.qkvStride,
      0,
      0,
      attentionInput,
      stride,
      w + plan.qkv,
      n,
      qkvWidth,
      width,
      STORE,
    );
    const sites = LAYER_SITES * l;
    attentionForward(part, layer, sites + WEIGHTS_SITE, n);
    const attendedWidth = plan.attentionWidth;
    forwardProduct(middle, stride, x, stride, attended, plan.attentionStride, w + plan.wo, n, width, attendedWidth, how);
    if (drops) dropRows(part, middle, middle, x, sites + ATTENTION_SITE, n);

    rmsNormForward(mlpInput, layer + plan.mlpScales, middle, n);
    forwardProduct(hidden, plan.hiddenStride, 0, 0, mlpInput, stride, w + plan.fc1, n, plan.hiddenWidth, width, RELU);
    const output = layer + plan.output;
    const h = plan.hiddenWidth;
    forwardProduct(output, stride, middle, stride, hidden, plan.hiddenStride, w + plan.fc2, n, width, h, how);
    if (drops) dropRows(part, output, output, middle, sites + MLP_SITE, n);
  }
  const x = inputOf(part, plan.nLayer);
    forwardProduct(part + plan.logits, plan.vocabStride, plan.vocabMask, 0, x, stride, plan.lmHead, n, plan.vocabWidth, width, ADD);
}

/** The forward pass from its last line to its first, each with the gradient of its weights. */
function backward(part: usize, grads: usize, n: i32): void {
  const drops = dropping();
  const width = plan.embdWidth;
  const stride = plan.embdStride;
  const dX = part + plan.dResidual;
  const dNormed = part + plan.dNormed;
  const dHidden = part + plan.dHidden;
  const dAttended = part + plan.dAttended;
  const dQkv = part + plan.dQkv;
  const dLogits = part + plan.logits;
  const vocab = plan.vocabWidth;
  const x = inputOf(part, plan.nLayer);
  gradientProduct(grads + plan.lmHead, dLogits, plan.vocabStride, x, stride, vocab, width, n);
  backwardProduct(dX, stride, 0, 0, dLogits, plan.vocabStride, plan.lmHead, n, width, vocab, STORE);
  for (let l = plan.nLayer - 1; l >= 0; l--) {
    const offset = plan.firstLayer + <usize> l * plan.layerBytes;
        const dW = grads + offset;
    const layer = activations(part, l);
    const hidden = layer + plan.hidden;
    const mlpInput = layer + plan.mlpInput;
    const h = plan.hiddenWidth;
    const hStride = plan.hiddenStride;
    const sites = LAYER_SITES * l;
    // The gradient of a branch, for which there is room until that of its norm is known.
    const dBranch = drops ? dNormed : dX;
    if (drops) dropRows(part, dBranch, dX, 0, sites + MLP_SITE, n);
    gradientProduct(dW + plan.fc2, dBranch, stride, hidden, hStride, width, h, n);
    backwardProduct(dHidden, hStride, hidden, hStride, dBranch, stride, offset + plan.fc2, n, h, width, MASK);
    gradientProduct(dW + plan.fc1, dHidden, hStride, mlpInput, stride, h, width, n);
    backwardProduct(dNormed, stride, 0, 0, dHidden, hStride, offset + plan.fc1, n, width, h, STORE);
    rmsNormBackward(dX, dNormed, layer + plan.middle, layer + plan.mlpScales, n, true);

    const attended = layer + plan.attended;
    const attentionInput = layer + plan.attentionInput;
    const a = plan.attentionWidth;
    const aStride = plan.attentionStride;
    if (drops) dropRows(part, dBranch, dX, 0, sites + ATTENTION_SITE, n);
    gradientProduct(dW + plan.wo, dBranch, stride, attended, aStride, width, a, n);
    backwardProduct(dAttended, aStride, 0, 0, dBranch, stride, offset + plan.wo, n, a, width, STORE);
    attentionBackward(part, layer, sites + WEIGHTS_SITE, n);
    gradientProduct(dW + plan.qkv, dQkv, plan.qkvStride, attentionInput, stride, 3 * a, width, n);
    backwardProduct(dNormed, stride, 0, 0, dQkv, plan.qkvStride, offset + plan.qkv, n, width, 3 * a, STORE);
    rmsNormBackward(dX, dNormed, inputOf(part, l), layer + plan.attentionScales, n, true);
  }
  if (drops) dropRows(part, dX, dX, 0, INPUT_SITE, n);
  rmsNormBackward(dNormed, dX, part + plan.embedded, part + plan.embeddedScales, n, false);
  embeddingBackward(part, grads, dNormed, n);
}

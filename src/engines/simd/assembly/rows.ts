/**
 * What works on one row at a time: embedding, RMSNorm, softmax with cross-entropy.
 */

import { exponentials, laneMax, laneSum, log, madd } from "./math";
import { plan } from "./plan";

/** For each node, the sum of its token's and its position's embedding. */
export function embeddingForward(part: usize, nodes: i32): void {
  const bytes: usize = <usize> plan.embdWidth << 2;
  const stride = plan.embdStride;
  const wte = plan.params + plan.wte;
  const wpe = plan.params + plan.wpe;
  const tokens = part + plan.nodeToken;
  const depths = part + plan.nodeDepth;
  let out = part + plan.embedded;
  for (let i: usize = 0; i < <usize> nodes << 2; i += 4) {
    const token = wte + <usize> load<i32>(tokens + i) * bytes;
    const place = wpe + <usize> load<i32>(depths + i) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      v128.store(out + j, f32x4.add(v128.load(token + j), v128.load(place + j)));
    }
    out += stride;
  }
}

/** Adds each node's gradient to those of its token's and its position's embedding. */
export function embeddingBackward(part: usize, grads: usize, d: usize, nodes: i32): void {
  const bytes: usize = <usize> plan.embdWidth << 2;
  const stride = plan.embdStride;
  const dWte = grads + plan.wte;
  const dWpe = grads + plan.wpe;
  const tokens = part + plan.nodeToken;
  const depths = part + plan.nodeDepth;
  for (let i: usize = 0; i < <usize> nodes << 2; i += 4) {
    const token = dWte + <usize> load<i32>(tokens + i) * bytes;
    const place = dWpe + <usize> load<i32>(depths + i) * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const g = v128.load(d + j);
      v128.store(token + j, f32x4.add(v128.load(token + j), g));
      v128.store(place + j, f32x4.add(v128.load(place + j), g));
    }
    d += stride;
  }
}

/** `y = s x` with `s = (mean(x²) + 1e-5)^-½`. Each s is kept in `scales`. */
export function rmsNormForward(y: usize, scales: usize, x: usize, nodes: i32): void {
  const bytes: usize = <usize> plan.embdWidth << 2;
  const share: f32 = <f32> 1 / <f32> plan.nEmbd;
  const stride = plan.embdStride;
  for (let i = 0; i < nodes; i++) {
    let squares = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const a = v128.load(x + j);
      squares = madd(a, a, squares);
    }
    const scale: f32 = <f32> 1 / sqrt<f32>(laneSum(squares) * share + <f32> 1e-5);
    store<f32>(scales, scale);
    const s = f32x4.splat(scale);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(y + j, f32x4.mul(v128.load(x + j), s));
    x += stride;
    y += stride;
    scales += 4;
  }
}

/** `dX = s dY - x (s³ / width) Σ dY x`, added to what is in dX if `adding`. */
export function rmsNormBackward(dX: usize, dY: usize, x: usize, scales: usize, nodes: i32, adding: bool): void {
  const bytes: usize = <usize> plan.embdWidth << 2;
  const share: f32 = <f32> 1 / <f32> plan.nEmbd;
  const stride = plan.embdStride;
  for (let i = 0; i < nodes; i++) {
    let along = f32x4.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) along = madd(v128.load(dY + j), v128.load(x + j), along);
    const scale = load<f32>(scales);
    const s = f32x4.splat(scale);
    const shared = f32x4.splat(-laneSum(along) * share * scale * scale * scale);
    for (let j: usize = 0; j < bytes; j += 16) {
      const d = madd(v128.load(x + j), shared, f32x4.mul(v128.load(dY + j), s));
      v128.store(dX + j, adding ? f32x4.add(v128.load(dX + j), d) : d);
    }
    x += stride;
    dX += stride;
    dY += stride;
    scales += 4;
  }
}

/**
 * The part's share of the loss. The logits are replaced by their gradient: each node's softmax times its weight, minus
 * each entry's weight at the entry's target.
 */
export function crossEntropy(part: usize, nodes: i32, entries: i32): f64 {
  const logits = part + plan.logits;
  const stride = plan.vocabStride;
  const bytes: usize = <usize> plan.vocabWidth << 2;
  const nodeOf = part + plan.entryNode;
  const targetOf = part + plan.entryTarget;
  const logitOf = part + plan.entryLogit;
  const weightOf = part + plan.entryWeight;
  const lse = part + plan.nodeLse;
  const weights = part + plan.nodeWeight;
  const last: usize = <usize> entries << 2;
  for (let e: usize = 0; e < last; e += 4) {
    const at = logits + <usize> load<i32>(nodeOf + e) * stride + (<usize> load<i32>(targetOf + e) << 2);
    store<f32>(logitOf + e, load<f32>(at));
  }
  let row = logits;
  for (let i: usize = 0; i < <usize> nodes << 2; i += 4) {
    let most = v128.load(row);
    for (let j: usize = 16; j < bytes; j += 16) most = f32x4.pmax(most, v128.load(row + j));
    const max = laneMax(most);
    const sum = laneSum(exponentials(row, bytes, 16, f32x4.splat(max), f32x4.splat(1)));
    store<f64>(lse + (i << 1), <f64> max + log(sum));
    const scale = f32x4.splat(load<f32>(weights + i) / sum);
    for (let j: usize = 0; j < bytes; j += 32) {
      v128.store(row + j, f32x4.mul(v128.load(row + j), scale));
      v128.store(row + j, f32x4.mul(v128.load(row + j, 16), scale), 16);
    }
    row += stride;
  }
  let loss: f64 = 0;
  for (let e: usize = 0; e < last; e += 4) {
    const node = <usize> load<i32>(nodeOf + e);
    const weight = load<f32>(weightOf + e);
    const at = logits + node * stride + (<usize> load<i32>(targetOf + e) << 2);
    store<f32>(at, load<f32>(at) - weight);
    loss += <f64> weight * (load<f64>(lse + (node << 3)) - <f64> load<f32>(logitOf + e));
  }
  return loss;
}

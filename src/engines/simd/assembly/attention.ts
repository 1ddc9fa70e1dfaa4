/**
 * Causal self-attention over the trie: each node looks at its ancestors and itself. Heads are interleaved (feature =
 * e heads + head), so that four lanes are four heads, and no sum goes across lanes.
 */

import { combine, dots, gradients, gradientsOfTwo } from "./ancestors";
import { dropping, dropWeights } from "./dropout";
import { exponentials, madd } from "./math";
import { plan } from "./plan";

/** Bytes from one feature of all heads to the next. */
@inline
function featureBytes(): usize {
  return <usize> plan.heads << 2;
}

/**
 * The weights of each node's ancestors, and what it gathers from their values. First all scores, then all exponentials,
 * then all sums, so that no instruction waits for the one just before it. With dropout at `site`, what is left of the
 * weights stands where their gradients will.
 */
export function attentionForward(part: usize, layer: usize, site: i32, nodes: i32): void {
  const drops = dropping();
  const step = featureBytes();
  const dim = plan.headDim;
  const section = <usize> plan.attentionWidth << 2;
  const stride = plan.qkvStride;
  const outStride = plan.attentionStride;
  const scale = f32x4.splat(<f32> 1 / sqrt<f32>(<f32> dim));
  const depths = part + plan.nodeDepth;
  const pairs = part + plan.nodePairs;
  const ancestors = part + plan.ancestors;
  for (let group: usize = 0; group < step; group += 16) {
    const queries = layer + plan.qkvRows + group;
    const keys = queries + section;
    const values = keys + section;
    const weights = layer + plan.weights + group;
    const left = part + plan.dWeights + group;
    const attended = layer + plan.attended + group;
    const most = part + plan.nodeMost + group;
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const pair = at(pairs, i);
      const row = queries + i * stride;
      const max = dots(weights + pair * step, row, keys, ancestors + (pair << 2), at(depths, i) + 1, step, dim);
      v128.store(most + i * step, max);
    }
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const max = most + i * step;
      const first = weights + at(pairs, i) * step;
      const sum = exponentials(first, (at(depths, i) + 1) * step, step, v128.load(max), scale);
      v128.store(max, f32x4.div(f32x4.splat(1), sum));
    }
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const share = v128.load(most + i * step);
      const pair = at(pairs, i);
      const first = weights + pair * step;
      const count = at(depths, i) + 1;
      for (let t: usize = 0; t < count * step; t += step) {
        v128.store(first + t, f32x4.mul(v128.load(first + t), share));
      }
      let factors = first;
      if (drops) {
        factors = left + pair * step;
        dropWeights(part, factors, first, site, i, group, count);
      }
      combine(attended + i * outStride, factors, values, ancestors + (pair << 2), count, step, dim);
    }
  }
}

/** The i-th of a list of whole numbers. */
@inline
function at(list: usize, i: usize): usize {
  return load<u32>(list + (i << 2));
}

/**
 * Gradients of queries, keys and values, from the gradient of what was gathered. With dropout the layer's weights are
 * replaced by what is left of them.
 */
export function attentionBackward(part: usize, layer: usize, site: i32, nodes: i32): void {
  const drops = dropping();
  const step = featureBytes();
  const dim = plan.headDim;
  const section = <usize> plan.attentionWidth << 2;
  const stride = plan.qkvStride;
  const outStride = plan.attentionStride;
  const scale = f32x4.splat(<f32> 1 / sqrt<f32>(<f32> dim));
  const depths = part + plan.nodeDepth;
  const pairs = part + plan.nodePairs;
  const ancestors = part + plan.ancestors;
  memory.fill(part + plan.dQkv, 0, <usize> nodes * stride);
  for (let group: usize = 0; group < step; group += 16) {
    const queries = layer + plan.qkvRows + group;
    const keys = queries + section;
    const values = keys + section;
    const dQueries = part + plan.dQkv + group;
    const dKeys = dQueries + section;
    const weights = layer + plan.weights + group;
    const dWeights = part + plan.dWeights + group;
    const dAttended = part + plan.dAttended + group;
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const pair = at(pairs, i);
      const row = dAttended + i * outStride;
      dots(dWeights + pair * step, row, values, ancestors + (pair << 2), at(depths, i) + 1, step, dim);
    }
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const pair = at(pairs, i) * step;
      const bytes = (at(depths, i) + 1) * step;
      const w = weights + pair;
      const d = dWeights + pair;
      if (drops) dropWeights(part, d, d, site, i, group, at(depths, i) + 1);
      let mean = f32x4.splat(0);
      for (let t: usize = 0; t < bytes; t += step) mean = madd(v128.load(w + t), v128.load(d + t), mean);
      for (let t: usize = 0; t < bytes; t += step) {
        const weight = f32x4.mul(v128.load(w + t), scale);
        v128.store(d + t, f32x4.mul(weight, f32x4.sub(v128.load(d + t), mean)));
      }
      if (drops) dropWeights(part, w, w, site, i, group, at(depths, i) + 1);
    }
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const pair = at(pairs, i);
      const count = at(depths, i) + 1;
      const list = ancestors + (pair << 2);
      const dQuery = dQueries + i * stride;
      const query = queries + i * stride;
      const d = dAttended + i * outStride;
      const ds = dWeights + pair * step;
      const w = weights + pair * step;
      if (isParent(i, nodes, depths, list)) {
        gradientsOfTwo(dQuery, dKeys, query, keys, stride, d, outStride, ds, w, section, list, count, step, dim);
        i++;
      } else {
        gradients(dQuery, dKeys, query, keys, d, ds, w, section, list, count, step, dim);
      }
    }
  }
}

/** Whether the node after node `i` is its child: its list of ancestors, which follows that of `i`, then begins with it. */
@inline
function isParent(i: usize, nodes: usize, depths: usize, ancestors: usize): bool {
  const depth = at(depths, i);
  return i + 1 < nodes && at(depths, i + 1) == depth + 1 && at(ancestors, 2 * depth + 1) == at(ancestors, depth);
}

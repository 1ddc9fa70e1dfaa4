/**
 * Causal self-attention over the trie: each node looks at its ancestors and itself. Heads are interleaved (feature =
 * e heads + head), so that four lanes are four heads, and no sum goes across lanes.
 */

import { exponentials, madd } from "./math";
import { plan } from "./plan";

/** Bytes from one feature of four heads to the next. */
@inline
function featureBytes(): usize {
  return <usize> plan.heads << 2;
}

/** `out[t] = Σ x[e] rows[t][e]` over features e, for each ancestor t: scores from a query and keys. Returns the largest. */
function dots(out: usize, x: usize, rows: usize, ancestors: usize, count: i32, step: usize, dim: i32): v128 {
  let most = f32x4.splat(-1e30);
  let e = 0;
  for (; e + 4 <= dim; e += 4) {
    const x0 = v128.load(x);
    const x1 = v128.load(x + step);
    const x2 = v128.load(x + 2 * step);
    const x3 = v128.load(x + 3 * step);
    most = f32x4.splat(-1e30);
    let to = out;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = rows + load<i32>(ancestors + t);
      let sum = e == 0 ? f32x4.splat(0) : v128.load(to);
      sum = madd(x0, v128.load(row), sum);
      sum = madd(x1, v128.load(row + step), sum);
      sum = madd(x2, v128.load(row + 2 * step), sum);
      sum = madd(x3, v128.load(row + 3 * step), sum);
      v128.store(to, sum);
      most = f32x4.pmax(most, sum);
      to += step;
    }
    x += 4 * step;
    rows += 4 * step;
  }
  for (; e < dim; e++) {
    const feature = v128.load(x);
    most = f32x4.splat(-1e30);
    let to = out;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      let sum = e == 0 ? f32x4.splat(0) : v128.load(to);
      sum = madd(feature, v128.load(rows + load<i32>(ancestors + t)), sum);
      v128.store(to, sum);
      most = f32x4.pmax(most, sum);
      to += step;
    }
    x += step;
    rows += step;
  }
  return most;
}

/** `out[e] = Σ factors[t] rows[t][e]` over ancestors t: what attention gathers from values. */
function combine(
  out: usize,
  factors: usize,
  rows: usize,
  ancestors: usize,
  count: i32,
  step: usize,
  dim: i32,
): void {
  for (let e = 0; e < dim; e += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let f = factors;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = rows + load<i32>(ancestors + t);
      const factor = v128.load(f);
      a = madd(factor, v128.load(row), a);
      b = madd(factor, v128.load(row + step), b);
      c = madd(factor, v128.load(row + 2 * step), c);
      d = madd(factor, v128.load(row + 3 * step), d);
      f += step;
    }
    v128.store(out, a);
    if (e + 1 < dim) v128.store(out + step, b);
    if (e + 2 < dim) v128.store(out + 2 * step, c);
    if (e + 3 < dim) v128.store(out + 3 * step, d);
    out += 4 * step;
    rows += 4 * step;
  }
}

/**
 * Backward through scores and sums at once, for a node with query q and gradient d of what it gathered, over ancestors t:
 * `dq[e] = Σ ds[t] k[t][e]`, `dk[t][e] += ds[t] q[e]`, `dv[t][e] += w[t] d[e]`. Keys and values, and their gradients, are
 * `section` bytes apart.
 */
function gradients(
  dQuery: usize,
  dKeys: usize,
  query: usize,
  keys: usize,
  d: usize,
  dScores: usize,
  weights: usize,
  section: usize,
  ancestors: usize,
  count: i32,
  step: usize,
  dim: i32,
): void {
  let e = 0;
  for (; e + 4 <= dim; e += 4) {
    const q0 = v128.load(query);
    const d0 = v128.load(d);
    let sum0 = f32x4.splat(0);
    const q1 = v128.load(query + step);
    const d1 = v128.load(d + step);
    let sum1 = f32x4.splat(0);
    const q2 = v128.load(query + 2 * step);
    const d2 = v128.load(d + 2 * step);
    let sum2 = f32x4.splat(0);
    const q3 = v128.load(query + 3 * step);
    const d3 = v128.load(d + 3 * step);
    let sum3 = f32x4.splat(0);
    let at: usize = 0;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = load<i32>(ancestors + t);
      const score = v128.load(dScores + at);
      const weight = v128.load(weights + at);
      let key = keys + row;
      let dKey = dKeys + row;
      let dValue = dKey + section;
      sum0 = madd(score, v128.load(key), sum0);
      v128.store(dKey, madd(score, q0, v128.load(dKey)));
      v128.store(dValue, madd(weight, d0, v128.load(dValue)));
      key += step;
      dKey += step;
      dValue += step;
      sum1 = madd(score, v128.load(key), sum1);
      v128.store(dKey, madd(score, q1, v128.load(dKey)));
      v128.store(dValue, madd(weight, d1, v128.load(dValue)));
      key += step;
      dKey += step;
      dValue += step;
      sum2 = madd(score, v128.load(key), sum2);
      v128.store(dKey, madd(score, q2, v128.load(dKey)));
      v128.store(dValue, madd(weight, d2, v128.load(dValue)));
      key += step;
      dKey += step;
      dValue += step;
      sum3 = madd(score, v128.load(key), sum3);
      v128.store(dKey, madd(score, q3, v128.load(dKey)));
      v128.store(dValue, madd(weight, d3, v128.load(dValue)));
      at += step;
    }
    v128.store(dQuery, sum0);
    v128.store(dQuery + step, sum1);
    v128.store(dQuery + 2 * step, sum2);
    v128.store(dQuery + 3 * step, sum3);
    dQuery += 4 * step;
    dKeys += 4 * step;
    query += 4 * step;
    keys += 4 * step;
    d += 4 * step;
  }
  for (; e < dim; e++) {
    const q0 = v128.load(query);
    const d0 = v128.load(d);
    let sum = f32x4.splat(0);
    let at: usize = 0;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = load<i32>(ancestors + t);
      const dKey = dKeys + row;
      const dValue = dKey + section;
      const score = v128.load(dScores + at);
      sum = madd(score, v128.load(keys + row), sum);
      v128.store(dKey, madd(score, q0, v128.load(dKey)));
      v128.store(dValue, madd(v128.load(weights + at), d0, v128.load(dValue)));
      at += step;
    }
    v128.store(dQuery, sum);
    dQuery += step;
    dKeys += step;
    query += step;
    keys += step;
    d += step;
  }
}

/**
 * The weights of each node's ancestors, and what it gathers from their values. First all scores, then all exponentials,
 * then all sums: what waits for each other is far apart.
 */
export function attentionForward(part: usize, layer: usize, nodes: i32): void {
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
      combine(attended + i * outStride, first, values, ancestors + (pair << 2), count, step, dim);
    }
  }
}

/** The i-th of a list of whole numbers. */
@inline
function at(list: usize, i: usize): usize {
  return load<u32>(list + (i << 2));
}

/** Gradients of queries, keys and values, from the gradient of what was gathered. */
export function attentionBackward(part: usize, layer: usize, nodes: i32): void {
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
      let mean = f32x4.splat(0);
      for (let t: usize = 0; t < bytes; t += step) mean = madd(v128.load(w + t), v128.load(d + t), mean);
      for (let t: usize = 0; t < bytes; t += step) {
        const weight = f32x4.mul(v128.load(w + t), scale);
        v128.store(d + t, f32x4.mul(weight, f32x4.sub(v128.load(d + t), mean)));
      }
    }
    for (let i: usize = 0; i < <usize> nodes; i++) {
      const pair = at(pairs, i);
      gradients(
        dQueries + i * stride,
        dKeys,
        queries + i * stride,
        keys,
        dAttended + i * outStride,
        dWeights + pair * step,
        weights + pair * step,
        section,
        ancestors + (pair << 2),
        at(depths, i) + 1,
        step,
        dim,
      );
    }
  }
}

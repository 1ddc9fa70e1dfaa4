/**
 * The innermost loops of attention: sums over the ancestors of a node in the trie, itself included, and over features.
 * Vectors hold one feature of four heads; the next feature is `step` bytes further on. `ancestors` lists the offsets of
 * `count` rows, and `dim` is the number of features.
 *
 * This is a template: `deno task build` repeats what stands between `//$ for` and `//$ end`.
 */

import { madd } from "./math";

/**
 * Scores of a query x and keys: `out[t] = Σ x[e] rows[t][e]` over features e, for each ancestor t. Returns the largest.
 */
export function dots(out: usize, x: usize, rows: usize, ancestors: usize, count: i32, step: usize, dim: i32): v128 {
  let most = f32x4.splat(-1e30);
  let e = 0;
  //$ for n in 8, 4, 1
  for (; e + $n <= dim; e += $n) {
    //$ for i in 0..$n
    const x$i = v128.load(x + $i * step);
    //$ end
    most = f32x4.splat(-1e30);
    let to = out;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = rows + load<i32>(ancestors + t);
      let sum = e == 0 ? f32x4.splat(0) : v128.load(to);
      //$ for i in 0..$n
      sum = madd(x$i, v128.load(row + $i * step), sum);
      //$ end
      v128.store(to, sum);
      most = f32x4.pmax(most, sum);
      to += step;
    }
    x += $n * step;
    rows += $n * step;
  }
  //$ end
  return most;
}

/** What attention gathers from values: `out[e] = Σ factors[t] rows[t][e]` over ancestors t. */
export function combine(
  out: usize,
  factors: usize,
  rows: usize,
  ancestors: usize,
  count: i32,
  step: usize,
  dim: i32,
): void {
  let e = 0;
  //$ for n in 8, 4, 1
  for (; e + $n <= dim; e += $n) {
    //$ for i in 0..$n
    let sum$i = f32x4.splat(0);
    //$ end
    let f = factors;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = rows + load<i32>(ancestors + t);
      const factor = v128.load(f);
      //$ for i in 0..$n
      sum$i = madd(factor, v128.load(row + $i * step), sum$i);
      //$ end
      f += step;
    }
    //$ for i in 0..$n
    v128.store(out + $i * step, sum$i);
    //$ end
    out += $n * step;
    rows += $n * step;
  }
  //$ end
}

/**
 * Backward through scores and sums at once, for a node with query q whose gathered values have gradient d, over
 * ancestors t: `dq[e] = Σ ds[t] k[t][e]`, `dk[t][e] += ds[t] q[e]`, `dv[t][e] += w[t] d[e]`. Values are `section` bytes
 * behind keys, and their gradients behind those of keys.
 */
export function gradients(
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
  //$ for n in 4, 1
  for (; e + $n <= dim; e += $n) {
    //$ for i in 0..$n
    const q$i = v128.load(query + $i * step);
    const d$i = v128.load(d + $i * step);
    let sum$i = f32x4.splat(0);
    //$ end
    let at: usize = 0;
    for (let t: usize = 0; t < <usize> count << 2; t += 4) {
      const row = load<i32>(ancestors + t);
      const score = v128.load(dScores + at);
      const weight = v128.load(weights + at);
      let key = keys + row;
      let dKey = dKeys + row;
      let dValue = dKey + section;
      //$ for i in 0..$n
      sum$i = madd(score, v128.load(key), sum$i);
      v128.store(dKey, madd(score, q$i, v128.load(dKey)));
      v128.store(dValue, madd(weight, d$i, v128.load(dValue)));
      key += step;
      dKey += step;
      dValue += step;
      //$ end
      at += step;
    }
    //$ for i in 0..$n
    v128.store(dQuery + $i * step, sum$i);
    //$ end
    dQuery += $n * step;
    dKeys += $n * step;
    query += $n * step;
    keys += $n * step;
    d += $n * step;
  }
  //$ end
}

/**
 * The same for a node and its child, which stands right behind it: a key or value is loaded once for both. Rows of queries
 * are `stride` bytes apart, those of d `dStride`.
 */
export function gradientsOfTwo(
  dQuery: usize,
  dKeys: usize,
  query: usize,
  keys: usize,
  stride: usize,
  d: usize,
  dStride: usize,
  dScores: usize,
  weights: usize,
  section: usize,
  ancestors: usize,
  count: i32,
  step: usize,
  dim: i32,
): void {
  const end = <usize> count << 2;
  const child = <usize> count * step;
  let e = 0;
  //$ for n in 2, 1
  for (; e + $n <= dim; e += $n) {
    //$ for i in 0..$n
    const q$i = v128.load(query + $i * step);
    const d$i = v128.load(d + $i * step);
    let sum$i = f32x4.splat(0);
    const childQ$i = v128.load(query + stride + $i * step);
    const childD$i = v128.load(d + dStride + $i * step);
    let childSum$i = f32x4.splat(0);
    //$ end
    let score = dScores;
    let weight = weights;
    for (let t: usize = 0; t < end; t += 4) {
      const row = load<i32>(ancestors + t);
      const s = v128.load(score);
      const w = v128.load(weight);
      const childS = v128.load(score + child);
      const childW = v128.load(weight + child);
      let key = keys + row;
      let dKey = dKeys + row;
      let dValue = dKey + section;
      //$ for i in 0..$n
      const key$i = v128.load(key);
      sum$i = madd(s, key$i, sum$i);
      childSum$i = madd(childS, key$i, childSum$i);
      v128.store(dKey, madd(childS, childQ$i, madd(s, q$i, v128.load(dKey))));
      v128.store(dValue, madd(childW, childD$i, madd(w, d$i, v128.load(dValue))));
      key += step;
      dKey += step;
      dValue += step;
      //$ end
      score += step;
      weight += step;
    }
    // The child looks at itself too.
    const row = load<i32>(ancestors + end + end);
    const s = v128.load(score + child);
    const w = v128.load(weight + child);
    let key = keys + row;
    let dKey = dKeys + row;
    let dValue = dKey + section;
    //$ for i in 0..$n
    childSum$i = madd(s, v128.load(key), childSum$i);
    v128.store(dKey, madd(s, childQ$i, v128.load(dKey)));
    v128.store(dValue, madd(w, childD$i, v128.load(dValue)));
    key += step;
    dKey += step;
    dValue += step;
    v128.store(dQuery + $i * step, sum$i);
    v128.store(dQuery + stride + $i * step, childSum$i);
    //$ end
    dQuery += $n * step;
    dKeys += $n * step;
    query += $n * step;
    keys += $n * step;
    d += $n * step;
  }
  //$ end
}

/**
 * Dropout: what is multiplied by 0 or by `plan.dropScale`, as the words of a counter-based stream say, which are those of
 * src/random/counter.ts, four at a time. Nothing of it is kept: backward draws the same words again.
 */

import { plan } from "./plan";

/** The step of the Weyl sequence. */
const GOLDEN: u32 = 0x9e3779b9;

/** Whether the step drops units. */
@inline
export function dropping(): bool {
  return plan.dropLimit != 0;
}

/** The finalizer: `fmix32` of MurmurHash3. */
@inline
function finalize(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(<i32> 0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(<i32> 0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Where the sequence of each key is at an index, one of each in a lane. */
@inline
function terms(keys: v128, indices: v128): v128 {
  return i32x4.add(keys, i32x4.mul(i32x4.add(indices, i32x4.splat(1)), i32x4.splat(<i32> GOLDEN)));
}

/** The word of a stream at an index. */
function wordAt(key: u32, index: u32): u32 {
  return i32x4.extract_lane(finalize(terms(i32x4.splat(key), i32x4.splat(index))), 0);
}

/** What units are multiplied by, from the terms of their sequences: 0 or the scale. */
@inline
function factors(terms: v128, limit: v128, scale: v128): v128 {
  return v128.andnot(scale, i32x4.lt_u(finalize(terms), limit));
}

/** `y = f x` for each node, at a site of its document, plus what stands in the same place of `added`, if it is not 0. */
export function dropRows(part: usize, y: usize, x: usize, added: usize, site: i32, nodes: i32): void {
  const bytes: usize = <usize> plan.embdWidth << 2;
  const stride = plan.embdStride;
  const limit = i32x4.splat(plan.dropLimit);
  const scale = f32x4.splat(plan.dropScale);
  const four = i32x4.splat(<i32> (4 * GOLDEN));
  const keys = part + plan.nodeKey;
  const depths = part + plan.nodeDepth;
  for (let i: usize = 0; i < <usize> nodes << 2; i += 4) {
    const key = wordAt(wordAt(load<u32>(keys + i), site), load<u32>(depths + i));
    let term = terms(i32x4.splat(key), i32x4(0, 1, 2, 3));
    for (let j: usize = 0; j < bytes; j += 16) {
      let kept = f32x4.mul(v128.load(x + j), factors(term, limit, scale));
      if (added != 0) kept = f32x4.add(kept, v128.load(added + j));
      v128.store(y + j, kept);
      term = i32x4.add(term, four);
    }
    x += stride;
    y += stride;
    if (added != 0) added += stride;
  }
}

/**
 * `y = f x` for each ancestor of the i-th node, `count` with itself, and four heads, the first of them `group` bytes from
 * the first of all: what has a number for each attention weight.
 */
export function dropWeights(part: usize, y: usize, x: usize, site: i32, i: usize, group: usize, count: usize): void {
  const step = <usize> plan.heads << 2;
  const limit = i32x4.splat(plan.dropLimit);
  const scale = f32x4.splat(plan.dropScale);
  const golden = i32x4.splat(<i32> GOLDEN);
  const key = wordAt(load<u32>(part + plan.nodeKey + (i << 2)), site);
  const heads = i32x4.add(i32x4.splat(<i32> (group >> 2)), i32x4(0, 1, 2, 3));
  const rows = finalize(terms(finalize(terms(i32x4.splat(key), heads)), i32x4.splat(<i32> count - 1)));
  let term = terms(rows, i32x4.splat(0));
  for (let t: usize = 0; t < count * step; t += step) {
    v128.store(y + t, f32x4.mul(v128.load(x + t), factors(term, limit, scale)));
    term = i32x4.add(term, golden);
  }
}

/**
 * The module's exports.
 */

import { TRANSPOSE, updateAll } from "./adam";
import { madd, setConstants } from "./math";
import { plan } from "./plan";
import { setSpins } from "./threads";

export { runPhase, serve } from "./threads";

/** To be called once when the memory is filled: constants, patience, and weights as the forward pass reads them. */
export function prepare(): void {
  setConstants();
  setSpins();
  for (let p = 0; p < plan.threads; p++) updateAll(p, TRANSPOSE);
}

/** So many rounds of 12 independent multiply-adds of 4 numbers: the most that a core can do. */
export function multiplyAdds(rounds: i32): f32 {
  const x = f32x4.splat(0.5);
  let a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
  const y = f32x4.splat(0.25);
  for (let r = 0; r < rounds; r++) {
    a = madd(x, y, a);
    b = madd(x, y, b);
    c = madd(x, y, c);
    d = madd(x, y, d);
    e = madd(x, y, e);
    f = madd(x, y, f);
    g = madd(x, y, g);
    h = madd(x, y, h);
    i = madd(x, y, i);
    j = madd(x, y, j);
    k = madd(x, y, k);
    l = madd(x, y, l);
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(sum, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}

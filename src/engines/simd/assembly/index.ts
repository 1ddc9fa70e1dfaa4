/**
 * The module's exports. (`deno task build` repeats what stands between `//$ for` and `//$ end`.)
 */

import { TRANSPOSE, updateAll } from "./adam";
import { madd, setConstants } from "./math";
import { plan } from "./plan";
import { setSpins } from "./threads";

export { runPhase, serve } from "./threads";

/** To be called after parameters were written: sets constants and spins, and makes the forward pass's weights. */
export function prepare(): void {
  setConstants();
  setSpins();
  for (let p = 0; p < plan.threads; p++) updateAll(p, TRANSPOSE);
}

/** a b + c: whether it is rounded once or twice depends on the build and the processor. */
export function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
}

/** Rounds of 12 independent multiply-adds of 4 numbers each: as many per second as a core can do. */
export function multiplyAdds(rounds: i32): f32 {
  const x = f32x4.splat(0.5);
  const y = f32x4.splat(0.25);
  //$ for i in 0..12
  let sum$i = x;
  //$ end
  for (let r = 0; r < rounds; r++) {
    //$ for i in 0..12
    sum$i = madd(x, y, sum$i);
    //$ end
  }
  //$ for i in 1..12
  sum0 = f32x4.add(sum0, sum$i);
  //$ end
  return f32x4.extract_lane(sum0, 0);
}

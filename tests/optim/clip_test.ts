import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { clipGradient } from "../../mod.ts";
import { gradientNorm } from "../../src/optim/mod.ts";
import { numbers } from "../arbitraries.ts";
import { law } from "../property.ts";

/** A few float64 operations. */
const ROUNDING = 1e-14;

const gradients = fc.array(numbers, { maxLength: 20 }).map((grads) => Float64Array.from(grads));
const clipNorms = fc.double({ min: 1e-3, max: 20, noNaN: true });

law(
  "clipping never raises the norm, and brings it down to what it may be",
  [gradients, clipNorms],
  (grads, clipNorm) => {
    const { grads: clipped, norm } = clipGradient(grads, clipNorm);
    assertAlmostEquals(norm, Math.hypot(...grads), ROUNDING * norm);
    assertAlmostEquals(gradientNorm(clipped), Math.min(norm, clipNorm), ROUNDING * norm);
    assert(gradientNorm(clipped) <= norm);
  },
);

law("clipping keeps the direction, and what is given stays as it is", [gradients, clipNorms], (grads, clipNorm) => {
  const before = grads.slice();
  const { grads: clipped, norm } = clipGradient(grads, clipNorm);
  const scale = Math.min(1, clipNorm / norm);
  clipped.forEach((g, i) => assertAlmostEquals(g, norm === 0 ? 0 : grads[i] * scale, ROUNDING * norm));
  assertEquals(grads, before);
});

law("a gradient that is short enough is returned itself, and so is any where nothing is to be clipped", [
  gradients,
], (grads) => {
  const norm = gradientNorm(grads);
  assert(clipGradient(grads, norm + 1).grads === grads);
  assert(clipGradient(grads, 0).grads === grads);
});

Deno.test("clipping: a gradient whose squares overflow is refused, not made 0", () => {
  assertThrows(() => clipGradient(new Float64Array([1e200, 1e200]), 1), RangeError, "a gradient of norm Infinity");
});

Deno.test("clipping: a norm that is below 0 or not finite is refused", () => {
  for (const wrong of [-1, NaN, Infinity]) {
    assertThrows(() => clipGradient(new Float64Array(1), wrong), RangeError, `clipNorm ${wrong}`);
  }
});

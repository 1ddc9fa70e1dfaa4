/**
 * Means over seeds.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { meanAndDeviation } from "../../../scripts/sweep/summary.ts";

Deno.test("sweep: mean and standard deviation of a sample", () => {
  const { mean, deviation } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals(mean, 5);
  assertAlmostEquals(deviation!, Math.sqrt(32 / 7), 1e-12);
  assertEquals(meanAndDeviation([3]), { mean: 3 });
});

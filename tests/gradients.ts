/**
 * Gradients from the graph beside gradients by finite differences: the two must agree.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { backward, createGraph, graphOps, leaf } from "../src/engines/scalar/mod.ts";
import { numberOps, type Ops } from "../src/model/mod.ts";

/** A function from numbers to a number, over any kind of scalar. */
export type Scalarized = <T>(ops: Ops<T>, xs: T[]) => T;

/**
 * Step of the central difference. Its truncation error is about STEP² f‴ / 6, its rounding error 1e-16 f / STEP; in
 * float64 both are near 1e-10 here, for functions of everyday size.
 */
const STEP = 1e-5;
/** Of the largest gradient, or 1: plenty for rounding. For truncation there is an estimate beside it. */
export const GRADIENT_TOLERANCE = 1e-7;

/** Value and gradient through the graph. */
export function graphGradient(f: Scalarized, xs: readonly number[]): { value: number; grads: Float64Array } {
  const graph = createGraph(xs);
  const ops = graphOps(graph);
  const root = f(ops, xs.map((_, i) => leaf(graph, i)));
  return { value: ops.value(root), grads: backward(graph, root) };
}

/** Plain arithmetic that notes on which side of its kink each ReLU was. */
function notingOps(): { ops: Ops<number>; kinks: boolean[] } {
  const kinks: boolean[] = [];
  const relu = (a: number): number => {
    kinks.push(a > 0);
    return numberOps.relu(a);
  };
  return { ops: { ...numberOps, relu }, kinks };
}

/**
 * The derivative of f along a direction by a central difference, with an estimate of its error: three times the
 * truncation error is what a difference of twice the step adds to it. Undefined if a ReLU changes sides in between,
 * since at a kink there is no derivative to compare with.
 */
export function slope(
  f: Scalarized,
  xs: readonly number[],
  direction: readonly number[],
): { slope: number; error: number } | undefined {
  const at = (step: number): { value: number; kinks: boolean[] } => {
    const { ops, kinks } = notingOps();
    return { value: f(ops, xs.map((x, i) => x + step * direction[i])), kinks };
  };
  const [a, b, c, d] = [-2 * STEP, -STEP, STEP, 2 * STEP].map(at);
  if ([b, c, d].some(({ kinks }) => kinks.some((side, i) => side !== a.kinks[i]))) return undefined;
  const narrow = (c.value - b.value) / (2 * STEP);
  const wide = (d.value - a.value) / (4 * STEP);
  return { slope: narrow, error: Math.abs(wide - narrow) };
}

/** Fails unless the graph's value is exactly, and its gradient nearly, that of plain numbers, along each direction. */
export function assertGradient(f: Scalarized, xs: readonly number[], directions: readonly number[][]): void {
  const { value, grads } = graphGradient(f, xs);
  assertEquals(value, f(numberOps, [...xs]));
  const scale = grads.reduce((largest, g) => Math.max(largest, Math.abs(g)), 1);
  for (const direction of directions) {
    const expected = slope(f, xs, direction);
    if (expected === undefined) continue;
    const actual = direction.reduce((sum, d, i) => sum + d * grads[i], 0);
    assertAlmostEquals(actual, expected.slope, expected.error + GRADIENT_TOLERANCE * scale);
  }
}

/** The direction of each single input. */
export function axes(length: number): number[][] {
  return Array.from({ length }, (_, i) => Array.from({ length }, (_, j) => i === j ? 1 : 0));
}

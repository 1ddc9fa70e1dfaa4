/**
 * What measurements are summed up by.
 *
 * @module
 */

/** The middle one of some values, the upper of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

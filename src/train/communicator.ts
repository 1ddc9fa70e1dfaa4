/**
 * Training by several processes: each takes its share of every step, and all take the same one.
 *
 * @module
 */

/** What a process knows of the others that train with it. */
export type Communicator = {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /** Adds up the values of all processes, in place and to the same bits in each. Every process must call it as often. */
  readonly sum: (values: Float32Array | Float64Array) => void;
};

/** A single process. */
export const ALONE: Communicator = { rank: 0, size: 1, sum: () => {} };

/**
 * The share of a process in a list: the first of its items, and the one after its last. Shares differ by one item at most.
 *
 * @param length The number of items.
 * @param communicator Which process of how many.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shareOf } from "@microgpt/microgpt/train";
 *
 * assertEquals([0, 1, 2].map((rank) => shareOf(7, { rank, size: 3 })), [[0, 2], [2, 4], [4, 7]]);
 * ```
 */
export function shareOf(
  length: number,
  { rank, size }: Pick<Communicator, "rank" | "size">,
): [first: number, end: number] {
  return [Math.floor(length * rank / size), Math.floor(length * (rank + 1) / size)];
}

/**
 * The rows of a table of which each process has one, for all to compare.
 *
 * @param row The row of this process, as long as those of the others.
 * @param communicator The processes.
 */
export function gather(row: readonly number[], { rank, size, sum }: Communicator): Float64Array[] {
  const table = new Float64Array(size * row.length);
  table.set(row, rank * row.length);
  sum(table);
  return Array.from({ length: size }, (_, r) => table.subarray(r * row.length, (r + 1) * row.length));
}

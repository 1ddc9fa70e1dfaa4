/**
 * A fault as data, apart from the parser that finds it, which is large.
 *
 * @module
 */

/** One fault: the characters from `start` up to `end` become `replacement`. */
export type Mutation = {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The line it is in, from 1. */
  readonly line: number;
  /** What changes, on one line. */
  readonly change: string;
};

/**
 * The operations that the forward pass is made of. It is written once, over these: numbers give a loss, graph nodes give a
 * loss that can be differentiated.
 *
 * @module
 */

/** Arithmetic over some kind of scalar `T`. */
export type Ops<T> = {
  /** A number that nothing depends on. */
  readonly constant: (value: number) => T;
  /** The number that a scalar stands for. */
  readonly value: (x: T) => number;
  /** a + b */
  readonly add: (a: T, b: T) => T;
  /** a b */
  readonly mul: (a: T, b: T) => T;
  /** a to the power of a fixed number */
  readonly pow: (a: T, exponent: number) => T;
  /** e to the power of a */
  readonly exp: (a: T) => T;
  /** Natural logarithm of a. */
  readonly log: (a: T) => T;
  /** The larger of a and 0; its derivative at 0 is taken to be 0. */
  readonly relu: (a: T) => T;
  /** xs[0] + xs[1] + …, added from the left. */
  readonly sum: (xs: ArrayLike<T>) => T;
  /** xs[0] ys[0] + xs[1] ys[1] + …, added from the left; both of the same length. */
  readonly dot: (xs: ArrayLike<T>, ys: ArrayLike<T>) => T;
};

/** Plain float64 arithmetic, to evaluate and to sample. */
export const numberOps: Ops<number> = {
  constant: (value) => value,
  value: (x) => x,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  pow: Math.pow,
  exp: Math.exp,
  log: Math.log,
  relu: (a) => a > 0 ? a : 0,
  sum: (xs) => {
    let total = 0;
    for (let i = 0; i < xs.length; i++) total += xs[i];
    return total;
  },
  dot: (xs, ys) => {
    let total = 0;
    for (let i = 0; i < xs.length; i++) total += xs[i] * ys[i];
    return total;
  },
};

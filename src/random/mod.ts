/**
 * CPython's random stream as a value: `seedRandom`, `random`, `shuffle`, `gauss`, `choice`.
 *
 * @module
 */

export * from "./mt19937.ts";

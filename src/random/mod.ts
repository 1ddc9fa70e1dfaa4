/**
 * CPython's random stream as a value: `seedRandom`, `random`, `shuffle`, `gauss`, `choice`; and a stream whose words can be
 * had in any order: `wordAt`.
 *
 * @module
 */

export * from "./counter.ts";
export * from "./mt19937.ts";

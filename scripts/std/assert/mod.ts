/**
 * The part of `@std/assert` that this project uses, for machines that cannot reach JSR: `deno.json` links here.
 * Each function behaves as the real one of the same name.
 *
 * @module
 */

import { AssertionError } from "node:assert";

/** Only where an assertion fails: writing the message takes longer than most checks. */
function fail(message: string): never {
  throw new AssertionError({ message });
}

/** Fails unless the expression is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) fail(msg);
}

/** Fails unless both are deeply equal: 0 equals -0, NaN equals NaN, types must be the same; sets and maps have no order. */
export function assertEquals<T>(actual: T, expected: T, msg = "values are not equal"): void {
  if (!equal(actual, expected)) {
    fail(`${msg}\n  actual:   ${show(actual)}\n  expected: ${show(expected)}`);
  }
}

const show = (value: unknown): string => Deno.inspect(value, { depth: 6, iterableLimit: 40 });

function equal(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Map || a instanceof Set) {
    const others = [...b as Map<unknown, unknown> | Set<unknown>];
    return a.size === others.length && [...a].every((entry) => others.some((other) => equal(entry, other)));
  }
  if (isNumbers(a) && isNumbers(b)) {
    return a.length === b.length && a.every((x, i) => x === b[i] || Object.is(x, b[i]));
  }
  const keys = Reflect.ownKeys(a);
  return keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(Reflect.get(a, key), Reflect.get(b, key)));
}

/** Typed arrays are compared number by number: they may have millions. */
function isNumbers(value: object): value is Float64Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Fails unless the two differ by `tolerance` at most; by default 1e-7 of the expected value. */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg = ""): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const difference = Math.abs(actual - expected);
  if (!(difference <= allowed)) {
    fail(`${msg} ${actual} is not ${expected}: they differ by ${difference}`);
  }
}

/** Fails unless the text contains the expected part. */
export function assertStringIncludes(actual: string, expected: string, msg = ""): void {
  if (!actual.includes(expected)) fail(`${msg} ${show(actual)} does not contain ${show(expected)}`);
}

/** Fails unless the text matches the expression. */
export function assertMatch(actual: string, expected: RegExp, msg = ""): void {
  if (!expected.test(actual)) fail(`${msg} ${show(actual)} does not match ${expected}`);
}

/** Fails unless the function throws an error of the class, whose message contains the text; returns the error. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes = "",
  msg = "",
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof ErrorClass)) fail(`${msg} expected ${ErrorClass.name} to be thrown, not ${show(thrown)}`);
  assertStringIncludes(thrown.message, msgIncludes, msg);
  return thrown;
}

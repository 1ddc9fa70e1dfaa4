/**
 * The stand-in for @std/assert fails where it should, as the real one does.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";

function fails(assertion: () => void): void {
  let failed = false;
  try {
    assertion();
  } catch {
    failed = true;
  }
  if (!failed) throw new Error(`it should have failed: ${assertion}`);
}

Deno.test("assert", () => {
  assert(1);
  fails(() => assert(0));
});

Deno.test("assertEquals", () => {
  assertEquals(0, -0);
  assertEquals(NaN, NaN);
  assertEquals({ a: [1, { b: new Map([["k", new Set([1, 2])]]) }] }, {
    a: [1, { b: new Map([["k", new Set([2, 1])]]) }],
  });
  assertEquals(new Float64Array([1]), new Float64Array([1]));
  fails(() => assertEquals<unknown>(1, "1"));
  fails(() => assertEquals<unknown>([1], new Float64Array([1])));
  fails(() => assertEquals([1, 2], [2, 1]));
  fails(() => assertEquals(new Float64Array([1, 2]), new Float64Array([1, 3])));
  fails(() => assertEquals<unknown>({ a: undefined }, {}));
  fails(() => assertEquals<unknown>({}, { a: undefined }));
  fails(() => assertEquals(new Set([1]), new Set([2])));
  fails(() => assertEquals(new Map([["a", 1]]), new Map([["a", 2]])));
  fails(() => assertEquals<unknown>(null, {}));
});

Deno.test("assertAlmostEquals", () => {
  assertAlmostEquals(1, 1 + 1e-8);
  assertAlmostEquals(5, 4, 1);
  assertAlmostEquals(Infinity, Infinity);
  fails(() => assertAlmostEquals(1, 1 + 1e-6));
  fails(() => assertAlmostEquals(1e-9, 0));
  fails(() => assertAlmostEquals(NaN, 1, 100));
});

Deno.test("assertStringIncludes and assertMatch", () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /^a/);
  fails(() => assertStringIncludes("abc", "d"));
  fails(() => assertMatch("abc", /d/));
});

Deno.test("assertThrows", () => {
  const error = assertThrows(() => JSON.parse("{"), SyntaxError, "JSON");
  assert(error instanceof SyntaxError);
  fails(() => assertThrows(() => {}, Error));
  fails(() => assertThrows(() => JSON.parse("{"), RangeError));
  fails(() => assertThrows(() => JSON.parse("{"), SyntaxError, "something else"));
});

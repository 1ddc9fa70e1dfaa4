import { assertEquals, assertThrows } from "@std/assert";
import { inRange } from "../mod.ts";

Deno.test("inRange: the sentence says what would be right", () => {
  const message = (range: Parameters<typeof inRange>[2]): string =>
    assertThrows(() => inRange("x", NaN, range), RangeError).message;
  assertEquals(message({ whole: true, from: 1, to: 9 }), "x NaN cannot be used: it must be a whole number from 1 to 9");
  assertEquals(message({ above: 0, to: 10 }), "x NaN cannot be used: it must be a number above 0 up to 10");
  assertEquals(message({ from: 0, below: 1 }), "x NaN cannot be used: it must be a number from 0 and below 1");
});

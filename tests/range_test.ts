import { assertEquals, assertThrows } from "@std/assert";
import { checkRange, messageWith, settingError } from "../mod.ts";

Deno.test("checkRange: the sentence says what would be right", () => {
  const message = (range: Parameters<typeof checkRange>[2]): string =>
    assertThrows(() => checkRange("x", NaN, range), RangeError).message;
  assertEquals(message({ whole: true, from: 1, to: 9 }), "x NaN cannot be used: it must be a whole number from 1 to 9");
  assertEquals(message({ above: 0, to: 10 }), "x NaN cannot be used: it must be a number above 0 up to 10");
  assertEquals(message({ from: 0, below: 1 }), "x NaN cannot be used: it must be a number from 0 and below 1");
});

Deno.test("settingError: the library's names in the message, others where they are asked for", () => {
  const error = assertThrows(() => checkRange("nEmbd", 0.5, { whole: true }), RangeError);
  assertEquals(error.message, "nEmbd 0.5 cannot be used: it must be a whole number");
  assertEquals(messageWith(error, (name) => `--${name}`), "--nEmbd 0.5 cannot be used: it must be a whole number");
  const two = settingError((nameOf) => `${nameOf("a")} is above ${nameOf("b")}`);
  assertEquals([two.message, messageWith(two, (name) => name.toUpperCase())], ["a is above b", "A is above B"]);
  // Where the sentence is gone, as after the way to another thread, the message remains.
  assertEquals(messageWith(structuredClone(two), () => "?"), "a is above b");
  assertEquals(messageWith(new Error("a"), () => "?"), "a");
});

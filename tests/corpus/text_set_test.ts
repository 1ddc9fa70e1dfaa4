import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { textSet } from "../../src/corpus/mod.ts";
import { texts } from "../arbitraries.ts";
import { law } from "../property.ts";

law("textSet: as a Set does", [fc.array(texts)], (all) => {
  const { add, has } = textSet();
  const expected = new Set<string>();
  for (const text of all) {
    assertEquals(has(text), expected.has(text));
    assertEquals(add(text), !expected.has(text));
    expected.add(text);
  }
});

Deno.test("textSet: thousands of texts, each found again, and no other", () => {
  const { add, has } = textSet();
  for (let i = 0; i < 5000; i++) assertEquals([add(`text ${i}`), add(`text ${i}`)], [true, false]);
  for (let i = 0; i < 10_000; i++) assertEquals(has(`text ${i}`), i < 5000);
});

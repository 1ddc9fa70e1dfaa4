import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseJson } from "../../src/formats/mod.ts";
import { law } from "../property.ts";

/** Text that would be nested deeply, were it not text; and that could be taken to end earlier than it does. */
const texts = fc.string({ unit: fc.constantFrom("[", "{", "\\", '"', "a"), maxLength: 40, size: "max" });
const values = fc.oneof(
  texts,
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.dictionary(texts, fc.array(texts, { maxLength: 3 }), { maxKeys: 3, noNullPrototype: true })),
);

law("parseJson: what JSON.parse gives, whatever stands in strings", [values], (value) => {
  const text = JSON.stringify(value);
  assertEquals(parseJson(text), JSON.parse(text));
});

law("parseJson: what is no JSON is refused", [texts], (text) => {
  let isJson = true;
  try {
    JSON.parse(text);
  } catch {
    isJson = false;
  }
  fc.pre(!isJson);
  assertThrows(() => parseJson(text), SyntaxError);
});

Deno.test("parseJson: 8 levels are parsed, 9 are refused before they are", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  assertEquals(parseJson(nested(8)), [[[[[[[[]]]]]]]]);
  assertThrows(() => parseJson(nested(9)), SyntaxError, "nested too deeply");
  assertEquals(parseJson(String.raw`{"a":"\"[[[[[[[[[[\\","b":"]"}`), { a: '"[[[[[[[[[[\\', b: "]" });
});

Deno.test("parseJson: text that is nothing but brackets is refused", () => {
  assertThrows(() => parseJson(`[${"[],".repeat(1000)}[]]`), SyntaxError, "nothing but brackets");
});

Deno.test("parseJson: brackets in text do not count, wherever quotes and backslashes are; those after it do", () => {
  const text = `"[[[${"[{".repeat(1000)}\\"`;
  for (const value of [{ a: text }, [text, { b: "\\" }, text], text, { [text]: 1 }]) {
    assertEquals(parseJson(JSON.stringify(value)), value);
  }
  for (const before of [text, "a\\", '"']) {
    const json = `[${JSON.stringify(before)},${"[".repeat(20)}${"]".repeat(20)}]`;
    assertThrows(() => parseJson(json), SyntaxError, "nested too deeply");
  }
});

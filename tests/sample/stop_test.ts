import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createTokenizer, encode } from "../../mod.ts";
import { stopMatcher } from "../../src/sample/mod.ts";
import { law } from "../property.ts";

const tokenizer = createTokenizer(["ab🙂"]);
const [stops, texts] = [6, 30].map((maxLength) =>
  fc.string({ unit: fc.constantFrom("a", "b", "🙂"), minLength: 1, maxLength, size: "max" })
);

law(
  "stopMatcher: at each token the longest beginning of the stop text that the text so far ends with",
  [stops, texts],
  (stop, text) => {
    const characters = [...stop];
    const beginnings = characters.map((_, i) => characters.slice(0, i + 1).join("")).reverse();
    const matched = stopMatcher(tokenizer, stop);
    let soFar = "";
    for (const character of text) {
      soFar += character;
      const longest = beginnings.find((beginning) => soFar.endsWith(beginning)) ?? "";
      assertEquals(matched(encode(tokenizer, character)[0]), [...longest].length);
    }
  },
  { numRuns: 400 },
);

/**
 * Texts in little memory: they are those that an array would hold.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { packedTexts, packTexts } from "../../src/corpus/mod.ts";
import { texts } from "../arbitraries.ts";
import { law } from "../property.ts";

/** More than one piece has, some of the texts so long that a piece of them is not one string. */
const many = fc.tuple(fc.array(texts, { minLength: 1, maxLength: 20 }), fc.nat(9000), fc.boolean())
  .map(([some, length, isLong]) =>
    Array.from(
      { length },
      (_, i) => isLong && i % 3000 === 7 ? "류".repeat(2 ** 20) : `${some[i % some.length]}${i % 7}`,
    )
  );

/** So many that they are packed. */
const tooMany = many.map((all) => Array.from({ length: 70_000 }, (_, i) => `${all[i % all.length]}`));

law("packTexts: as an array does, be they few or many", [fc.oneof(many, tooMany), fc.integer(), fc.integer()], (
  all,
  from,
  to,
) => {
  const packed = packTexts(all);
  assertEquals(packed.length, all.length);
  assertEquals([...packed], all);
  assertEquals(packed.slice(from, to), all.slice(from, to));
  for (const i of [0, -1, from % 10_000, all.length, -all.length - 1]) assertEquals(packed.at(i), all.at(i));
}, { numRuns: 20 });

law("packedTexts: each has its number as soon as it is there", [many], (all) => {
  const { push, get } = packedTexts();
  all.forEach((text, i) => assertEquals([push(text), get(i)], [i + 1, text]));
  all.forEach((text, i) => i % 1000 === 0 && assertEquals(get(i), text));
}, { numRuns: 5 });

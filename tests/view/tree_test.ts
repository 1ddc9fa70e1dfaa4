/**
 * Trees of texts.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type TextNode, textTree } from "../../src/view/mod.ts";
import { law } from "../property.ts";

const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 5 }), { maxLength: 12 });

law("trees: every text stands once, below the longest other one that it begins with", [texts], (given) => {
  const found: string[] = [];
  const visit = (nodes: readonly TextNode[], parent: string | undefined): void => {
    for (const { text, branches } of nodes) {
      found.push(text);
      const beginnings = given.filter((other) => other !== text && text.startsWith(other));
      const longest = beginnings.toSorted((a, b) => b.length - a.length)[0];
      assertEquals(parent, longest);
      visit(branches, text);
    }
  };
  visit(textTree(given), undefined);
  assertEquals(found.toSorted(), [...new Set(given)].toSorted());
  assert(found.length <= given.length);
});

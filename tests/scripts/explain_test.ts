/**
 * Explanations as a person sees them, and as JSON.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Alternative } from "../../mod.ts";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest("explain: a table of characters, attention for each head, and JSON", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "300", "--quiet", "--out", model);
  const explained = task("explain", "anna", "--model", model);
  assertMatch(explained.stdout, /^a +\d+\.\d% +\d+\.\d\d +\d+ +\S+ \d+\.\d% +\S+ \d+\.\d% +\S+ \d+\.\d%$/m);
  assertEquals(explained.stdout.match(/^layer 0, head \d: attention/gm)!.length, 4);
  const parsed = JSON.parse(task("explain", "anna", "--model", model, "--json").stdout);
  assertEquals([parsed.text, parsed.positions.length], ["anna", 5]);
  assertEquals(Object.keys(parsed), ["text", "bits", "bitsPerCharacter", "scored", "positions"]);
  assertEquals(parsed.scored, { characters: 4, total: 4, end: true });
  const bits = parsed.positions.reduce((sum: number, { probability }: Alternative) => sum - Math.log2(probability), 0);
  assertAlmostEquals(parsed.bits, bits, 1e-9);
  assertAlmostEquals(parsed.bitsPerCharacter, bits / 5, 1e-9);
  const long = "annabellamariaanna";
  assertStringIncludes(
    task("explain", long, "--model", model).stdout,
    "a character, of the first 16 of 18 characters (",
  );
  const beginning = JSON.parse(task("explain", long, "--model", model, "--json").stdout);
  assertEquals([beginning.scored, beginning.positions.length], [{ characters: 16, total: 18, end: false }, 16]);
  assertRefused(task("explain", "Anna", "--model", model), 1, '"A" is not in the vocabulary');
  assertRefused(task("explain", "--model", model), 2, "deno task explain takes one NAME, not none");
  assertRefused(task("explain", "a", "b", "--model", model), 2, 'takes one NAME, not "a" "b"');
  assertRefused(task("explain", "--model", model, "--", "-x"), 1, '"-" is not in the vocabulary');
});

/**
 * Samples as text and as JSON.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { json, type KnownSample, numbered } from "../../../scripts/terminal/samples.ts";

const samples = [
  { text: "anna", tokens: [{ logProbability: -1.5 }, { logProbability: -0.25 }], mark: "new" },
  { text: "b\x1bb", tokens: [{ logProbability: -2 }] },
  { text: "x".repeat(30), tokens: [], nearest: { text: 'y"', distance: 2 }, mark: "repeat" },
] as unknown as KnownSample[];

Deno.test("samples: a numbered line each, marks and the nearest behind", () => {
  assertEquals([...numbered(samples)], [
    "sample  1: anna               new\n",
    "sample  2: b\\u001bb\n",
    `sample  3: ${"x".repeat(30)}  repeat; nearest "y\\"" at 2\n`,
  ]);
});

Deno.test("samples: JSON is an array, an object a line, with the log-probability of the whole", () => {
  const text = [...json(samples)].join("");
  const parsed = JSON.parse(text);
  assertEquals(text.split("\n").length, 1 + samples.length + 2);
  assertEquals(parsed.map((each: KnownSample) => each.text), samples.map((each) => each.text));
  assertEquals(parsed.map(({ sample }: { sample: number }) => sample), [1, 2, 3]);
  const sums = parsed.map(({ logProbability }: { logProbability: number }) => logProbability);
  [-1.75, -2, 0].forEach((sum, i) => assertAlmostEquals(sums[i], sum, 1e-12));
  assertEquals(Object.keys(parsed[0]), ["sample", "text", "mark", "logProbability", "tokens"]);
  assertEquals(parsed[2].nearest, { text: 'y"', distance: 2 });
  assertEquals([...json([])].join(""), "[]\n");
});

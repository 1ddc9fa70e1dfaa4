/**
 * Samples as text and as JSON.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { printable } from "../../../scripts/cli/printable.ts";
import { json, type KnownSample, liveSamples, numbered } from "../../../scripts/terminal/samples.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";

const samples = [
  { text: "anna", end: "model", tokens: [{ logProbability: -1.5 }, { logProbability: -0.25 }], mark: "new" },
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

const pieces = fc.array(
  fc.string({ unit: fc.oneof(characters, fc.constantFrom("a", "\n", "\x1b", "\u2028", "🙂")), maxLength: 3 }),
);
const known = fc.record({
  pieces,
  mark: fc.constantFrom(undefined, "new" as const, "repeat" as const),
  nearest: fc.constantFrom(undefined, { text: "anna", distance: 2 }),
  /** Whether the pieces come before the whole. */
  isLive: fc.boolean(),
});

law(
  "samples: as they are drawn, each piece is there at once, and in the end the same bytes",
  [fc.array(known)],
  (all) => {
    let written = "";
    let before = "";
    const { onText, print } = liveSamples({ write: (text) => void (written += text), flush: () => {} });
    const drawn = function* (): Generator<KnownSample> {
      for (const { pieces, isLive, ...rest } of all) {
        before = written;
        pieces.forEach((piece, i) => {
          if (!isLive) return;
          onText(piece);
          assertStringIncludes(written.slice(before.length), `: ${printable(pieces.slice(0, i + 1).join(""))}`);
        });
        yield { text: pieces.join(""), end: "model", tokens: [], ...rest };
      }
    };
    print(drawn());
    const samples = all.map(({ pieces, isLive: _, ...rest }): KnownSample => (
      { text: pieces.join(""), end: "model", tokens: [], ...rest }
    ));
    assertEquals(written, [...numbered(samples)].join(""));
  },
);

Deno.test("samples: JSON is an array, an object a line, with the log-probability of the whole", () => {
  const text = [...json(samples)].join("");
  const parsed = JSON.parse(text);
  assertEquals(text.split("\n").length, 1 + samples.length + 2);
  assertEquals(parsed.map((each: KnownSample) => each.text), samples.map((each) => each.text));
  assertEquals(parsed.map(({ sample }: { sample: number }) => sample), [1, 2, 3]);
  const sums = parsed.map(({ logProbability }: { logProbability: number }) => logProbability);
  [-1.75, -2, 0].forEach((sum, i) => assertAlmostEquals(sums[i], sum, 1e-12));
  assertEquals(Object.keys(parsed[0]), ["sample", "text", "end", "mark", "logProbability", "tokens"]);
  assertEquals(parsed[2].nearest, { text: 'y"', distance: 2 });
  assertEquals([...json([])].join(""), "[]\n");
});

/**
 * Explanations as text.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { ExplainedPosition } from "../../../mod.ts";
import {
  attentionTable,
  bitsLine,
  bitsOf,
  hasRoom,
  predictionTable,
  scoredOf,
} from "../../../scripts/terminal/explanation.ts";

/** "a b" as no model explains it: 1/4 for the a, then 1/2, 1/8, and 1/16 for the end. */
const POSITIONS: ExplainedPosition[] = [
  ["", "a", 0.25, 2, 2, [["b", 0.5], ["", 0.125]]],
  ["a", " ", 0.5, 1, 1, [["a", 0.3], ["b", 0.2]]],
  [" ", "b", 0.125, 3, 3, [[" ", 0.625], ["a", 0.25]]],
  ["b", "", 0.0625, 4, 4, [["\x1b", 0.9375]]],
].map(([from, text, probability, surprisal, rank, others], i) => ({
  ...{ from: { token: 0, text: from }, token: 0, text, probability, surprisal, rank },
  alternatives: (others as [string, number][]).map(([text, probability]) => ({ token: 0, text, probability })),
  // Each layer and head looks elsewhere: at the first, the last, alike, and 3/4 at the first.
  attention: [
    [one(i, 0), one(i, i)],
    [Array(i + 1).fill(1 / (i + 1)), one(i, 0).map((w) => i === 0 ? 1 : w === 1 ? 0.75 : 0.25 / i)],
  ],
})) as ExplainedPosition[];

/** Weights of a position that looks at one place. */
function one(position: number, at: number): number[] {
  return Array.from({ length: position + 1 }, (_, i) => Number(i === at));
}

Deno.test("explanation: the table says what each character was worth, and what was likelier", () => {
  assertEquals(predictionTable(POSITIONS).split("\n").map((line) => line.trimEnd()), [
    "char   prob  bits  rank  likeliest others",
    "a     25.0%  2.00     2  b 50.0%  $ 12.5%",
    "␣     50.0%  1.00     1  a 30.0%  b 20.0%",
    "b     12.5%  3.00     3  ␣ 62.5%  a 25.0%",
    "$      6.3%  4.00     4  \\u001b 93.8%",
  ]);
});

Deno.test("explanation: on a narrow terminal with fewer others", () => {
  const narrow = (columns: number): string[] =>
    predictionTable(POSITIONS, columns).split("\n").map((line) => line.trimEnd());
  assertEquals(narrow(40)[0], "char   prob  bits  rank  likeliest");
  assertEquals(narrow(40)[1], "a     25.0%  2.00     2  b 50.0%");
  assertEquals(narrow(30)[1], "a     25.0%  2.00     2");
});

Deno.test("explanation: bits in all, and a character, the end among them", () => {
  const { bits, bitsPerCharacter } = bitsOf(POSITIONS);
  assertAlmostEquals(bits, 10, 1e-12);
  assertAlmostEquals(bitsPerCharacter, 2.5, 1e-12);
  assertEquals(
    bitsLine("a b", POSITIONS),
    '"a b": 10.00 bits, 2.500 a character (^ is the beginning, $ the end)',
  );
});

Deno.test("explanation: figures say what part of a text they speak of", () => {
  assertEquals(scoredOf("a b", POSITIONS), { characters: 3, total: 3, end: true });
  assertEquals(scoredOf("a b🙂", POSITIONS), { characters: 4, total: 4, end: false });
  assertEquals(scoredOf("a b🙂c", POSITIONS), { characters: 4, total: 5, end: false });
  assertEquals(
    bitsLine("a b🙂", POSITIONS),
    '"a b🙂": 10.00 bits, 2.500 a character (^ is the beginning; the block has no room for the end)',
  );
  assertEquals(
    bitsLine("a b🙂c", POSITIONS),
    '"a b🙂c": 10.00 bits, 2.500 a character, of the first 4 of 5 characters (^ is the beginning)',
  );
});

Deno.test("explanation: attention of each head, from each row to the columns, named by what it stands on", () => {
  const table = (layer: number, head: number, columns = Infinity) => attentionTable(POSITIONS, layer, head, columns);
  assertEquals(table(0, 0).split("\n"), [
    "    ^   a   ␣   b",
    "^ 100",
    "a 100   0",
    "␣ 100   0   0",
    "b 100   0   0   0",
  ]);
  assertEquals(table(0, 1).split("\n").slice(1), ["^ 100", "a   0 100", "␣   0   0 100", "b   0   0   0 100"]);
  assertEquals(table(1, 0).split("\n").slice(2), ["a  50  50", "␣  33  33  33", "b  25  25  25  25"]);
  assertEquals(table(1, 1).split("\n").slice(2), ["a  75  25", "␣  75  13  13", "b  75   8   8   8"]);
});

Deno.test("explanation: where there is no room for percent, shades; no line is wider than the terminal", () => {
  assertEquals([21, 22].map((columns) => hasRoom(POSITIONS, columns)), [false, true]);
  assertEquals(attentionTable(POSITIONS, 1, 1, 21).split("\n"), [" ^a␣b", "^█", "a▓░", "␣▓░░", "b▓   "]);
  assertEquals(attentionTable(POSITIONS, 1, 0, 3).split("\n"), [" ^a", "^█", "a▒▒", "␣░░", "b░░"]);
});

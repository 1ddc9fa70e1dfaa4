/**
 * The help is complete, and fits the terminal.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { number, text, toggle } from "../../../scripts/cli/flags.ts";
import { helpText } from "../../../scripts/cli/help.ts";
import { FLAGS, GROUPS } from "../../../scripts/train/flags.ts";
import { law } from "../../property.ts";

const SMALL = {
  "learning-rate": number({}, 0.01, "how fast"),
  "seed": number({}, undefined, "where from"),
  "a-very-long-name-for-a-flag": text("", "something that is said in as many words as it takes, and they are not few"),
  "quiet": toggle("say nothing"),
};

Deno.test("help: without a terminal a line for each flag, with its default", () => {
  const help = helpText({ usage: "train", summary: "Trains.", flags: SMALL });
  assert(help.startsWith("Trains.\n\n  deno task train [flags]\n\n"), help);
  assertMatch(help, /^ +--learning-rate N +how fast \(default 0.01\)$/m);
  assertMatch(help, /^ +--seed N +where from$/m);
  assertEquals(help.split("\n").length, 8);
});

Deno.test("help: on a terminal wrapped beside the flags, or below those that are long; on a narrow one below all", () => {
  const lines = (columns: number): string[] =>
    helpText({ usage: "t", summary: "S.", examples: ["deno task t"], flags: SMALL, groups: [["g", ["seed"]]] }, columns)
      .split("\n");
  assertEquals(lines(70), [
    ...["S.", "", "  deno task t", "", "  deno task t [flags]", "", "g:"],
    "  --seed N                  where from",
    ...["", "help:"],
    "  --learning-rate N         how fast (default 0.01)",
    "  --a-very-long-name-for-a-flag TEXT",
    "                            something that is said in as many words",
    "                            as it takes, and they are not few",
    "  --quiet                   say nothing",
  ]);
  assertEquals(lines(40).slice(7, 9), ["  --seed N", "      where from"]);
});

law("help: every flag of train once, in no line longer than the terminal but for words and commands", [
  fc.integer({ min: 40, max: 200 }),
], (columns) => {
  const help = helpText({ usage: "train", summary: "Trains.", flags: FLAGS, groups: GROUPS }, columns);
  for (const name of Object.keys(FLAGS)) {
    assertEquals(
      help.split("\n").filter((line) => line.startsWith(`  --${name} `) || line === `  --${name}`).length,
      1,
    );
  }
  for (const line of help.split("\n")) {
    assert(line.length <= columns || /^ *\S+( \S+)?$/.test(line), line);
  }
});

Deno.test("help: every flag of train is in a group, and groups hold no other", () => {
  assertEquals(GROUPS.flatMap(([, names]) => names).sort(), Object.keys(FLAGS).sort());
});

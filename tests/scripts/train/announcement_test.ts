/**
 * What a run says of itself.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { parseFlags } from "../../../scripts/cli/flags.ts";
import { interruptedLine } from "../../../scripts/train/announcement.ts";
import { FLAGS } from "../../../scripts/train/flags.ts";
import type { Run } from "../../../scripts/train/run.ts";

Deno.test("train: an interrupted run says where it was saved, which is what is resumed", () => {
  const said = (out: string, ...args: string[]): string => {
    const given = new Set(args.filter((arg) => arg.startsWith("--")).map((arg) => arg.slice(2)));
    return interruptedLine(7, { out } as Run, parseFlags(FLAGS, args), given);
  };
  // A resumed run goes on where it was, though --out has a default.
  assertEquals(
    said("old.st", "--resume", "old.st"),
    "interrupted after step 7: saved old.st; go on with deno task train --resume old.st",
  );
  assertEquals(
    said("new.st", "--resume", "old.st", "--out", "new.st", "--steps", "9", "--log", "a b"),
    "interrupted after step 7: saved new.st; go on with deno task train --resume new.st --log 'a b'",
  );
});

/**
 * The data of a checkpoint, found by its hash.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, task, taskTest } from "../task.ts";

taskTest("train: a book in blocks, resumed and evaluated by its hash alone", (folder) => {
  const out = `${folder}/book.safetensors`;
  const flags = ["--engine", "simd", "--batch", "4", "--n-embd", "8", "--block-size", "32", "--samples", "2"];
  const run = ["--data", "data/moby_dick.txt", "--documents", "paragraph", "--val-fraction", "0.1", ...flags];
  const { code, stdout } = task("train", ...run, "--eval-documents", "50", "--steps", "30", "--out", out);
  assertEquals(code, 0);
  assertMatch(stdout, /^num docs: 2560\nvocab size: 81\n[^]*^blocks: 3\d{4}, of 32 characters at most$/m);
  const again = task("train", "--resume", out, "--steps", "40");
  assertMatch(again.stdout, /^resumed: .*, after step 30 of 40$/m);
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).hyperparameters.documentKind, "paragraph");
  assertRefused(task("train", "--resume", out, "--documents", "whole"), 1, "the run has paragraph");
  const sampled = task("sample", "--model", out, "--samples", "3");
  assertMatch(sampled.stdout, /\n\d of 3 new \(\d+%\), \d in training data, \d repeated\n$/);
});

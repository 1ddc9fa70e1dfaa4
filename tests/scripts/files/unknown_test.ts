/**
 * Data with characters that a model does not know.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, task, taskReading, taskTest } from "../task.ts";

taskTest("unknown characters: named with their line; documents that have some can be left out", async (folder) => {
  const path = (name: string): string => `${folder}/${name}`;
  const write = (name: string, text: string): string => {
    Deno.writeTextFileSync(path(name), text);
    return path(name);
  };
  const known = write("known.txt", "anna\nbob\neve\n");
  const other = write("other.txt", "\ufeffanna\r\n\r\nbob\u0301\rev\u00e9\n\nzoë\nnova\n");
  const out = path("m");
  task("train", "--quiet", "--data", known, "--steps", "2", "--out", out);
  const evaluate = (...args: string[]) => task("evaluate", "--model", out, ...args);
  const sentence = 'has characters that the model does not know: "zéë\u0301", the first in line 3; it must have only ' +
    "those the model was trained on, or --skip-unknown leaves out 3 of its 5 documents";
  assertRefused(evaluate("--data", other), 1, `data file ${other} ${sentence}`);
  const stdin = await taskReading(Deno.readFileSync(other), "evaluate", "--model", out, "--data", "-");
  assertRefused(stdin, 1, `standard input ${sentence}`);
  const skipped = evaluate("--data", other, "--skip-unknown");
  assertStringIncludes(skipped.stdout, "\nskipped: 3 docs with characters that the model does not know\n");
  assertMatch(skipped.stdout, /^other data +2 /m);
  const json = JSON.parse(evaluate("--data", other, "--skip-unknown", "--json").stdout);
  assertEquals([json["other data"].documents, json.skipped], [2, 3]);
  const all = write("all.txt", "zzz\nyyy\n");
  const none = evaluate("--data", all, "--skip-unknown");
  assertRefused(none, 1, "the first in line 1; it must have only those the model was trained on\n");

  const bytes = Deno.readFileSync(out);
  const resume = ["--resume", out, "--data", other, "--allow-other-data", "--steps", "4", "--samples", "0"];
  assertRefused(task("train", ...resume), 1, "the first in line 3");
  assertEquals(Deno.readFileSync(out), bytes);
  const { code, stdout } = task("train", ...resume, "--skip-unknown");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "\nskipped: 3 docs with characters that the model does not know\n");
  const saved = decodeCheckpoint(Deno.readFileSync(out));
  assertEquals([saved.t, saved.source], [4, { path: other, encoding: "utf-8" }]);
  assertRefused(task("train", "--resume", out, "--steps", "5"), 1, "--skip-unknown leaves out 3 of its 5 documents");
  assertEquals(task("train", "--quiet", "--resume", out, "--steps", "5", "--skip-unknown").code, 0);
  assert(task("train", "--skip-unknown").stderr.includes("--skip-unknown has no effect without --resume"));
});

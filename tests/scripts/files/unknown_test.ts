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
  const sentence =
    "has characters that the model does not know: z é ë U+0301, the first in line 3; it must have only " +
    "those the model was trained on, or --skip-unknown leaves out 3 of its 5 documents";
  assertRefused(evaluate("--data", other), 1, `data file ${other} ${sentence}`);
  const stdin = await taskReading(Deno.readFileSync(other), "evaluate", "--model", out, "--data", "-");
  assertRefused(stdin, 1, `standard input ${sentence}`);
  const skipped = evaluate("--data", other, "--skip-unknown");
  assertStringIncludes(skipped.stdout, "\nskipped: 3 docs with characters that the model does not know\n");
  assertMatch(skipped.stdout, /^other data +2 /m);
  const json = JSON.parse(evaluate("--data", other, "--skip-unknown", "--json").stdout);
  assertEquals([json["other data"].documents, json.skipped], [2, 3]);
  const marked = write("marked.txt", "anna\nnova \n\ufeffbob\n"); // white space around a line is none of it, a mark is
  assertRefused(evaluate("--data", marked), 1, "does not know: U+FEFF, the first in line 3");
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

taskTest("unknown characters: where the model knows them all in another form of Unicode's, that is named", (folder) => {
  const [data, other, out] = ["data.txt", "other.txt", "m"].map((name) => `${folder}/${name}`);
  const text = "ren\u00e9\nzo\u00eb\nbob\n";
  const lines = (form: string, before = ""): void => Deno.writeTextFileSync(other, before + text.normalize(form));
  const refusal = (form: string, kind: string, ...flags: string[]): string => {
    Deno.writeTextFileSync(data, text.normalize(form));
    task("train", "--quiet", "--data", data, "--documents", kind, "--steps", "1", "--out", out, ...flags);
    const { code, stderr } = task("evaluate", "--model", out, "--data", other);
    assertEquals(code, 1);
    return stderr;
  };
  for (const kind of ["line", "whole"]) {
    lines("NFD");
    assertStringIncludes(
      refusal("NFC", kind),
      "know: U+0301 U+0308, the first in line 1, but none in Unicode's form NFC;",
    );
    lines("NFC");
    assertStringIncludes(refusal("NFD", kind), "know: é ë, the first in line 1, but none in Unicode's form NFD;");
    lines("NFD", "q\n");
    assertStringIncludes(refusal("NFC", kind), "know: q U+0301 U+0308, the first in line 1; it must");
  }
  // A model with a form brings all text to it: another would not help.
  Deno.writeTextFileSync(other, "zo\u00eb\nbob\n");
  Deno.writeTextFileSync(data, "zoe\nq\u0308\nbob\n");
  task("train", "--quiet", "--data", data, "--normalize", "nfc", "--steps", "1", "--out", out);
  assertRefused(task("evaluate", "--model", out, "--data", other), 1, "know: ë, the first in line 1; it must");
});

/**
 * Paths from where the user stands.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { inFolder } from "../../../scripts/cli/places.ts";
import { law } from "../../property.ts";
import { assertRefused, deno, type Outcome, ROOT, taskTest } from "../task.ts";

const name = fc.constantFrom("a", "b.txt", "류", "..", "c d", "~", "-");
const relative = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

law(
  "places: a relative path is in the folder, one from a root is where it was",
  [relative, relative],
  (folder, path) => {
    assertEquals(inFolder(`/${folder}`, path), `/${folder}/${path}`);
    assertEquals(inFolder(`/${folder}/`, `./${path}`), `/${folder}/${path}`);
    assertEquals(inFolder("/", path), `/${path}`);
    for (const rooted of [`/${path}`, `C:\\${path}`, `d:/${path}`, `\\\\${path}`]) {
      assertEquals(inFolder(`/${folder}`, rooted), rooted);
    }
    assertEquals(inFolder(`/${folder}`, ""), "");
  },
);

taskTest("tasks: paths are taken from where the user stands, defaults from the project", (folder) => {
  const here = Deno.realPathSync(folder);
  const run = (name: string, ...args: string[]): Outcome =>
    deno(here, "task", "--quiet", "--config", Deno.realPathSync(new URL("deno.json", ROOT)), name, ...args);
  Deno.writeTextFileSync(`${here}/mine.txt`, "anna\nbob\n");
  const { code, stdout } = run("train", "--data", "mine.txt", "--steps", "2", "--samples", "0", "--out", "sub/m");
  assertEquals(code, 0);
  assertMatch(stdout, /^num docs: 2\n/);
  assert(stdout.endsWith(`saved: ${here}/sub/m\n`), stdout);
  assertStringIncludes(run("sample", "--model", "./sub/m", "--data", "mine.txt").stdout, " in training data, ");
  assertEquals(run("explain", "anna", "--model", "sub/m").code, 0);
  assertEquals(run("evaluate", "--data", "mine.txt", "--model", "sub/m").code, 0);
  assertEquals(run("train", "--quiet", "--resume", "sub/m", "--data", "mine.txt", "--steps", "3").code, 0);
  assertMatch(run("train", "--help").stdout, /--data FILE .*\(default \/.*data\/names.txt\)$/m);
  assertRefused(run("train", "--data", "none"), 1, `${here}/none cannot be read: there is no such file in ${here}`);
  assertRefused(run("sample", "--model", "sub/none"), 1, `there is no model none in ${here}/sub: run deno task train`);
  const sweep = run("sweep", "--data", "mine.txt", "--seeds", "1", "--steps", "2", "--out", "cells");
  assertStringIncludes(sweep.stdout, `results: ${here}/cells/results.csv`);
  assertMatch(Deno.readTextFileSync(`${here}/cells/results.csv`), /mine\.txt,2,42,ok,/);
});

taskTest("tasks: a missing file is named with the folder in which it was looked for", () => {
  const root = Deno.realPathSync(ROOT);
  const refused = (sentence: string, task: string, ...args: string[]): void =>
    assertRefused(deno(ROOT, "task", "--quiet", task, ...args), 1, sentence);
  refused(`data file none cannot be read: there is no such file in ${root}`, "train", "--data", "none");
  refused(
    `data file src/none/x cannot be read: there is no such file in ${root}/src/none`,
    "train",
    "--data",
    "src/none/x",
  );
  refused(`there is no model x in ${root}/src/none: `, "explain", "a", "--model", "src/none/x");
});

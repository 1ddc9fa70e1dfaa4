/**
 * `deno task report`.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest("report: one file with all runs, each log by its name", (folder) => {
  const log = (seed: number): string => `${folder}/run-${seed}.jsonl`;
  for (const seed of [1, 2]) {
    const args = ["--quiet", "--steps", "20", "--seed", String(seed), "--snapshot-every", "10", "--log", log(seed)];
    assertEquals(task("train", ...args, "--out", `${folder}/model`).code, 0);
  }
  const out = `${folder}/report.html`;
  const made = task("report", "--log", log(1), "--log", log(2), "--out", out);
  assertEquals([made.code, made.stderr], [0, ""]);
  assertMatch(made.stdout, /^saved: .*report\.html \(2 runs, \d+ kB\)\n$/);
  const html = Deno.readTextFileSync(out);
  const reports = JSON.parse(html.match(/id="reports">(.*)<\/script>/)![1]);
  assertEquals(reports.map(({ name }: { name: string }) => name), ["run-1", "run-2"]);
  for (const { t, snapshots, end } of reports) {
    assertEquals([t, snapshots.length, snapshots[0].marks.length], [20, 2, 5]);
    assert(end.baselines.trigram.loss < end.baselines.uniform.loss);
  }
  assert(!/<(?:script|link|img)[^>]*\s(?:src|href)=/.test(html), "nothing else is asked for");

  task("report", "--sweep", folder, "--out", out);
  assertStringIncludes(Deno.readTextFileSync(out), "run-2");
});

taskTest("report: what is no log is refused, and the report that was there stays", (folder) => {
  const out = `${folder}/report.html`;
  Deno.writeTextFileSync(out, "before");
  Deno.writeTextFileSync(`${folder}/text`, "anna\nbob\n");
  Deno.mkdirSync(`${folder}/empty`);
  assertRefused(task("report", "--out", out), 2, "report needs the log of a run");
  assertRefused(task("report", "--log", `${folder}/none`, "--out", out), 1, "there is no such file");
  assertRefused(task("report", "--log", folder, "--out", out), 1, "it is a folder");
  assertRefused(task("report", "--log", `${folder}/text`, "--out", out), 1, "is not the log of a run: line 1");
  assertRefused(task("report", "--sweep", `${folder}/empty`, "--out", out), 1, "has no logs");
  assertEquals(Deno.readTextFileSync(out), "before");
});

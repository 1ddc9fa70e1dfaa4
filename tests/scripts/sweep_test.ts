/**
 * Sweeps: every combination, resumable, and no two in one folder.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest(
  "sweep: every combination and seed, to CSV and a table; resumable; one failed run does not end the rest",
  (folder) => {
    const out = `${folder}/sweep`;
    const grid = ["--steps", "20", "--n-embd", "4,8", "--beta2", "0.99,0", "--eps", "0"];
    const { code, stdout, stderr } = task("sweep", ...grid, "--seeds", "2", "--out", out);
    const rows = Deno.readTextFileSync(`${out}/results.csv`).trimEnd().split("\n");
    const expected = "n-embd,beta2,eps,seed,status,steps_taken,train_loss,val_loss,data_sha256,seconds,error";
    assertEquals(rows.length, 9);
    assertEquals(rows[0].split(",").toSorted(), ["steps", ...expected.split(",")].toSorted());
    const failed = rows.filter((row) => row.includes(",failed,")).length;
    assertEquals(failed, 4, stdout); // all with beta2 0: a first moment over a second of 0
    assertEquals(rows.filter((row) => /,failed,.*,"?a parameter is no /.test(row)).length, failed); // in the run's own words
    assertEquals(code, 1);
    assertStringIncludes(stderr, `error: ${failed} of 8 runs failed`);

    const good = ["--steps", "20", "--n-embd", "4,8", "--val-fraction", "0.1"];
    const first = task("sweep", ...good, "--seeds", "1", "--out", `${folder}/b`);
    assertEquals(first.code, 0);
    const second = task("sweep", ...good, "--seeds", "2", "--out", `${folder}/b`);
    assertStringIncludes(second.stdout, "4 runs, 2 of them done before");
    assertMatch(second.stdout, /n-embd +seeds +train loss +± sd +val loss +± sd\n +\d +2( +\d\.\d{4}){4}\n/);
    assertEquals(
      task("sweep", ...good, "--seeds", "2", "--out", `${folder}/b`).stdout.split("\n")[0].slice(0, 29),
      "4 runs, 4 of them done before",
    );

    assertRefused(task("sweep", "--n-embd", "4,x"), 2, '--n-embd "x" cannot be used');
    assertRefused(
      task("sweep", "--n-embd", "10"),
      2,
      "--n-embd 10 cannot be split over --n-head 4: it must be a multiple",
    );
    assertRefused(task("sweep", "--data", `${folder}/none`, "--out", `${folder}/c`), 1, "there is no such file");
    Deno.writeTextFileSync(`${folder}/diary`, "mine");
    assertRefused(task("sweep", "--steps", "5", "--out", `${folder}/diary`), 1, "a part of the path is a file");
    assertRefused(task("sweep", "--resume", "m"), 2, "--resume is not a flag");
    assertRefused(task("sweep", "--steps", "5", "--out", `${folder}/b`), 1, "it belongs to another sweep");
  },
);

taskTest(
  "sweep: losses on different documents are not mixed; changed data is trained on again; two do not share a folder",
  (folder) => {
    const data = `${folder}/data.txt`;
    const out = `${folder}/out`;
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nleo\n");
    const run = ["--data", data, "--steps", "10", "--val-fraction", "0,0.4", "--seeds", "1", "--out", out];
    const { stdout } = task("sweep", ...run);
    const losses = stdout.match(/^ +0 +1 +\d\.\d{4} *$|^ +0\.4 +1 +\d\.\d{4} +\d\.\d{4} *$/gm);
    assertEquals(losses?.length, 2, stdout);
    assertStringIncludes(task("sweep", ...run).stdout, "2 runs, 2 of them done before");
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nmia\n");
    assertStringIncludes(task("sweep", ...run).stdout, "2 runs, 0 of them done before");
    using lock = Deno.openSync(`${out}/.lock`, { write: true });
    lock.lockSync(true);
    assertRefused(task("sweep", ...run), 1, `another sweep is at work in ${out}`);
  },
);

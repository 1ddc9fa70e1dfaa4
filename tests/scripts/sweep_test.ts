/**
 * Sweeps: every combination, resumable, and no two in one folder.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, parseRunLog } from "../../mod.ts";
import { assertRefused, deno, ROOT, task, taskTest, until } from "./task.ts";

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

/** Two learning rates with two seeds. */
const GRID_OF_FOUR = ["--learning-rate", "0.01,0.02", "--steps", "20", "--seeds", "2", "--eval-documents", "20"];

taskTest(
  "sweep: runs one by one, in any order, make the results of a sweep; before, what is there is gathered",
  (folder) => {
    const args = (out: string): string[] => [...GRID_OF_FOUR, "--out", `${folder}/${out}`];
    const listed = task("sweep", ...args("parts"), "--list").stdout.trimEnd().split("\n");
    assertEquals(listed.length, 4);
    assert(
      listed.every((line, i) =>
        line.startsWith("deno task sweep --learning-rate 0.01,0.02 ") && line.endsWith(` --index ${i + 1}`)
      ),
    );
    const gathered = (): string => task("sweep", ...args("parts"), "--gather").stdout;
    assertStringIncludes(task("sweep", "--gather", "--out", `${folder}/parts`).stderr, "started with the same flags");
    assertStringIncludes(gathered(), "4 runs, 0 of them complete");
    for (const index of [3, 1]) assertEquals(task("sweep", ...args("parts"), "--index", String(index)).code, 0);
    assertStringIncludes(task("sweep", ...args("parts"), "--index", "3").stdout, "(done before)");
    assertStringIncludes(gathered(), "4 runs, 2 of them complete");
    for (const index of [4, 2]) task("sweep", ...args("parts"), "--index", String(index));
    const table = (text: string): string => text.slice(text.indexOf("learning-rate  "), text.indexOf("results:"));
    assertEquals(table(gathered()), table(task("sweep", ...args("whole")).stdout));
    assertStringIncludes(task("sweep", ...args("parts")).stdout, "4 runs, 4 of them done before");

    assertRefused(task("sweep", ...args("parts"), "--index", "5"), 1, "--index 5 cannot be used: there are 4 runs");
    assertRefused(task("sweep", ...args("parts"), "--index", "0"), 2, "--index 0 cannot be used");
    assertRefused(task("sweep", ...args("parts"), "--list", "--gather"), 2, "--list cannot be used with --gather");
  },
);

/** A sweep of one run that is long enough to be stopped in the middle. */
const LONG = ["--steps", "60000", "--n-embd", "8", "--seeds", "1", "--jobs", "1"];

for (const signal of ["SIGKILL", "SIGHUP"] as const) {
  taskTest(
    `sweep: ended by ${signal}, its runs end with it and save; the same command goes on from there`,
    async (folder) => {
      const out = `${folder}/cells`;
      const args = ["run", "--allow-read", "--allow-write", "--allow-run", "scripts/sweep.ts", ...LONG, "--out", out];
      const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "null", stderr: "null" }).spawn();
      const named = (end: string): string[] => namesIn(out).filter((name) => name.endsWith(end));
      const namesIn = (path: string): string[] => {
        try {
          return [...Deno.readDirSync(path)].map(({ name }) => name);
        } catch {
          return [];
        }
      };
      await until(() => named(".jsonl").length > 0);
      await new Promise((later) => setTimeout(later, 100)); // it has begun to listen, and to train
      child.kill(signal);
      assertEquals((await child.status).code, signal === "SIGHUP" ? 129 : 137);
      await until(() => named(".safetensors").length > 0 && named(".safetensors.lock").length === 0);
      const [model, log] = [named(".safetensors")[0], named(".jsonl")[0]].map((name) => `${out}/${name}`);
      const { t } = decodeCheckpoint(Deno.readFileSync(model));
      assert(t > 0 && t < 60_000, String(t));

      // A run that began anew would write a header of its own.
      const marked = Deno.readTextFileSync(log).replace(/"deno":"[^"]*"/, '"deno":"0.0.1"');
      Deno.writeTextFileSync(log, marked);
      const again = task("sweep", ...LONG, "--out", out);
      assertEquals([again.code, again.stderr], [0, ""]);
      const entries = parseRunLog(Deno.readTextFileSync(log));
      const [header] = entries;
      assertEquals(header.type === "header" && header.versions.deno, "0.0.1");
      assertEquals(entries.filter(({ type }) => type === "step").length, 60_000);
      assertEquals(entries.at(-1)!.type, "end");
    },
  );
}

taskTest("sweep: a run that another process is at work on is left to it", async (folder) => {
  const out = `${folder}/cells`;
  const args = ["task", "--quiet", "sweep", ...LONG, "--out", out, "--index", "1"];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "piped", stderr: "null" }).spawn();
  const locks = (): number => {
    try {
      return [...Deno.readDirSync(out)].filter(({ name }) => name.endsWith(".safetensors.lock")).length;
    } catch {
      return 0;
    }
  };
  await until(() => locks() > 0);
  const second = task("sweep", ...LONG, "--out", out, "--index", "1");
  assertEquals(second.code, 1);
  assertStringIncludes(second.stdout, "failed: another process is at work on it");
  const first = await child.output();
  assertEquals(first.code, 0);
  assertMatch(new TextDecoder().decode(first.stdout), /^1 \/ 1 .* train /);
});

taskTest(
  "sweep and crashtest: started from another folder they find their scripts, and the project's data",
  (folder) => {
    const root = Deno.realPathSync(ROOT);
    const run = (script: string, ...args: string[]) => deno(folder, "run", "-A", `${root}/scripts/${script}`, ...args);
    const swept = run("sweep.ts", "--steps", "5", "--seeds", "1", "--out", `${folder}/cells`);
    assertEquals([swept.code, swept.stderr], [0, ""]);
    const crashed = run("dev/crashtest.ts", "--kills", "1", "--steps", "100");
    assertEquals([crashed.code, crashed.stderr], [0, ""]);
  },
);

/**
 * What reviews have found of interruptions, best models and messages.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

taskTest("train: one Ctrl-C that arrives twice is one; the last save is waited for", async (folder) => {
  const out = `${folder}/model`;
  const { stop } = await startTraining("--n-embd", "256", "--n-layer", "4", "--engine", "simd", "--out", out);
  const { code, stderr } = await stop("SIGINT", "blink", "SIGINT");
  assertEquals(code, 130, stderr);
  const { t } = decodeCheckpoint(Deno.readFileSync(out));
  assertStringIncludes(stderr, `interrupted after step ${t}: saved ${out}; go on with deno task train --resume ${out}`);
  assertEquals([...Deno.readDirSync(folder)].length, 1);
});

taskTest("train: a second Ctrl-C ends a long step at once, and the last checkpoint is whole", async (folder) => {
  const out = `${folder}/model`;
  const long = ["--engine", "scalar", "--n-embd", "64", "--n-layer", "4", "--batch", "500"];
  const saved = ["--steps", "1", "--samples", "0", "--n-embd", "8", "--quiet", "--out", out];
  assertEquals(task("train", ...saved).code, 0);
  const before = Deno.readFileSync(out);
  const { stop } = await startTraining("--until", "engine", ...long, "--out", out);
  const started = performance.now();
  const { status } = await stop("SIGINT", "wait", "SIGINT");
  assertEquals(status.signal, "SIGINT");
  assert(performance.now() - started < 10_000);
  assertEquals(Deno.readFileSync(out), before);
});

taskTest("train --resume --out: takes the right best model along, and replaces nothing else", (folder) => {
  const path = (name: string): string => `${folder}/${name}.st`;
  const run = ["--steps", "40", "--samples", "0", "--quiet"];
  task("train", ...run, "--val-fraction", "0.1", "--eval-every", "20", "--out", path("m"));
  const best = Deno.readFileSync(path("m.best"));
  assertEquals(task("train", "--resume", path("m"), "--quiet", "--out", path("c")).code, 0);
  assertEquals(decodeCheckpoint(Deno.readFileSync(path("c.best"))).t, decodeCheckpoint(best).t);

  // The best model of another run is not taken for this one's.
  Deno.writeTextFileSync(path("data"), "anna\nbob\neve\nida\nleo\nmia\nnoah\n");
  const overfit = ["--data", path("data"), "--val-fraction", "0.3", "--eval-every", "10", "--learning-rate", "0.05"];
  task("train", ...run, ...overfit, "--steps", "300", "--out", path("o"));
  const last = decodeCheckpoint(Deno.readFileSync(path("o")));
  assert(last.selection.bestT < 300);
  Deno.copyFileSync(path("o"), path("o.best"));
  const taken = task("train", "--resume", path("o"), "--data", path("data"), "--quiet", "--out", path("p"));
  assertEquals(taken.code, 0);
  assertStringIncludes(taken.stderr, `note: the best model so far, of step ${last.selection.bestT}, should be`);
  assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("p")).map(({ name }) => name), [
    "p.st",
  ]);

  // A run without validation has no best model: what lies there is another's, or no model at all.
  task("train", ...run, "--out", path("m"));
  Deno.writeTextFileSync(path("d.best"), "diary");
  assertEquals(task("train", "--resume", path("m"), "--quiet", "--out", path("d")).code, 0);
  assertEquals(Deno.readTextFileSync(path("d.best")), "diary");
  assertEquals(Deno.readFileSync(path("m.best")), best);

  const patient = task("train", "--resume", path("m"), "--steps", "60", "--patience", "2");
  assertRefused(patient, 1, "began without --eval-every or --val-fraction, and has nothing to wait for");
});

taskTest(
  "train --resume: naming the engine that the run has changes nothing; other threads are refused by the flag",
  (folder) => {
    const out = `${folder}/model`;
    const threads = Math.min(2, navigator.hardwareConcurrency);
    const simd = ["--engine", "simd", "--threads", String(threads), "--batch", "4"];
    task("train", ...simd, "--steps", "10", "--samples", "0", "--quiet", "--out", out);
    const bytes = Deno.readFileSync(out);
    assertEquals(task("train", "--resume", out, "--engine", "simd", "--quiet").code, 0);
    assertEquals(Deno.readFileSync(out), bytes);
    if (threads < 2) return;
    assertRefused(
      task("train", "--resume", out, "--engine", "array", "--threads", "2"),
      2,
      "--threads 2 cannot be used",
    );
    task("train", "--steps", "10", "--samples", "0", "--quiet", "--out", out);
    assertRefused(
      task("train", "--resume", out, "--threads", "2"),
      1,
      "--threads 2 cannot be used with the engine array",
    );
  },
);

taskTest("train: errors name the flags; a model keeps its permissions", (folder) => {
  assertRefused(
    task("train", "--min-learning-rate", "0.02"),
    2,
    "--min-learning-rate 0.02 is above --learning-rate 0.01",
  );
  assertRefused(task("train", "--warmup", "1000"), 2, "--warmup 1000 leaves none of 1000 steps");
  assertRefused(
    task("train", "--val-fraction", "0.00001", "--out", `${folder}/m`),
    1,
    "--val-fraction 0.00001 of 8403",
  );
  assertRefused(task("crashtest", "--engine", "array", "--threads", "2"), 2, "--threads 2 cannot be used");
  const out = `${folder}/model`;
  task("train", "--steps", "1", "--quiet", "--out", out);
  Deno.chmodSync(out, 0o600);
  task("train", "--steps", "2", "--quiet", "--out", out);
  assertEquals(Deno.statSync(out).mode! & 0o777, 0o600);
});

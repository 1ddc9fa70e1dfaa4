/**
 * Ctrl-C, once and twice.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { task, taskTest } from "../task.ts";
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

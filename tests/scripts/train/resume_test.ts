/**
 * Runs that end before their time, and go on.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { bestPath } from "../../../scripts/files/checkpoints.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

const THREADS = String(Math.min(2, navigator.hardwareConcurrency));
const OPTIONS = [
  ...["--val-fraction", "0.1", "--eval-documents", "20", "--eval-every", "500"],
  ...["--schedule", "cosine", "--warmup", "9", "--clip-norm", "1", "--weight-decay", "0.01"],
];

const RUNS = [
  { engine: ["scalar"], steps: 3000, signal: "SIGTERM", exitCode: 143 },
  { engine: ["array"], steps: 8000, signal: "SIGTERM", exitCode: 143 },
  { engine: ["simd", "--threads", THREADS], steps: 20000, signal: "SIGINT", exitCode: 130 },
] as const;

for (const { engine: [name, ...threads], steps, signal, exitCode } of RUNS) {
  taskTest(
    `train, ${name}: ${signal} finishes the step, saves and says how to go on; resumed it ends in the same bytes`,
    async (folder) => {
      const run = ["--engine", name, ...threads, "--steps", String(steps), "--batch", "2", "--n-embd", "8", ...OPTIONS];
      const whole = `${folder}/whole.safetensors`;
      const part = `${folder}/part.safetensors`;
      const { stop } = await startTraining(...run, "--log-every", "50000", "--out", part);
      const { code, stderr } = await stop(signal);
      const { t } = decodeCheckpoint(Deno.readFileSync(part));
      assert(t > 0 && t < steps);
      const command = `deno task train --resume ${part} --log-every 50000`;
      assertEquals([code, stderr], [exitCode, `interrupted after step ${t}: saved ${part}; go on with ${command}\n`]);

      assertEquals(task("train", "--resume", part, "--quiet"), { code: 0, stdout: "", stderr: "" });
      assertEquals(task("train", ...run, "--quiet", "--out", whole), { code: 0, stdout: "", stderr: "" });
      assertEquals(Deno.readFileSync(part), Deno.readFileSync(whole));
      assertEquals(Deno.readFileSync(bestPath(part)), Deno.readFileSync(bestPath(whole)));
    },
  );
}

taskTest("train: --resume refuses what does not fit the run, and leaves it as it was", (folder) => {
  const out = `${folder}/model`;
  task("train", "--steps", "5", "--quiet", "--out", out);
  const bytes = Deno.readFileSync(out);
  Deno.writeTextFileSync(`${folder}/other.txt`, "anna\nbob\n");
  const refused = (sentence: string, ...flags: string[]): void =>
    assertRefused(task("train", "--resume", out, ...flags), 1, sentence);
  refused("--n-embd 32 cannot be used with --resume: the run has 16", "--n-embd", "32");
  refused("--learning-rate 0.1 cannot be used with --resume: the run has 0.01", "--learning-rate", "0.1");
  refused("--schedule cosine cannot be used with --resume: the run has linear", "--schedule", "cosine");
  refused("--steps 4 cannot be used: the run", "--steps", "4");
  refused(
    `data file ${folder}/other.txt is not what the run in ${out} was trained on`,
    "--data",
    `${folder}/other.txt`,
  );
  refused(`${folder}/none cannot be read: there is no such file`, "--data", `${folder}/none`);
  refused("there is no model at", "--resume", `${folder}/none`);
  refused("cannot be loaded", "--resume", `${folder}/other.txt`);
  assertRefused(task("train", "--allow-other-data"), 2, "--allow-other-data has no use without --resume");
  assertEquals(Deno.readFileSync(out), bytes);

  const other = ["--data", `${folder}/other.txt`, "--allow-other-data", "--steps", "8", "--out", `${folder}/new`];
  const { code, stdout } = task("train", "--resume", out, ...other);
  assertEquals(code, 0);
  assertStringIncludes(stdout, `resumed: ${out}, after step 5 of 8`);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/new`)).t, 8);
  assertEquals(Deno.readFileSync(out), bytes);
});

taskTest("train: a run that has all its steps is only shown again", (folder) => {
  const out = `${folder}/model`;
  const { stdout } = task("train", "--steps", "20", "--out", out);
  const bytes = Deno.readFileSync(out);
  const again = task("train", "--resume", out);
  assertEquals([again.code, again.stderr, Deno.readFileSync(out)], [0, "", bytes]);
  assertEquals(again.stdout.slice(again.stdout.indexOf("---")), stdout.slice(stdout.indexOf("---")));
});

taskTest(
  "train: where a checkpoint cannot be written the old one stays whole, and no half of one is left",
  (folder) => {
    const out = `${folder}/model`;
    const flags = ["--n-embd", "160", "--samples", "0", "--eval-documents", "1", "--quiet", "--out", out];
    assertEquals(task("train", "--steps", "1", ...flags).code, 0);
    const bytes = Deno.readFileSync(out);
    assert(bytes.length > 7e6);
    // The shell counts blocks of 512 bytes or of 1024: 3 or 6 MB, past what Deno writes for itself and below the model.
    const script = 'ulimit -f 6000; exec "$0" run --allow-read --allow-write scripts/train.ts "$@"';
    const { code, stderr } = new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath(), "--steps", "2", ...flags],
      env: { NO_COLOR: "1" },
    }).outputSync();
    assertEquals(
      [code, new TextDecoder().decode(stderr)],
      [1, `error: model ${out} cannot be written: it would be larger than files may be here\n`],
    );
    assertEquals(Deno.readFileSync(out), bytes);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["model"]);
  },
);

taskTest("train: what killed runs left is removed, what another run writes is not", (folder) => {
  const out = `${folder}/model`;
  Deno.writeTextFileSync(`${out}.0123abcd.tmp`, "half");
  Deno.writeTextFileSync(`${out}.deadbeef.tmp`, "half");
  Deno.writeTextFileSync(`${out}.notes.tmp`, "mine");
  using writing = Deno.openSync(`${out}.deadbeef.tmp`, { write: true });
  writing.lockSync(true);
  assertEquals(task("train", "--steps", "1", "--quiet", "--out", out).code, 0);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    "model",
    "model.deadbeef.tmp",
    "model.notes.tmp",
  ]);
});

taskTest(
  "train: early stopping ends the run, says so, and keeps the best model; repeats and the split are reported",
  (folder) => {
    const data = `${folder}/data.txt`;
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nleo\nmia\nnoah\nanna\n");
    const out = `${folder}/m.safetensors`;
    const { code, stdout } = task(
      ...["train", "--data", data, "--out", out, "--val-fraction", "0.3", "--eval-every", "10", "--patience", "3"],
      ...["--steps", "1000", "--learning-rate", "0.05", "--samples", "0"],
    );
    assertEquals(code, 0);
    assertStringIncludes(stdout, "repeats: 1 docs repeat an earlier one");
    assertStringIncludes(stdout, "split: 6 docs to train on, 2 different ones held back (seed 42)");
    assertMatch(stdout, /^baselines: uniform \d\.\d{4}, unigram .+ nats$/m);
    assertMatch(stdout, /^eval +10 \/ 1000 \| train \S+ nats, \S+ bits\/char, ppl \S+ \| val .+ \(best\)$/m);
    const [, bestT] = stdout.match(/^stopped early: no better validation loss in 3 evaluations since step (\d+)$/m)!;
    const best = decodeCheckpoint(Deno.readFileSync(`${folder}/m.best.safetensors`));
    const last = decodeCheckpoint(Deno.readFileSync(out));
    assertEquals([best.t, last.t], [Number(bestT), Number(bestT) + 30]);
    assertEquals(last.selection, { ...best.selection, waited: 3 });

    const json = task("evaluate", "--model", `${folder}/m.best.safetensors`, "--data", data, "--json");
    const evaluated = JSON.parse(json.stdout);
    assertEquals(Object.keys(evaluated), ["training", "validation", "trigram", "bigram", "unigram", "uniform"]);
    assert(Math.abs(evaluated.validation.loss - best.selection.bestLoss!) < 1e-9);
    Deno.writeTextFileSync(`${folder}/other.txt`, "anna\nbob\n");
    const other = task("evaluate", "--model", out, "--data", `${folder}/other.txt`, "--train-data", data);
    assertMatch(other.stdout, /another file than it was trained on\n.*\nother data +2 +[^]*\ntrigram/);
    assertRefused(
      task("evaluate", "--model", out, "--data", "data/names.txt"),
      1,
      "has characters that the model does not know",
    );
    assertRefused(
      task("evaluate", "--model", out, "--data", data, "--train-data", `${folder}/other.txt`),
      1,
      "other.txt is not what the model was trained on",
    );
  },
);

taskTest("train: a number that is none stops the run, and says which checkpoint is the last good one", (folder) => {
  const out = `${folder}/model`;
  const flags = ["--learning-rate", "10", "--init-std", "100", "--quiet", "--checkpoint-every", "1", "--out", out];
  const { code, stderr } = task("train", ...flags);
  assertEquals(code, 1);
  const [, at] = stderr.match(
    /^error: the loss is \S+ at step (\d+), on "[a-z]+": it must be finite; it first shows in /,
  )!;
  if (at === "1") assertStringIncludes(stderr, "no checkpoint of this run was saved yet");
  else {
    assertStringIncludes(stderr, `; ${out} has the run after step ${Number(at) - 1}\n`);
    assertEquals(decodeCheckpoint(Deno.readFileSync(out)).t, Number(at) - 1);
  }
});

taskTest("crashtest: kills, resumes and compares; gradcheck: every tensor, and failing past tolerance", (folder) => {
  const { code, stdout, stderr } = task("crashtest", "--kills", "4", "--steps", "400");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    stdout,
    /^4 kills, \d of them after progress was saved: .* ended in the same bytes \(array, 1 thread, 400 steps\)\n$/,
  );

  Deno.writeTextFileSync(`${folder}/mine.txt`, "Ada\nBob\nEve\n");
  const flags = ["--data", `${folder}/mine.txt`, "--n-layer", "2", "--n-embd", "6", "--n-head", "3", "--checks", "2"];
  const checked = task("gradcheck", ...flags);
  assertEquals([checked.code, checked.stderr], [0, ""]);
  assertEquals(checked.stdout.match(/^(wte|wpe|lm_head|layer\d\.\w+) .*$/gm)!.length, 15);
  assertMatch(checked.stdout, /all within tolerance/);
  assertRefused(task("gradcheck", "--model", "m", "--n-embd", "8"), 2, "--n-embd has no use with --model");
});

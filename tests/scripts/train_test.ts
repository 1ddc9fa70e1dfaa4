/**
 * Training as a user does it: the numbers of the reference, the same bytes, and a run that ends well.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, DEFAULT_HYPERPARAMETERS, parseRunLog } from "../../mod.ts";
import { assertRefused, deno, task, taskTest } from "./task.ts";
import { startTraining } from "./training.ts";
import names1 from "../golden/names_seed1_l3.json" with { type: "json" };
import names42 from "../golden/names_seed42.json" with { type: "json" };

const goldenFlags = { 42: [], 1: ["--seed", "1", "--n-layer", "3", "--block-size", "8", "--steps", "120"] };

for (
  const [golden, engine] of [[names42, "array"], [names42, "scalar"], [names1, "array"], [names1, "scalar"]] as const
) {
  const flags = goldenFlags[golden.config.seed as 42 | 1];
  const samples = golden.samples.map((text, i) => `sample ${String(i + 1).padStart(2)}: ${text}`);

  taskTest(
    `train, ${engine}, seed ${golden.config.seed}: prints the reference's lines, and sample its names`,
    (folder) => {
      const model = `${folder}/new/model.safetensors`;
      const chosen = engine === "array" ? [] : ["--engine", engine]; // array is the default
      const { code, stdout, stderr } = task("train", ...flags, ...chosen, "--log-every", "1", "--out", model);
      assertEquals([code, stderr], [0, ""]);
      const { steps } = golden.config;
      // The reference does not say what its vocabulary is, nor that some names are longer than the small block.
      const lines = stdout.split("\n").filter((line) => !/^(vocabulary|left out): /.test(line));
      assertEquals(lines.slice(0, 3), [
        `num docs: ${golden.numDocs}`,
        `vocab size: ${golden.vocabSize}`,
        `num params: ${golden.numParams}`,
      ]);
      assertEquals(lines[3], `engine: ${engine} (float64)`);
      golden.losses.forEach((loss, i) => {
        const expected = `step ${String(i + 1).padStart(4)} / ${String(steps).padStart(4)} | loss ${loss.toFixed(4)}`;
        assert(lines[4 + i].startsWith(`${expected} |`), `${lines[4 + i]} is not ${expected}`);
      });
      assertEquals(lines.slice(4 + steps, 25 + steps), ["--- inference (new, hallucinated names) ---", ...samples]);

      const again = task("sample", "--model", model);
      assertEquals([again.code, again.stderr], [0, ""]);
      const marked = again.stdout.split("\n").slice(0, 20);
      assertEquals(marked.map((line) => line.replace(/ +(new|in training data|repeat)$/, "")), samples);
    },
  );
}

taskTest("train: the same flags give the same bytes, and pipes get no carriage return", (folder) => {
  const run = (name: string): [string, Uint8Array] => {
    const out = `${folder}/${name}`;
    const { stdout } = task("train", "--steps", "30", "--out", out);
    return [stdout.replace(out, "OUT"), Deno.readFileSync(out)];
  };
  const [stdout, bytes] = run("a");
  assertEquals(run("b"), [stdout, bytes]);
  assert(!stdout.includes("\r") && !stdout.includes("\x1b"));
  assertEquals(stdout.match(/^step /gm)!.length, 11); // the first and ten more
  assertEquals([...Deno.readDirSync(folder)].length, 2); // no temporary file stays
});

taskTest("train: every flag reaches the run, and the model remembers it", (folder) => {
  Deno.writeTextFileSync(`${folder}/data.txt`, "김서연\r\n이준\n\n  박지우🙂\t\n");
  const out = `${folder}/model`;
  const { code, stdout } = task(
    ...[
      "train",
      "--data",
      `${folder}/data.txt`,
      "--out",
      out,
      "--steps",
      "4",
      "--batch",
      "2",
      "--n-layer",
      "2",
      "--n-embd",
      "6",
    ],
    ...["--n-head", "3", "--block-size", "5", "--learning-rate", "0.02", "--beta1", "0.9", "--beta2", "0.95"],
    ...["--eps", "1e-7", "--init-std", "0.1", "--seed", "3", "--temperature", "0.7", "--samples", "2"],
    ...["--log-every", "3", "--schedule", "cosine", "--warmup", "1", "--min-learning-rate", "0.001"],
    ...["--weight-decay", "0.1", "--clip-norm", "2", "--val-fraction", "0.3", "--eval-every", "2"],
    ...["--eval-documents", "7", "--patience", "9", "--dropout", "0.2"],
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "num docs: 3\nvocab size: 10\nnum params: 1014\n");
  assertEquals(stdout.match(/^(step|sample) +\d+/gm), [
    "step    1",
    "step    3",
    "step    4",
    "sample  1",
    "sample  2",
  ]);
  const { config, hyperparameters, t, tokenizer } = decodeCheckpoint(Deno.readFileSync(out));
  assertEquals(config, { nLayer: 2, nEmbd: 6, nHead: 3, blockSize: 5, vocabSize: 10 });
  assertEquals(hyperparameters, {
    ...DEFAULT_HYPERPARAMETERS,
    ...{ steps: 4, batch: 2, learningRate: 0.02, beta1: 0.9, beta2: 0.95, eps: 1e-7, initStd: 0.1, seed: 3 },
    ...{ temperature: 0.7, samples: 2, schedule: "cosine", warmup: 1, minLearningRate: 0.001, weightDecay: 0.1 },
    ...{ clipNorm: 2, valFraction: 0.3, evalEvery: 2, evalDocuments: 7, patience: 9, documentKind: "line" as const },
    dropout: 0.2,
  });
  assertEquals([t, tokenizer.vocabulary.join("")], [4, "김박서연우이준지🙂"]);
});

taskTest("train: --quiet prints nothing, --samples 0 no samples", (folder) => {
  const out = `${folder}/model`;
  assertEquals(task("train", "--steps", "2", "--quiet", "--out", out), { code: 0, stdout: "", stderr: "" });
  const { stdout } = task("train", "--steps", "2", "--samples", "0", "--out", out);
  assert(!stdout.includes("sample") && !stdout.includes("inference"));
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
  },
);

taskTest("train: says what lines longer than the block leave out, and the flag that takes it in", (folder) => {
  const data = `${folder}/data.txt`;
  Deno.writeTextFileSync(data, `${"a".repeat(16)}b\n${"a".repeat(16)}c\nxy\n`);
  const run = (...flags: string[]): string => {
    const all = ["--data", data, "--steps", "2", "--samples", "0", "--out", `${folder}/m`, ...flags];
    return task("train", ...all).stdout;
  };
  assertStringIncludes(
    run(),
    "left out: 2 docs are longer than the block of 16, and 2 characters (5.6%) are past it: " +
      "--documents line-blocks takes them in\n",
  );
  const cut = run("--documents", "line-blocks");
  assert(!cut.includes("left out"));
  assertStringIncludes(cut, "num docs: 3\n");
  assertStringIncludes(cut, "blocks: 5, of 16 characters at most\n");
  assert(!run("--block-size", "17").includes("left out"));
  // Whole lines are different ones, though the block sees no difference.
  assert(!run().includes("repeats: "));
  const halves = run("--val-fraction", "0.67", "--seed", "1");
  assertStringIncludes(halves, "split: 1 docs to train on, 2 different ones held back");
  Deno.writeTextFileSync(data, `${"a".repeat(16)}b\n${"a".repeat(16)}c\n`);
  assertStringIncludes(
    run("--val-fraction", "0.5"),
    "seen: 1 of the docs held back begin like one that is trained on, as far as the block goes\n",
  );
  assert(!run("--val-fraction", "0.5", "--block-size", "17").includes("seen: "));
  Deno.writeTextFileSync(data, `${"a".repeat(6000)}\n${"b".repeat(6000)}\n`);
  assertStringIncludes(run(), "and 11968 characters (99.7%) are past it");
});

taskTest("train: says that data mixes forms; with one, data and prompts may be in any", (folder) => {
  const [data, other, out] = ["data.txt", "other.txt", "m"].map((name) => `${folder}/${name}`);
  const composed = "ren\u00e9\nzo\u00eb\nn\u00e9\nbob\n";
  Deno.writeTextFileSync(data, `${composed}zoe\u0308\n`);
  Deno.writeTextFileSync(other, composed.normalize("NFD"));
  const run = (...flags: string[]) =>
    task("train", "--data", data, "--steps", "3", "--samples", "0", "--out", out, ...flags);
  const mixed = run().stdout;
  assertStringIncludes(mixed, "repeats: 1 docs repeat an earlier one\n");
  assertStringIncludes(
    mixed,
    "mixed: 1 docs are not in Unicode's form NFC and 3 not in NFD, so that é may be one character or two: " +
      "--normalize nfc makes it one\n",
  );
  assertStringIncludes(
    run("--documents", "whole").stdout,
    "mixed: the text is neither in Unicode's form NFC nor in NFD, so that é may be",
  );
  const normalized = run("--normalize", "nfc").stdout;
  assert(!normalized.includes("mixed: "));
  assertStringIncludes(normalized, "vocab size: 9\n");

  const same = (name: string, ...flags: string[]): string => {
    const [first, second] = ["zo\u00eb", "zoe\u0308"].map((text) => task(name, ...flags, text, "--model", out));
    assertEquals(first.code, 0);
    assertEquals(first, second);
    return first.stdout;
  };
  assertStringIncludes(same("explain"), '"zo\u00eb": ');
  assertStringIncludes(same("sample", "--data", data, "--samples", "3", "--prompt"), "zo\u00eb");
  same("sample", "--samples", "3", "--stop");
  const evaluated = task("evaluate", "--model", out, "--data", other);
  assertEquals(evaluated.code, 0);
  assertStringIncludes(evaluated.stdout, "another file than it was trained on");
  Deno.writeTextFileSync(other, "bob\nzoe\u0308\nq\u0308\n");
  assertRefused(task("evaluate", "--model", out, "--data", other), 1, "know: q U+0308, the first in line 3");
  assertEquals(task("train", "--quiet", "--resume", out, "--steps", "5").code, 0);
  assertRefused(task("train", "--resume", out, "--normalize", "none"), 1, "--normalize none cannot be used");
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).hyperparameters.normalize, "nfc");
});

taskTest("train: shows the vocabulary, and what of it nobody sees or is rare", (folder) => {
  const run = (text: string, ...flags: string[]): string[] => {
    Deno.writeTextFileSync(`${folder}/data.txt`, text);
    const all = ["--data", `${folder}/data.txt`, "--steps", "1", "--samples", "0", "--out", `${folder}/m`, ...flags];
    return task("train", ...all).stdout.split("\n").filter((line) => /^(vocabulary|odd): /.test(line));
  };
  assertEquals(run("anna\n".repeat(3)), ["vocabulary: an"]);
  assertEquals(run("\ufeffan na\ufeff\nbo\u200bb\n"), [
    "vocabulary: ␣abno U+200B U+FEFF",
    "odd: U+200B (zero width space) once, U+FEFF (inner BOM) once; seen once: ␣ o; seen twice: a b n",
  ]);
  assertEquals(run("annna\na\n\nna\n", "--documents", "whole"), ["vocabulary: U+000A an"]);
});

/** A letter that comes in one step and not in the next leaves a first moment over a second of 0. */
const FAILING = ["--beta2", "0", "--eps", "0"];

taskTest("train: a run that fails leaves the model that was there, and a log up to its last good step", (folder) => {
  const out = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", out);
  const before = Deno.readFileSync(out);
  const log = `${folder}/log`;
  const flags = [...FAILING, "--log", log, "--out", out];
  const { code, stderr } = task("train", "--quiet", ...flags);
  assertEquals(code, 1);
  const [, at] = stderr.match(
    /^error: a parameter is no longer finite after step (\d+), on "[a-z]+": it first shows in .+\n$/,
  )!;
  assertEquals(Deno.readFileSync(out), before);
  assertEquals([...Deno.readDirSync(folder)].length, 2);
  const steps = parseRunLog(Deno.readTextFileSync(log)).filter(({ type }) => type === "step");
  assertEquals(steps.length, Number(at) - 1);
  assert(steps.length > 0);
});

taskTest("train: a number that is not finite stops the run, which says what the last good checkpoint is", (folder) => {
  const out = `${folder}/model`;
  const flags = [...FAILING, "--quiet", "--checkpoint-every", "1", "--out", out];
  const { code, stderr } = task("train", ...flags);
  assertEquals(code, 1);
  const [, at] = stderr.match(
    /^error: a parameter is no longer finite after step (\d+), on "[a-z]+": it first shows in /,
  )!;
  assert(Number(at) > 1);
  assertStringIncludes(stderr, `; ${out} has the run after step ${Number(at) - 1}\n`);
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).t, Number(at) - 1);
});

taskTest("train: a stdout that takes nothing does not cost the model", (folder) => {
  const flags = ["--steps", "20", "--out", `${folder}/model`];
  const args = ["run", "--allow-read", "--allow-write", "scripts/train.ts", ...flags];
  new Deno.Command("sh", { args: ["-c", '"$0" "$@" > /dev/full 2> /dev/null', Deno.execPath(), ...args] }).outputSync();
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/model`)).t, 20);
});

const SIMD = ["--engine", "simd", "--threads", String(Math.min(2, navigator.hardwareConcurrency)), "--batch", "8"];

taskTest("train, simd: says what runs, and the same flags give the same bytes", (folder) => {
  const run = (name: string): [string, Uint8Array] => {
    const { code, stdout } = task("train", ...SIMD, "--steps", "60", "--out", `${folder}/${name}`);
    assertEquals(code, 0);
    return [stdout.split("\n")[3], Deno.readFileSync(`${folder}/${name}`)];
  };
  const [line, bytes] = run("a");
  assertMatch(line, /^engine: simd \(float32, (relaxed )?SIMD, \d threads?\)$/);
  assertEquals(run("b"), [line, bytes]);
  assertEquals(decodeCheckpoint(bytes).hyperparameters.batch, 8);
});

taskTest("train, simd: threads end with the run, also after an error and after Ctrl-C", async (folder) => {
  const program = (inLoop: string): string => `
    import { engine, initTraining, trainSteps } from "${new URL("../../mod.ts", import.meta.url)}";
    const options = { batch: 2, steps: 1e9, engine: engine("simd", { threads: 2 }) };
    for (const step of trainSteps(initTraining(["anna", "bob", "eve"]), options)) if (step.t > 9) ${inLoop};
  `;
  Deno.writeTextFileSync(`${folder}/throws.ts`, program('throw new Error("enough")'));
  Deno.writeTextFileSync(`${folder}/breaks.ts`, program("break"));
  const thrown = deno(folder, "run", "--no-prompt", "throws.ts");
  assertEquals(thrown.code, 1);
  assertStringIncludes(thrown.stderr, "enough");
  assertEquals(deno(folder, "run", "--no-prompt", "breaks.ts").code, 0);

  const unfinished = program("break").replace(/for \(.*/, 'trainSteps(initTraining(["anna", "bob"]), options).next();');
  Deno.writeTextFileSync(`${folder}/unfinished.ts`, unfinished);
  assertEquals(deno(folder, "run", "--no-prompt", "unfinished.ts").code, 0); // when its threads see that it was left
  const { stop } = await startTraining(...SIMD, "--out", `${folder}/model`);
  assertEquals((await stop("SIGINT")).code, 130);
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../mod.ts";
import names1 from "../golden/names_seed1_l3.json" with { type: "json" };
import names42 from "../golden/names_seed42.json" with { type: "json" };
import { assertRefused, deno, task, taskTest } from "./task.ts";
import { startTraining } from "./training.ts";

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
      const lines = stdout.split("\n");
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
    ...["--eval-documents", "7", "--patience", "9"],
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
    ...{ steps: 4, batch: 2, learningRate: 0.02, beta1: 0.9, beta2: 0.95, eps: 1e-7, initStd: 0.1, seed: 3 },
    ...{ temperature: 0.7, samples: 2, schedule: "cosine", warmup: 1, minLearningRate: 0.001, weightDecay: 0.1 },
    ...{ clipNorm: 2, valFraction: 0.3, evalEvery: 2, evalDocuments: 7, patience: 9, documents: "line" as const },
  });
  assertEquals([t, tokenizer.vocabulary.join("")], [4, "김박서연우이준지🙂"]);
});

taskTest("train: --quiet prints nothing, --samples 0 no samples", (folder) => {
  const out = `${folder}/model`;
  assertEquals(task("train", "--steps", "2", "--quiet", "--out", out), { code: 0, stdout: "", stderr: "" });
  const { stdout } = task("train", "--steps", "2", "--samples", "0", "--out", out);
  assert(!stdout.includes("sample") && !stdout.includes("inference"));
});

taskTest("train and sample: --help lists the flags and does nothing else", () => {
  for (const name of ["train", "sample"]) {
    const { code, stdout, stderr } = task(name, "--help");
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `deno task ${name} [flags]`);
    assertStringIncludes(stdout, "--temperature N");
  }
});

/** What --threads may be at most. */
const CORES = navigator.hardwareConcurrency;

taskTest("train: wrong flags are refused with exit code 2", () => {
  const wrong: [string[], string][] = [
    [["--step", "5"], "did you mean --steps?"],
    [["--", "--steps", "5"], '"--" is not needed'],
    [["names.txt"], '"names.txt" is not a flag'],
    [["--steps"], "--steps needs a value"],
    [["--steps", "0"], "--steps 0 cannot be used: it must be a whole number from 1"],
    [["--n-layer", "-1"], "--n-layer -1"],
    [["--learning-rate", "NaN"], '--learning-rate "NaN"'],
    [["--learning-rate", "1e300"], "--learning-rate 1e300"],
    [["--beta1", "1"], "--beta1 1 cannot be used: it must be a number from 0 and below 1"],
    [["--seed", "1.5"], "--seed 1.5"],
    [["--log-every", "0"], "--log-every 0"],
    [["--n-embd", "10", "--n-head", "4"], "nEmbd 10 cannot be split over nHead 4: it must be a multiple"],
    [["--n-embd", "65536"], "parameters is too large"],
    [["--engine", "smid"], '--engine "smid" cannot be used: it must be one of scalar, array, simd'],
    [["--batch", "0"], "--batch 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", "0"], "--threads 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", String(CORES + 1)], `it must be a whole number from 1 to ${CORES}`],
    ...(CORES > 1
      ? [[["--threads", "2"], "--threads 2 cannot be used with --engine array"] as [string[], string]]
      : []),
  ];
  for (const [flags, sentence] of wrong) assertRefused(task("train", ...flags), 2, sentence);
});

taskTest("train: data that cannot be trained on is refused with exit code 1, and no model is written", (folder) => {
  const files: [string, Uint8Array | string, string][] = [
    ["empty", "", "has no document"],
    ["blank", "\n \n\t\n", "has no document"],
    ["one", "anna\n", "has 1 document: it must have at least 2"],
    ["binary", "anna\nbo\0b\n", "is binary"],
    ["latin1", new Uint8Array([0x61, 0xe9, 0x0a, 0x62]), "is not UTF-8"],
    ["utf16", new Uint8Array([0xff, 0xfe, 0x61, 0x00]), "is not UTF-8"],
  ];
  for (const [name, content, sentence] of files) {
    const data = `${folder}/${name}`;
    Deno.writeFileSync(data, typeof content === "string" ? new TextEncoder().encode(content) : content);
    assertRefused(task("train", "--data", data, "--out", `${folder}/model`), 1, `data file ${data} ${sentence}`);
  }
  Deno.writeTextFileSync(`${folder}/two`, "anna\nbob\n");
  files.push(["two", "", ""]);
  assertRefused(
    task("train", "--data", `${folder}/two`, "--batch", "3", "--out", `${folder}/model`),
    1,
    `--batch 3 cannot be used: ${folder}/two has 2 documents`,
  );
  assertRefused(task("train", "--data", `${folder}/none`), 1, `${folder}/none cannot be read: there is no such file`);
  assertRefused(task("train", "--data", folder), 1, `${folder} cannot be read: it is a folder`);
  assertEquals([...Deno.readDirSync(folder)].length, files.length);
});

taskTest("train: where the model cannot be written, it is refused before training", (folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "");
  Deno.mkdirSync(`${folder}/folder`);
  const refused = (out: string, sentence: string): void =>
    assertRefused(task("train", "--steps", "1000000000", "--out", out), 1, sentence);
  refused(`${folder}/file/model`, "cannot be written: a part of the path is a file");
  refused(`${folder}/folder`, "cannot be written: it is a folder");
  assertRefused(task("train", "--out", `${folder}/new/`), 2, "it must name a file");
  Deno.writeTextFileSync(`${folder}/precious`, "anna\nbob\n");
  refused(`${folder}/precious`, "cannot be written: there is a file that is no model");
  assertEquals(Deno.readTextFileSync(`${folder}/precious`), "anna\nbob\n");
  assertRefused(task("sample", "--model", "/dev/zero"), 1, "/dev/zero cannot be read: it is not a regular file");
  refused("/dev/null", "cannot be written: it is not a regular file");
});

taskTest("train: a run that fails leaves the model that was there", (folder) => {
  const out = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", out);
  const before = Deno.readFileSync(out);
  const { code, stderr } = task("train", "--quiet", "--learning-rate", "10", "--init-std", "100", "--out", out);
  assertEquals(code, 1);
  assertMatch(stderr, /^error: the loss is (NaN|Infinity) at step \d+, on "[a-z]+": it must be finite; .+\n$/);
  assertEquals(Deno.readFileSync(out), before);
  assertEquals([...Deno.readDirSync(folder)].length, 1);
});

const SIMD = ["--engine", "simd", "--threads", String(Math.min(2, CORES)), "--batch", "8"];

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

taskTest("train: a stdout that takes nothing does not cost the model", (folder) => {
  const args = [
    "run",
    "--allow-read",
    "--allow-write",
    "scripts/train.ts",
    "--steps",
    "20",
    "--out",
    `${folder}/model`,
  ];
  new Deno.Command("sh", { args: ["-c", '"$0" "$@" > /dev/full 2> /dev/null', Deno.execPath(), ...args] }).outputSync();
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/model`)).t, 20);
});

taskTest("train: through a link it replaces the file, not the link", (folder) => {
  Deno.mkdirSync(`${folder}/there`);
  Deno.writeTextFileSync(`${folder}/there/model`, "");
  Deno.symlinkSync(`${folder}/there/model`, `${folder}/link`);
  task("train", "--steps", "1", "--quiet", "--out", `${folder}/link`);
  assert(Deno.lstatSync(`${folder}/link`).isSymlink);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/there/model`)).t, 1);
});

taskTest("sample: seeds, prompts, temperature and JSON", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "50", "--quiet", "--samples", "3", "--out", model);
  const texts = (...flags: string[]): string[] => {
    const { code, stdout } = task("sample", "--model", model, "--json", ...flags);
    assertEquals(code, 0);
    const parsed: { sample: number; text: string }[] = JSON.parse(stdout);
    assertEquals(parsed.map(({ sample }) => sample), parsed.map((_, i) => i + 1));
    return parsed.map(({ text }) => text);
  };
  assertEquals(texts().length, 3);
  assertEquals(texts("--samples", "0"), []);
  assertEquals(texts("--seed", "5"), texts("--seed", "5"));
  assert(texts("--seed", "5").join() !== texts("--seed", "6").join());
  assert(texts("--prompt", "an", "--samples", "5").every((text) => text.startsWith("an")));
  assertEquals(new Set(texts("--temperature", "0", "--samples", "4")).size, 1);
});

taskTest("sample: wrong models and prompts are refused", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", model);
  const bytes = Deno.readFileSync(model);
  Deno.writeFileSync(`${folder}/cut`, bytes.subarray(0, 5000));
  Deno.writeTextFileSync(`${folder}/foreign`, "this is no model, but long enough to be one");
  const sample = (...flags: string[]): ReturnType<typeof task> => task("sample", ...flags);

  assertRefused(
    sample("--model", `${folder}/none`),
    1,
    `there is no model at ${folder}/none: run deno task train first`,
  );
  assertRefused(sample("--model", folder), 1, "cannot be read: it is a folder");
  assertRefused(sample("--model", `${folder}/cut`), 1, "damaged or cut short");
  assertRefused(sample("--model", `${folder}/foreign`), 1, "no microgpt checkpoint");
  assertRefused(sample("--model", model, "--prompt", "Ä"), 1, '"Ä" is not in the vocabulary');
  assertRefused(sample("--model", model, "--prompt", "a".repeat(16)), 1, "leaves no room");
  assertRefused(sample("--model", model, "--temperature", "-1"), 2, "--temperature -1");
  assertRefused(sample("--model", model, "--sample", "3"), 2, "did you mean --samples?");
});

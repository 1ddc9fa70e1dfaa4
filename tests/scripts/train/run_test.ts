/**
 * A run before its first step: what cannot be trained on is refused.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Checkpoint, decodeCheckpoint, hyperparameters, initTraining, names, trainSteps } from "../../../mod.ts";
import { givenFlags, parseFlags } from "../../../scripts/cli/flags.ts";
import { FLAGS } from "../../../scripts/train/flags.ts";
import { beginRun, checkContinuable, continueRun, isOverSoon, resumedState } from "../../../scripts/train/run.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { dataWith } from "../training.ts";

Deno.test("resumed: own data keeps the best evaluation; with other data it is forgotten, and the hash is the new one", () => {
  const hyperparametersOfRun = hyperparameters({ valFraction: 0.3, evalEvery: 1 });
  const documents = ["anna", "bob", "eve", "ida", "leo"];
  const selection = { bestLoss: 2, bestT: 3, waited: 1 };
  const state = { ...initTraining(documents, { ...hyperparametersOfRun, dataHash: "own" }), t: 4, selection };
  const saved = { ...state, hyperparameters: hyperparametersOfRun };
  assertEquals(resumedState(saved, { documents, hash: "own" }), state);
  const other = ["adele", "bodo", "lia", "vinne"];
  const moved = resumedState(saved, { documents: other, hash: "other" });
  assertEquals(moved.selection, { bestLoss: null, bestT: 0, waited: 0 });
  assertEquals([moved.dataHash, moved.t, moved.params], ["other", 4, state.params]);
  assertEquals([...moved.documents, ...moved.validation].sort(), other.toSorted());
  // A checkpoint that does not say what it was trained on.
  const unsaid = resumedState({ ...saved, dataHash: null }, { documents, hash: "own" });
  assertEquals(unsaid, state);
});

Deno.test("resumed: not for fewer steps than were taken, and not with patience that has nothing to wait for", () => {
  const check = (given: Parameters<typeof hyperparameters>[0]): void =>
    checkContinuable({ t: 7 } as Checkpoint, hyperparameters(given), "m");
  check({ steps: 7 });
  check({ steps: 8, patience: 2, evalEvery: 1, valFraction: 0.1 });
  assertThrows(() => check({ steps: 6 }), RangeError, "--steps 6 cannot be used: the run in m has already taken 7");
  for (const given of [{}, { evalEvery: 1 }, { valFraction: 0.1 }]) {
    assertThrows(() => check({ patience: 2, ...given }), RangeError, "--patience 2 cannot be used: the run in m began");
  }
});

const DATA = dataWith(["anna", "bob", "eve", "ida", "leo"], "own");
const SMALL = ["--n-embd", "4", "--n-head", "1"];

Deno.test("run: a new one is what the flags say, knows its data, and has a batch to take", () => {
  const begin = (...args: string[]) => beginRun(parseFlags(FLAGS, [...SMALL, ...args]), DATA);
  const run = begin("--out", "o", "--seed", "7", "--steps", "9", "--val-fraction", "0.2", "--engine", "scalar");
  const settings = hyperparameters({ seed: 7, steps: 9, valFraction: 0.2 });
  const state = initTraining(DATA.documents, { nEmbd: 4, nHead: 1, ...settings, dataHash: "own" });
  assertEquals(run, { state, data: DATA, settings, engine: { name: "scalar", threads: 1 }, out: "o" });
  assertEquals(state.dataHash, "own");

  begin("--batch", "5");
  begin("--batch", "4", "--val-fraction", "0.2");
  assertThrows(() => begin("--batch", "6"), RangeError, "--batch 6 cannot be used: data/names.txt has 5 documents");
  assertThrows(
    () => begin("--batch", "5", "--val-fraction", "0.2"),
    RangeError,
    "--batch 5 cannot be used: the training part of data/names.txt has 4 documents",
  );
  begin("--batch", "9", "--documents", "paragraph", "--block-size", "1"); // of blocks there are more
});

Deno.test("run: a resumed one goes on where it was, unless it is told where to, with what it was", () => {
  const begun = beginRun(parseFlags(FLAGS, [...SMALL, "--engine", "simd", "--seed", "7", "--out", "old"]), DATA);
  const { state, settings } = begun;
  const saved = { ...state, t: 4, hyperparameters: settings, engine: begun.engine };
  const resume = (checkpoint: Checkpoint, ...args: string[]) => {
    const all = ["--resume", "m", ...args];
    return continueRun(checkpoint, DATA, parseFlags(FLAGS, all), givenFlags(all));
  };
  assertEquals(resume(saved), {
    ...begun,
    state: { ...state, t: 4 },
    before: begun.engine,
    savedSettings: settings,
    out: "m",
  });
  const moved = resume(saved, "--out", "n", "--steps", "2000", "--engine", "array");
  assertEquals([moved.out, moved.settings], ["n", { ...settings, steps: 2000 }]);
  assertEquals([moved.engine.name, moved.state.random], ["array", state.random]);
  const { engine: _, ...old } = saved; // from before checkpoints said which
  assertEquals(resume(old).engine, { name: "array", threads: 1 });
  assert(!("before" in resume(old)));
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
  assertRefused(
    task("train", "--data", `${folder}/two`, "--batch", "2", "--val-fraction", "0.5", "--out", `${folder}/model`),
    1,
    `--batch 2 cannot be used: the training part of ${folder}/two has 1 documents`,
  );
  assertRefused(task("train", "--data", `${folder}/none`), 1, `${folder}/none cannot be read: there is no such file`);
  assertRefused(task("train", "--data", folder), 1, `${folder} cannot be read: it is a folder`);
  assertEquals([...Deno.readDirSync(folder)].length, files.length);
});

taskTest(
  "train --init-from: a new run with the model's parameters and shape, and all else as the flags say",
  (folder) => {
    const [model, data, out] = [`${folder}/model`, `${folder}/data.txt`, `${folder}/out`];
    const shape = ["--n-embd", "8", "--n-head", "2", "--n-layer", "2", "--block-size", "6"];
    task("train", ...shape, "--engine", "simd", "--batch", "3", "--steps", "5", "--quiet", "--out", model);
    const bytes = Deno.readFileSync(model);
    const from = decodeCheckpoint(bytes);
    const documents = ["zoë", "anna", "bob\u200b", "eve"];
    Deno.writeTextFileSync(data, documents.map((document) => `${document}\n`).join(""));

    const flags = ["--init-from", model, "--data", data, "--steps", "3", "--seed", "7", "--samples", "0", "--out", out];
    const { code, stdout, stderr } = task("train", ...flags);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `begins from: ${model}, the model after step 5, with 2 new characters: ë U+200B\n`);
    const tuned = decodeCheckpoint(Deno.readFileSync(out));
    const settings = hyperparameters({ steps: 3, seed: 7, samples: 0 });
    assertEquals(tuned.hyperparameters, settings);
    assertEquals(tuned.engine?.name, "array");
    let state = initTraining(documents, { ...settings, from });
    for (const step of trainSteps(state, settings)) state = step.state();
    assertEquals([tuned.t, tuned.config, tuned.tokenizer], [3, state.config, state.tokenizer]);
    assertEquals([tuned.params, tuned.m, tuned.v, tuned.random], [state.params, state.m, state.v, state.random]);

    assertEquals(task("train", ...flags, ...shape, "--quiet").code, 0); // the same shape may be said
    const refused = (code: number, sentence: string, ...more: string[]): void =>
      assertRefused(task("train", ...flags, ...more), code, sentence);
    refused(1, "--n-embd 16 cannot be used: the model to begin with has 8, and keeps it", "--n-embd", "16");
    refused(1, "--block-size 16 cannot be used: the model to begin with has 6", "--block-size", "16");
    refused(1, `there is no model none in ${folder}: run deno task train first, or name another with --init-from`, ...[
      "--init-from",
      `${folder}/none`,
    ]);
    refused(1, `model ${data} cannot be loaded: `, "--init-from", data);
    refused(2, `--init-from ${model} cannot be used with --resume`, "--resume", out);
    assertEquals(Deno.readFileSync(model), bytes);

    // A model may make way for the run that it began.
    assertEquals(task("train", ...flags, "--quiet", "--out", model).code, 0);
    assertEquals(decodeCheckpoint(Deno.readFileSync(model)).params, tuned.params);
  },
);

taskTest("train --init-from: data comes in the model's form of Unicode, unless another is given", (folder) => {
  const path = (name: string): string => `${folder}/${name}`;
  Deno.writeTextFileSync(path("nfd.txt"), "zoe\u0308\nnoe\u0308l\nnora\n");
  const run = ["--steps", "1", "--samples", "0", "--quiet", "--data", path("nfd.txt")];
  const normalized = (out: string, ...args: string[]): unknown => {
    assertEquals(task("train", ...run, "--out", path(out), ...args).code, 0);
    const { hyperparameters, tokenizer } = decodeCheckpoint(Deno.readFileSync(path(out)));
    return [hyperparameters.normalize, tokenizer.vocabulary.includes("\u0308")];
  };
  assertEquals(normalized("m", "--normalize", "nfc"), ["nfc", false]);
  assertEquals(normalized("a", "--init-from", path("m")), ["nfc", false]);
  assertEquals(normalized("b", "--init-from", path("m"), "--normalize", "none"), ["none", true]);
});

Deno.test("run: what is over in a moment is told by its work", () => {
  const state = initTraining(names);
  const settings = hyperparameters({});
  const isSoon = (changed: Partial<typeof settings>, name: "array" | "scalar" = "array"): boolean =>
    isOverSoon({ state, settings: { ...settings, ...changed }, engine: { name, threads: 1 } });
  assertEquals([isSoon({}), isSoon({ steps: 3000 }), isSoon({ batch: 3 })], [true, false, false]);
  assertEquals([isSoon({ evalEvery: 500 }), isSoon({ evalEvery: 100 })], [false, false]);
  assertEquals([isSoon({ evalEvery: 500, evalDocuments: 100 }), isSoon({}, "scalar")], [true, false]);
  assertEquals(
    isOverSoon({
      state: { ...state, t: 2500 },
      settings: { ...settings, steps: 3000 },
      engine: { name: "array", threads: 1 },
    }),
    true,
  );
  const long = initTraining(names, { blockSize: 64 });
  assertEquals(isOverSoon({ state: long, settings, engine: { name: "array", threads: 1 } }), false);
});

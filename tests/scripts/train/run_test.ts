/**
 * A run before its first step: what cannot be trained on is refused.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { type Checkpoint, hyperparameters, initTraining } from "../../../mod.ts";
import { checkContinuable, resumedState } from "../../../scripts/train/run.ts";
import { assertRefused, task, taskTest } from "../task.ts";

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

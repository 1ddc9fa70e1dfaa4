/**
 * Models that cannot be written or read are refused, and nothing else is replaced.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { readCheckpoint } from "../../../scripts/files/checkpoints.ts";
import { granted } from "../../property.ts";
import { assertRefused, task, taskTest } from "../task.ts";

Deno.test({
  name: "checkpoints: what is no regular file is no model, and is not read",
  ignore: !granted({ name: "read" }) || Deno.build.os === "windows",
  fn: () => {
    assertThrows(() => readCheckpoint("/dev/null"), Error, "model /dev/null cannot be read: it is not a regular file");
    assertThrows(() => readCheckpoint("data"), Error, "model data cannot be read: it is a folder");
    assertThrows(() => readCheckpoint("data/none", "--resume"), Error, "or name another with --resume");
    assertThrows(() => readCheckpoint("data/names.txt"), Error, "model data/names.txt cannot be loaded: ");
  },
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
  refused(`${folder}/precious`, "cannot be written: there is a file that is not a model");
  assertEquals(Deno.readTextFileSync(`${folder}/precious`), "anna\nbob\n");
  assertRefused(task("sample", "--model", "/dev/zero"), 1, "/dev/zero cannot be read: it is not a regular file");
  refused("/dev/null", "cannot be written: it is not a regular file");
});

taskTest("sample: wrong models are refused", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", model);
  const bytes = Deno.readFileSync(model);
  Deno.writeFileSync(`${folder}/cut`, bytes.subarray(0, 5000));
  Deno.writeTextFileSync(`${folder}/foreign`, "this is no model, but long enough to be one");
  const sample = (...flags: string[]): ReturnType<typeof task> => task("sample", ...flags);

  assertRefused(
    sample("--model", `${folder}/none`),
    1,
    `there is no model none in ${Deno.realPathSync(folder)}: run deno task train first`,
  );
  assertRefused(sample("--model", folder), 1, "cannot be read: it is a folder");
  assertRefused(sample("--model", `${folder}/cut`), 1, "damaged or cut short");
  assertRefused(sample("--model", `${folder}/foreign`), 1, "not a microgpt checkpoint");
});

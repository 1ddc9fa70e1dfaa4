/**
 * What the runs of a sweep begin from.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { encodeCheckpoint, hyperparameters, initTraining } from "../../../mod.ts";
import { keepModels } from "../../../scripts/sweep/models.ts";
import { assertRefused, task, taskTest } from "../task.ts";

const modelOf = (...documents: string[]): Uint8Array =>
  encodeCheckpoint({ ...initTraining(documents, { nEmbd: 4, nHead: 1 }), hyperparameters: hyperparameters() });

taskTest("sweep: a model to begin from is copied, and known by its content", (folder) => {
  const [model, other, data] = [`${folder}/model.safetensors`, `${folder}/other`, `${folder}/data.txt`];
  Deno.writeFileSync(model, modelOf("anna", "bob"));
  Deno.writeFileSync(other, modelOf("eve"));
  Deno.mkdirSync(`${folder}/out`);
  const cellOf = (values: Record<string, string>) => ({ values, seed: 1 });
  const keep = () => keepModels([model, other, model].map((path) => cellOf({ "init-from": path })), `${folder}/out`);
  const copies = keep().map(({ values }) => values["init-from"]);
  assertEquals(copies[0], copies[2]);
  assertMatch(copies[0], /\/out\/model-[0-9a-f]{8}\.safetensors$/);
  assertMatch(copies[1], /\/out\/other-[0-9a-f]{8}\.safetensors$/);
  assertEquals(Deno.readFileSync(copies[0]), Deno.readFileSync(model));
  assertEquals(keep().map(({ values }) => values["init-from"]), copies);
  assertEquals(keepModels([cellOf({ "n-embd": "4" })], folder), [cellOf({ "n-embd": "4" })]);
  assertThrows(
    () => keepModels([cellOf({ "init-from": `${folder}/none` })], folder),
    Error,
    "name another with --init-from",
  );

  Deno.writeTextFileSync(data, "anna\nbob\nzoë\n");
  const sweep = ["--init-from", model, "--data", data, "--learning-rate", "0.01,0.02", "--steps", "5", "--seeds", "1"];
  const run = (): string => task("sweep", ...sweep, "--out", `${folder}/out`).stdout;
  assertStringIncludes(run(), "2 runs, 0 of them done before");
  assertStringIncludes(run(), "2 runs, 2 of them done before");
  Deno.writeFileSync(model, modelOf("eve", "ida"));
  assert(keep()[0].values["init-from"] !== copies[0]);
  assertStringIncludes(run(), "2 runs, 0 of them done before");
  assertRefused(task("sweep", "--init-from", data, "--out", `${folder}/b`), 1, `model ${data} cannot be loaded`);
});

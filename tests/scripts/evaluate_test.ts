/**
 * Evaluations of saved models, on their own data and on other data.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeCheckpoint } from "../../mod.ts";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest(
  "evaluate: both parts of its own data, other data beside the named baselines, and what does not fit",
  (folder) => {
    const data = `${folder}/data.txt`;
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nleo\nmia\nnoah\nanna\n");
    const out = `${folder}/m.safetensors`;
    const run = ["--val-fraction", "0.3", "--eval-every", "10", "--patience", "3", "--learning-rate", "0.05"];
    task("train", "--data", data, "--out", out, ...run, "--quiet");
    const best = decodeCheckpoint(Deno.readFileSync(`${folder}/m.best.safetensors`));

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
    assertRefused(task("evaluate", "--model", out), 1, "name some with --data");
  },
);

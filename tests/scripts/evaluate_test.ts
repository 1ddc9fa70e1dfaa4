/**
 * Evaluations of saved models, on their own data and on other data.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import {
  decodeCheckpoint,
  engine,
  evaluate,
  evaluateBaselines,
  hyperparameters,
  initTraining,
  names,
} from "../../mod.ts";
import { type Documents, textOf } from "../../src/corpus/mod.ts";
import { evaluationEngine, evaluationRows } from "../../scripts/evaluate.ts";
import { assertRefused, task, taskTest } from "./task.ts";
import { dataWith } from "./training.ts";

/** A model at its start, with what it was trained on, and the data it was taken from. */
function modelOf(valFraction: number, dataHash: string | null = "own") {
  const settings = hyperparameters({ valFraction, seed: 5 });
  const documents = names.slice(0, 120);
  const state = initTraining(documents, { nEmbd: 4, nHead: 1, ...settings, dataHash: dataHash ?? undefined });
  return {
    state,
    model: { ...state, hyperparameters: settings },
    own: { ...dataWith(documents, "own"), isOwn: true },
  };
}

Deno.test("evaluate: the engine goes by the work, unless it is named, and both give the same six digits", () => {
  const { model, own } = modelOf(0);
  const { name } = evaluationEngine("auto", model, own);
  const much = { ...own, documents: new Array(3e6).fill(names[0]) };
  assertEquals([name, evaluationEngine("auto", model, much).name], ["array", "simd"]);
  assertEquals(evaluationEngine("scalar", model, much).name, "scalar");
  const [array, simd] = (["array", "simd"] as const).map((name) =>
    evaluate(model, own.documents, { engine: engine(name) }).loss
  );
  assertAlmostEquals(simd, array, 1e-6);
});

Deno.test("evaluate: each part in its row; baselines are fitted to what is trained on, and measured on what is held back", () => {
  const { state, model, own } = modelOf(0.25);
  const { uniform, unigram, bigram, trigram } = evaluateBaselines(state, state.documents, state.validation);
  const { rows, isFitted, leftOut, seen } = evaluationRows(model, own, undefined);
  assertEquals([leftOut.documents, leftOut.characters, leftOut.total, seen], [
    0,
    0,
    names.slice(0, 120).join("").length,
    0,
  ]);
  assertEquals([rows, isFitted], [[
    ["training", evaluate(state, state.documents)],
    ["validation", evaluate(state, state.validation)],
    ...Object.entries({ trigram, bigram, unigram, uniform }),
  ], true]);
  const all = modelOf(0);
  assertEquals(evaluationRows(all.model, all.own, undefined).rows.map(([name]) => name), [
    ...["training", "trigram", "bigram", "unigram", "uniform"],
  ]);
  assertEquals(
    evaluationRows(all.model, all.own, undefined).rows[1][1],
    evaluateBaselines(all.state, all.state.documents, all.state.documents).trigram,
  );
});

Deno.test("evaluate: other data is measured whole, and counts for nothing but what the model was trained on", () => {
  const { state, model } = modelOf(0.25);
  const other = { ...dataWith(["anna", "bella", "carla", "anna"], "other"), isOwn: false };
  const sorted = (documents: Documents) => evaluate(state, documents).tokens;
  const without = evaluationRows(model, other, undefined);
  assertEquals([without.rows.map(([name]) => name), without.isFitted], [["other data", "uniform"], false]);
  assertEquals([without.rows[0][1].documents, without.rows[0][1].tokens], [4, sorted(other.documents)]);
  const named = evaluationRows(model, other, state.documents);
  assertEquals([named.rows.map(([name]) => name), named.isFitted], [
    ["other data", "trigram", "bigram", "unigram", "uniform"],
    true,
  ]);
  const { trigram } = evaluateBaselines(state, state.documents, other.documents);
  assert(Math.abs(named.rows[1][1].loss - trigram.loss) < 1e-12); // the order of documents is another
  assert(evaluateBaselines(state, other.documents, other.documents).trigram.loss !== trigram.loss);
  const unsaid = evaluationRows({ ...model, dataHash: null }, other, undefined);
  assertEquals(unsaid.rows.map(([name]) => name), ["data", "uniform"]);
});

Deno.test("evaluate: figures of lines past the block say what they leave out, and what of it was trained on", () => {
  const lines = ["anna one", "anna two", "bob", "eva", "anna", "ida one", "ida two", "leo"];
  const settings = hyperparameters({ valFraction: 0.5, seed: 1 });
  const state = initTraining(lines, { nEmbd: 4, nHead: 1, blockSize: 3, ...settings, dataHash: "own" });
  const model = { ...state, hyperparameters: settings };
  const figures = evaluationRows(model, { ...dataWith(lines, "own"), isOwn: true }, undefined);
  assertEquals(figures.leftOut, { documents: 5, characters: 19, total: 43, share: 19 / 43 });
  const trained = state.documents.slice().map((line) => textOf(line).slice(0, 3));
  assertEquals(
    figures.seen,
    state.validation.slice().filter((line) => trained.includes(textOf(line).slice(0, 3))).length,
  );
  assert(figures.seen! > 0);
  const other = evaluationRows(model, { ...dataWith(["anna one", "bob"], "other"), isOwn: false }, undefined);
  assertEquals([other.leftOut.documents, other.leftOut.characters, other.seen], [1, 5, undefined]);
});

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
    assertEquals(Object.keys(evaluated), [
      "training",
      "validation",
      "trigram",
      "bigram",
      "unigram",
      "uniform",
      "leftOut",
      "seen",
    ]);
    assertEquals([evaluated.leftOut.documents, evaluated.seen], [0, 0]);
    assert(Math.abs(evaluated.validation.loss - best.selection.bestLoss!) < 1e-9);
    const simd = JSON.parse(
      task("evaluate", "--model", `${folder}/m.best.safetensors`, "--data", data, "--json", "--engine", "simd").stdout,
    );
    assert(
      simd.training.loss !== evaluated.training.loss && Math.abs(simd.training.loss - evaluated.training.loss) < 1e-4,
    );
    Deno.writeTextFileSync(`${folder}/other.txt`, "anna\nbob\n");
    const other = task("evaluate", "--model", out, "--data", `${folder}/other.txt`, "--train-data", data);
    assertMatch(other.stdout, /another file than it was trained on\n.*\nother data +2 +[^]*\ntrigram/);
    // What it was trained on is found by its hash, and counted for the baselines.
    const found = task("evaluate", "--model", out, "--data", `${folder}/other.txt`).stdout;
    assert(found.startsWith(other.stdout.slice(0, other.stdout.indexOf("baselines:"))) && found.includes("\ntrigram"));
    assert(found.endsWith(`\nbaselines: counted on ${data}, which the model was trained on\n`), found);
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
    assertEquals(JSON.parse(task("evaluate", "--model", out, "--json").stdout).training.documents, 6);
    Deno.writeTextFileSync(`${folder}/long.txt`, `${"anna".repeat(5)}\nbob\n`);
    assertMatch(
      task("evaluate", "--model", out, "--data", `${folder}/long.txt`).stdout,
      /\nleft out: 1 docs are .* of 16, and 4 characters \(17.4%\) are past it: the figures are of the other 19\n/,
    );
    Deno.removeSync(data);
    assertRefused(task("evaluate", "--model", out), 1, `, once ${data}): name some with --data`);
  },
);

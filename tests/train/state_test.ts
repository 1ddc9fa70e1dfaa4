import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  documentTokens,
  engine,
  ENGINE_NAMES,
  hyperparameters,
  initTraining,
  names,
  resumeTraining,
  trainStep,
} from "../../mod.ts";
import { arrangeDocuments, DOCUMENT_KINDS, normalizeDocuments } from "../../src/corpus/mod.ts";
import { growVocabulary } from "../../src/model/mod.ts";
import { NOTHING_SELECTED } from "../../src/train/mod.ts";
import { dataSets, lookalikes, trainings } from "../arbitraries.ts";
import { listed } from "../listed.ts";
import { law } from "../property.ts";

const DOCUMENTS = ["anna", "bob", "eve", "ida", "leo", "mia", "noah", "anna"];

Deno.test("initTraining: initStd scales the initial parameters", () => {
  const one = initTraining(["anna", "bob"], { initStd: 1 }).params;
  assertEquals(initTraining(["anna", "bob"], { initStd: 0.25 }).params, one.map((p) => p * 0.25));
});

Deno.test("initTraining: valFraction 0 is the reference's run; above 0 the vocabulary is still that of all", () => {
  assertEquals(initTraining(names, { valFraction: 0 }), initTraining(names));
  const { documents, validation, tokenizer } = initTraining(["ab", "cd", "ef"], { valFraction: 0.4 });
  assertEquals([documents.length, validation.length, tokenizer.vocabulary.length], [2, 1, 6]);
});

Deno.test("initTraining and resumeTraining: wrong documents and options are refused", () => {
  assertThrows(() => initTraining([]), RangeError, "0 documents");
  assertThrows(() => initTraining(["a", "b"], { nEmbd: 10 }), RangeError, "nEmbd 10");
  assertThrows(() => initTraining(["a", "b"], { seed: -1 }), RangeError, "seed -1");
  assertThrows(() => initTraining(["a", "b"], { initStd: 0 }), RangeError, "initStd 0");
  const saved = { ...initTraining(["anna", "bob"]), hyperparameters: hyperparameters() };
  assertThrows(() => resumeTraining(saved, ["anna", "eve"]), RangeError, "do not fit");
});

Deno.test("resumeTraining: without the settings that arranged the documents there is no going on", () => {
  const { documents: _, validation: __, ...saved } = initTraining(DOCUMENTS);
  const forgotten = saved as Parameters<typeof resumeTraining>[0];
  assertThrows(() => resumeTraining(forgotten, DOCUMENTS), RangeError, "without hyperparameters");
});

Deno.test("resumeTraining: other data is refused by its hash and by its characters", () => {
  const saved = { ...initTraining(DOCUMENTS, { dataHash: "these" }), hyperparameters: hyperparameters() };
  assertThrows(
    () => resumeTraining(saved, DOCUMENTS, { dataHash: "those" }),
    RangeError,
    "data with the hash those does not fit: the run was trained on these",
  );
  assertThrows(() => resumeTraining(saved, ["xyz"]), RangeError, 'characters "xyz" do not fit');
  // On purpose: no hash, known characters. Losses on the old data say nothing of the new.
  const other = resumeTraining({ ...saved, selection: { bestLoss: 2, bestT: 5, waited: 1 } }, ["ann"]);
  assertEquals([other.documents, other.dataHash, other.selection], [["ann"], null, NOTHING_SELECTED]);
  assertEquals(resumeTraining({ ...saved, dataHash: null }, DOCUMENTS, { dataHash: "these" }).dataHash, "these");
});

law(
  "resumeTraining: the saved settings arrange the documents as they were, whatever else is given",
  [fc.nat(), fc.constantFrom(0, 0.3), fc.constantFrom(...DOCUMENT_KINDS)],
  (seed, valFraction, documentKind) => {
    const settings = hyperparameters({ seed, valFraction, documentKind });
    const initial = initTraining(DOCUMENTS, { ...settings, blockSize: 3 });
    const { documents: _, validation: __, ...saved } = initial;
    assertEquals(listed(resumeTraining({ ...saved, hyperparameters: settings }, DOCUMENTS)), listed(initial));
  },
);

law(
  "initTraining and resumeTraining: with a form, a run is that of documents in the form, whatever they are given in",
  [
    fc.array(lookalikes, { minLength: 2, maxLength: 6 }),
    fc.constantFrom("NFC", "NFD"),
    fc.constantFrom("nfc" as const, "nfkc" as const),
    fc.constantFrom(...DOCUMENT_KINDS),
  ],
  (all, form, normalize, documentKind) => {
    const settings = hyperparameters({ normalize, documentKind });
    const shape = { nEmbd: 2, nHead: 1, blockSize: 3 };
    const initial = initTraining(all, { ...settings, ...shape });
    const normalized = normalizeDocuments(all, documentKind, normalize);
    assertEquals(listed(initial), listed(initTraining(normalized, { ...settings, ...shape, normalize: "none" })));
    const other = all.map((text) => text.normalize(form));
    if (documentKind !== "whole") assertEquals(listed(initTraining(other, { ...settings, ...shape })), listed(initial));
    const { documents: _, validation: __, ...saved } = initial;
    assertEquals(listed(resumeTraining({ ...saved, hyperparameters: settings }, all)), listed(initial));
    assert(initial.tokenizer.vocabulary.every((character) => character.normalize("NFC") === character));
  },
);

Deno.test("resumeTraining: one character that the vocabulary lacks is one too many", () => {
  const saved = { ...initTraining(["anna", "bob"]), hyperparameters: hyperparameters() };
  assertThrows(() => resumeTraining(saved, ["anna", "bobx"]), RangeError, 'the characters "x" do not fit');
});

/** Settings of the beginning of a run. */
const beginnings = fc.record({
  seed: fc.nat(),
  initStd: fc.constantFrom(0.02, 0.5),
  valFraction: fc.constantFrom(0, 0.4),
  documentKind: fc.constantFrom(...DOCUMENT_KINDS),
});

law(
  "initTraining, from a model: no new character and no step is the same model, on every engine, bit for bit",
  [trainings, fc.nat()],
  ({ state, documents }, seed) => {
    const begun = initTraining(documents, { from: state, seed });
    const batch = documents.map((document) => documentTokens(begun.tokenizer, document));
    for (const name of ENGINE_NAMES) {
      const { totalLoss } = engine(name);
      assertEquals(totalLoss(begun, batch), totalLoss(state, batch), name);
    }
    assertEquals([begun.config, begun.tokenizer], [state.config, state.tokenizer]);
    assertEquals(new Uint8Array(begun.params.buffer), new Uint8Array(state.params.slice().buffer));
  },
  { numRuns: 40 },
);

law(
  "initTraining, from a model: a run of its own but for the parameters, and the model stays as it was",
  [dataSets, beginnings],
  (documents, settings) => {
    fc.pre(new Set(documents).size > 1 && documents.join("").length > 8);
    const shape = { nLayer: 2, nEmbd: 4, nHead: 2, blockSize: 3 };
    const model = trainStep(initTraining(DOCUMENTS, { ...shape, dataHash: "these" }), { steps: 9 }).state();
    const before = structuredClone(model);
    const arranged = arrangeDocuments(documents, { ...settings, normalize: "none", blockSize: 3 });
    const begun = initTraining(documents, { ...settings, from: model, dataHash: "those" });
    assertEquals(listed(begun).documents, listed(arranged).documents);
    assertEquals(listed(begun).validation, listed(arranged).validation);
    const [grown, random] = growVocabulary(model, begun.tokenizer, arranged.random, settings.initStd);
    assertEquals([begun.params, begun.random], [grown.params, random]);
    assertEquals([begun.t, begun.selection, begun.dataHash], [0, NOTHING_SELECTED, "those"]);
    assertEquals(begun.config, { ...shape, vocabSize: begun.tokenizer.bos + 1 });
    assertEquals([begun.m, begun.v], [begun.params.map(() => 0), begun.params.map(() => 0)]);
    assertEquals(listed(initTraining(documents, { ...settings, from: model, dataHash: "those" })), listed(begun));
    trainStep(begun, { steps: 9 }).state();
    assertEquals(model, before);
  },
);

Deno.test("initTraining, from a model: its shape may be said again, and no other; the new rows are the seed's", () => {
  const shape = { nLayer: 2, nEmbd: 4, nHead: 2, blockSize: 3 };
  const from = initTraining(DOCUMENTS, shape);
  const begun = initTraining(["xyz", "anna"], { from, ...shape });
  assertEquals(begun, initTraining(["xyz", "anna"], { from }));
  for (const [name, own] of Object.entries(shape)) {
    assertThrows(
      () => initTraining(DOCUMENTS, { from, [name]: 8 }),
      RangeError,
      `${name} 8 cannot be used: the model to begin with has ${own}, and keeps it`,
    );
  }
  const [x, other] = [begun, initTraining(["xyz", "anna"], { from, seed: 7 })]
    .map(({ tokenizer, params }) => params.subarray(4 * tokenizer.ids.get("x")!, 4 * tokenizer.ids.get("y")!));
  assert(x.every((number, i) => number !== other[i]));
});

import { assertEquals, assertThrows } from "@std/assert";
import { initTraining, names, NOTHING_SELECTED, resumeTraining } from "../../mod.ts";

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
  const saved = initTraining(["anna", "bob"]);
  assertThrows(() => resumeTraining(saved, ["anna", "eve"]), RangeError, "do not fit");
});

Deno.test("resumeTraining: other data is refused by its hash and by its characters", () => {
  const saved = initTraining(DOCUMENTS, { dataHash: "these" });
  assertThrows(
    () => resumeTraining(saved, DOCUMENTS, { dataHash: "those" }),
    RangeError,
    "data with the hash those does not fit: the run was trained on these",
  );
  assertThrows(() => resumeTraining(saved, ["xyz"]), RangeError, 'characters "xyz" do not fit');
  // On purpose: no hash, known characters. Losses on the old data say nothing of the new.
  const other = resumeTraining({ ...saved, selection: { bestLoss: 2, bestT: 5, waited: 1 } }, ["ann"]);
  assertEquals([other.documents, other.dataHash, other.selection], [["ann"], null, NOTHING_SELECTED]);
  assertEquals(resumeTraining(initTraining(DOCUMENTS), DOCUMENTS, { dataHash: "these" }).dataHash, "these");
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { editDistance, nearestDocument, sampleMarker } from "../../src/sample/mod.ts";
import { DOCUMENT_KINDS } from "../../src/corpus/mod.ts";
import { lookalikes } from "../arbitraries.ts";
import { law } from "../property.ts";

const words = fc.string({ unit: fc.constantFrom("a", "b", "🙂"), maxLength: 7 });

law("editDistance: a metric; one edit is 1 away", [words, words, words], (a, b, c) => {
  const d = editDistance(a, b);
  assertEquals(d === 0, a === b);
  assertEquals(editDistance(b, a), d);
  assert(editDistance(a, c) <= d + editDistance(b, c));
  assertEquals(editDistance(a, `${a}b`), 1);
  const bounded = editDistance(a, b, 2);
  assertEquals(bounded <= 2 ? bounded : Infinity, d <= 2 ? d : Infinity);
});

law(
  "nearestDocument: no other is nearer, the first of several",
  [words, fc.array(words)],
  (text, documents) => {
    const distances = documents.map((document) => editDistance(text, document));
    const best = Math.min(...distances);
    assertEquals(
      nearestDocument(text, documents),
      documents.length === 0 ? undefined : { text: documents[distances.indexOf(best)], distance: best },
    );
  },
);

law(
  "marks: repeat of an earlier one, else known, else new",
  [fc.array(words), fc.array(words)],
  (known, all) => {
    const mark = sampleMarker(known);
    all.forEach((text, i) => {
      const expected = all.slice(0, i).includes(text) ? "repeat" : known.includes(text) ? "in training data" : "new";
      assertEquals(mark(text), expected);
    });
    const inProse = sampleMarker(["call me ishmael"], "whole");
    assertEquals(["me ish", "me ish", "ahab"].map(inProse), ["in training data", "repeat", "new"]);
  },
);

law(
  "marks and the nearest go by what texts look like, whatever their forms",
  [fc.array(lookalikes), fc.array(lookalikes), fc.constantFrom(...DOCUMENT_KINDS)],
  (known, all, kind) => {
    const forms = ["NFC", "NFD"] as const;
    const marks = forms.flatMap((a) =>
      forms.map((b) =>
        all.map((text) => text.normalize(a)).map(sampleMarker(known.map((text) => text.normalize(b)), kind))
      )
    );
    for (const each of marks) assertEquals(each, marks[0]);
    if (known.length === 0) return;
    const mark = sampleMarker(known);
    for (const text of new Set([...all, ...known].map((text) => text.normalize("NFC")))) {
      assertEquals(nearestDocument(text, known)!.distance === 0, mark(text) === "in training data");
    }
  },
);

Deno.test("sampleMarker: a sample that stands in one paragraph of several is in the training data", () => {
  for (const kind of ["paragraph", "whole"] as const) {
    const mark = sampleMarker(["call me ishmael", "some years ago", "never mind"], kind);
    assertEquals(["years", "me ish", "mind how", "years"].map(mark), [
      "in training data",
      "in training data",
      "new",
      "repeat",
    ]);
  }
});

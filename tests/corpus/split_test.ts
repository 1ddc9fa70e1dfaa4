import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createTokenizer, documentTokens, names } from "../../mod.ts";
import { countRepeats, countSeen, splitDocuments, textOf, type TrainingDocument } from "../../src/corpus/mod.ts";
import { lookalikes } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Data with many repeats. */
const data = fc.array(fc.constantFrom<string>("a", "b", "", "ab", "ba", "abc"), { minLength: 1, maxLength: 40 });

const fractions = fc.integer({ min: 0, max: 99 }).map((n) => n / 100);

/** Runs where a split leaves both parts something. */
const splits = fc.record({ documents: data, fraction: fractions, seed: fc.nat() }).filter(({ documents, fraction }) => {
  const distinct = new Set(documents).size;
  const held = Math.round(fraction * distinct);
  return fraction === 0 || held > 0 && held < distinct;
});

law("split: no validation document is trained on, and no document is lost", [splits], ({ documents, ...options }) => {
  const { training, validation } = splitDocuments(documents, options);
  const held = new Set(validation);
  assertEquals(held.size, validation.length);
  assertEquals(held.size, Math.round(options.fraction * new Set(documents).size));
  assertEquals(training, documents.filter((document) => !held.has(document)));
  assert(validation.slice().every((document) => documents.includes(textOf(document))));
});

law("split: the same seed gives the same split, whatever repeats", [splits], ({ documents, ...options }) => {
  const { validation } = splitDocuments(documents, options);
  assertEquals(splitDocuments([...documents, ...documents], options).validation, validation);
});

law("split: repeats are all but the first of each", [data], (documents) => {
  assertEquals(countRepeats(documents), documents.filter((d, i) => documents.indexOf(d) < i).length);
});

const FORMS = ["NFC", "NFD"];

law(
  "split: texts that look the same go the same way, and repeat each other, whatever their forms",
  [
    fc.array(lookalikes, { minLength: 4, maxLength: 20 }),
    fc.infiniteStream(fc.constantFrom("as it is", ...FORMS)),
    fc.nat(),
  ],
  (all, forms, seed) => {
    const look = (document: TrainingDocument): string => textOf(document).normalize("NFC");
    const written = all.map((text) => {
      const form = forms.next().value;
      return FORMS.includes(form) ? text.normalize(form) : text;
    });
    const same = written.map(look);
    const distinct = new Set(same).size;
    assertEquals(countRepeats(written), same.length - distinct);
    if (distinct < 3) return;
    const options = { fraction: 0.5, seed };
    const { training, validation } = splitDocuments(written, options);
    const expected = splitDocuments(same, options);
    assertEquals([training.slice().map(look), validation.slice().map(look)], [expected.training, expected.validation]);
    assert([...training, ...validation].every((document) => written.includes(textOf(document))));
  },
);

const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "🙂"), minLength: 1, maxLength: 6 }), { maxLength: 8 });

law(
  "countSeen: a held-back document is seen if to the model it is one that is trained on",
  [lines, lines, fc.integer({ min: 1, max: 6 })],
  (training, all, size) => {
    const validation = [...new Set(all)].filter((text) => !training.includes(text));
    const tokenizer = createTokenizer(["a🙂"]);
    const seenOf = (text: string): string => documentTokens(tokenizer, text, size + 1).join();
    const trained = training.map(seenOf);
    assertEquals(
      countSeen({ training, validation }, size),
      validation.filter((text) => trained.includes(seenOf(text))).length,
    );
  },
);

Deno.test("split: other seeds hold back others, in other orders; nothing held back leaves the data as it is", () => {
  const held = (seed: number): readonly string[] =>
    splitDocuments(names, { fraction: 0.1, seed }).validation.slice().map(textOf);
  assertEquals(held(1).length, 840);
  assert(held(1).join() !== held(2).join());
  const both = new Set([...held(1), ...held(2)]).size;
  assert(both > 1500 && both < 1680); // a tenth of a tenth in common
  assertEquals(splitDocuments(names, { fraction: 0, seed: 1 }), { training: names, validation: [] });
});

Deno.test("split: a part without documents is refused, and fractions out of range", () => {
  const split = (fraction: number): unknown => splitDocuments(["a", "b", "a"], { fraction, seed: 1 });
  assertThrows(() => split(0.1), RangeError, "valFraction 0.1 of 2 different documents leaves none to validate with");
  assertThrows(() => split(0.9), RangeError, "valFraction 0.9 of 2 different documents leaves none to train on");
  for (const wrong of [-0.1, 1, NaN]) assertThrows(() => split(wrong), RangeError, `valFraction ${wrong}`);
});

/**
 * What the page says, in each language.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DEFAULT_HYPERPARAMETERS, DEFAULT_SHAPE } from "../../../mod.ts";
import { GROUPS, read } from "../../../scripts/page/draft.ts";
import { labelOf, LANGUAGES, say, type Word } from "../../../scripts/page/words.ts";

const words = Object.keys(LANGUAGES.en) as Word[];

Deno.test("words: every language has all of them, with the same places for values", () => {
  const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();
  for (const texts of Object.values(LANGUAGES)) {
    assertEquals(Object.keys(texts), words);
    for (const word of words) {
      assert(texts[word].trim() !== "", word);
      assertEquals(places(texts[word]), places(LANGUAGES.en[word]), word);
    }
  }
  assertEquals(say("stepOf", { t: 1, steps: 2 }), "step 1 of 2");
});

Deno.test("settings: the form has each once, and every one has a name", () => {
  const shown: string[] = Object.values(GROUPS).flat();
  assertEquals(new Set(shown).size, shown.length);
  const all = Object.keys({ ...DEFAULT_SHAPE, ...DEFAULT_HYPERPARAMETERS });
  assertEquals(all.filter((name) => !shown.includes(name)), ["samples"]); // the page always shows five
  for (const name of shown) {
    assert(
      labelOf(name) !== name || /^(beta\d|eps|schedule|seed|batch|steps|dropout|patience|temperature)$/i.test(name),
      name,
    );
  }
});

Deno.test("settings: what is wrong is said at its field, by the checks of the command line", () => {
  const usual = Object.fromEntries(
    Object.entries({ ...DEFAULT_SHAPE, ...DEFAULT_HYPERPARAMETERS, engine: "array" }).map(([k, v]) => [k, String(v)]),
  );
  const { settings, shape, errors } = read(usual);
  assertEquals([settings, shape, errors], [DEFAULT_HYPERPARAMETERS, DEFAULT_SHAPE, {}]);
  const wrong = (name: string, text: string): Readonly<Record<string, string>> =>
    read({ ...usual, [name]: text }).errors;
  assertEquals(wrong("learningRate", "-1").learningRate?.slice(0, 31), "learning rate -1 cannot be used");
  assertEquals(wrong("steps", "1.5").steps?.slice(0, 25), "steps 1.5 cannot be used:");
  assert(wrong("steps", " ").steps !== undefined);
  assertEquals(wrong("nEmbd", "10"), { "": "width 10 cannot be split over heads 4: it must be a multiple" });
  assertEquals(wrong("nEmbd", "65536")[""]?.includes("is too large"), true);
});

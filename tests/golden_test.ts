/**
 * The reference's own figures: the original Python program, run on data/names.txt. See golden/README.md.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { engine, initTraining, names, sampleText, trainSteps } from "../mod.ts";
import names1 from "./golden/names_seed1_l3.json" with { type: "json" };
import names42 from "./golden/names_seed42.json" with { type: "json" };

/** The last bits differ, by 2e-15 at most, since V8 and the C library round exp and log apart; this leaves room. */
const LOSS_TOLERANCE = 1e-9;

for (const golden of [names42, names1]) {
  const { steps, temperature, ...options } = golden.config;
  const initial = initTraining(names, options);

  Deno.test(`golden, seed ${options.seed}: documents, vocabulary and initial parameters are the reference's`, () => {
    assertEquals(initial.documents.length, golden.numDocs);
    assertEquals(initial.documents.slice(0, 5), golden.firstDocs);
    assertEquals(initial.tokenizer.vocabulary.join(""), golden.chars);
    assertEquals(initial.config.vocabSize, golden.vocabSize);
    assertEquals(initial.params.length, golden.numParams);
    assertEquals(Array.from(initial.params.slice(0, 8)), golden.initParamsHead);
    assertEquals(initial.params.reduce((sum, p) => sum + p), golden.initParamsSum);
  });

  for (const name of ["scalar", "array"] as const) {
    Deno.test(`golden, seed ${options.seed}, ${name}: every loss, every line, and the names are the reference's`, () => {
      let state = initial;
      for (const step of trainSteps(initial, { steps, engine: engine(name) })) {
        assertAlmostEquals(step.loss, golden.losses[step.t - 1], LOSS_TOLERANCE);
        assertEquals(step.loss.toFixed(4), golden.losses[step.t - 1].toFixed(4));
        state = step.state();
      }
      assertEquals(state.t, golden.losses.length);
      golden.finalParamsHead.forEach((p, i) => assertAlmostEquals(state.params[i], p, LOSS_TOLERANCE));
      assertAlmostEquals(state.params.reduce((sum, p) => sum + p), golden.finalParamsSum, LOSS_TOLERANCE);

      let { random } = state;
      const samples = golden.samples.map(() => {
        const [text, next] = sampleText(state, random, { temperature });
        random = next;
        return text;
      });
      assertEquals(samples, golden.samples);
      assert(samples.length === 20);
    });
  }
}

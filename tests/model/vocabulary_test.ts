import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createTokenizer, initTraining, type Model } from "../../mod.ts";
import { createDecoder } from "../../src/engines/array/mod.ts";
import { emptyCache, gpt, growVocabulary, numberTransformer, weights } from "../../src/model/mod.ts";
import { gauss, type RandomState, seedRandom } from "../../src/random/mod.ts";
import { texts, trainings } from "../arbitraries.ts";
import { law } from "../property.ts";

/** Equal bytes are equal bits: assertEquals takes 0 for -0. */
const bits = (xs: ArrayLike<number>): Uint8Array => new Uint8Array(Float64Array.from(xs).buffer);

/** The model with the characters of some texts besides its own. */
const grow = (model: Model, added: readonly string[], seed: number, initStd = 0.1): [Model, RandomState] =>
  growVocabulary(model, createTokenizer([...model.tokenizer.vocabulary, ...added]), seedRandom(seed), initStd);

/** The rows of the parameters, by the reference's names. */
const rowsOf = ({ config, params }: Model) => weights(config, (start, end) => Array.from(params.subarray(start, end)));

const additions = fc.array(texts, { maxLength: 3 });

law(
  "growVocabulary: without a new character it is the same model, bit for bit, and nothing is drawn",
  [trainings, fc.nat()],
  ({ state: { config, params, tokenizer }, documents }, seed) => {
    const [grown, random] = grow({ config, params, tokenizer }, documents, seed);
    assertEquals(grown, { config, params, tokenizer });
    assertEquals(bits(grown.params), bits(params));
    assertEquals(random, seedRandom(seed));
  },
);

law(
  "growVocabulary: what was known moves with its token, new rows are drawn in order, and the rest stays",
  [trainings, additions, fc.nat(), fc.constantFrom(0.02, 0.5)],
  ({ state }, added, seed, initStd) => {
    const before = bits(state.params);
    const [grown, after] = grow(state, added, seed, initStd);
    assertEquals(bits(state.params), before);

    const { vocabulary } = grown.tokenizer;
    const { wte, lm_head, ...rest } = rowsOf(grown);
    const old = rowsOf(state);
    const idOf = (id: number): number | undefined =>
      id === vocabulary.length ? state.tokenizer.bos : state.tokenizer.ids.get(vocabulary[id]);
    let random = seedRandom(seed);
    for (const [rows, oldRows] of [[wte, old.wte], [lm_head, old.lm_head]]) {
      assertEquals(rows.length, vocabulary.length + 1);
      rows.forEach((row, id) => {
        const oldId = idOf(id);
        const expected = oldId !== undefined ? Array.from(oldRows[oldId]) : Array.from(row, () => {
          const [x, next] = gauss(random, 0, initStd);
          random = next;
          return x;
        });
        assertEquals(bits(row), bits(expected));
      });
    }
    assertEquals(random, after);
    assertEquals(rest, { wpe: old.wpe, layers: old.layers });
  },
);

law(
  "growVocabulary: after known characters, known characters have the logits that they had, bit for bit",
  [trainings, additions, fc.array(fc.nat(), { minLength: 1, maxLength: 8 })],
  ({ state }, added, picks) => {
    const [grown] = grow(state, added, 1);
    const moved = [...state.tokenizer.vocabulary.map((c) => grown.tokenizer.ids.get(c)!), grown.tokenizer.bos];
    const tokens = picks.slice(0, state.config.blockSize).map((pick) => pick % moved.length);
    const decoders = [createDecoder(state), createDecoder(grown)];
    let caches = [emptyCache<number>(state.config), emptyCache<number>(grown.config)];
    for (const token of tokens) {
      const [own, of] = [decoders[0].next(token), decoders[1].next(moved[token])];
      assertEquals(bits(moved.map((id) => of[id])), bits(own));
      const steps = [
        gpt(numberTransformer(state), token, caches[0]),
        gpt(numberTransformer(grown), moved[token], caches[1]),
      ];
      caches = steps.map(({ cache }) => cache);
      assertEquals(bits(moved.map((id) => steps[1].logits[id])), bits(steps[0].logits));
    }
  },
);

Deno.test("growVocabulary: a character cannot be lost, and parameters that do not fit are refused", () => {
  const model = initTraining(["ab"], { nEmbd: 4, nHead: 1 });
  assertThrows(
    () => growVocabulary(model, createTokenizer(["bc"]), seedRandom(1), 0.1),
    RangeError,
    'the vocabulary lacks "a", which the model knows',
  );
  const short = { ...model, params: model.params.subarray(1) };
  assertThrows(() => growVocabulary(short, model.tokenizer, seedRandom(1), 0.1), RangeError, "do not fit the config");
});

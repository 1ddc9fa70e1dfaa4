import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { documentTokens, engine, ENGINE_NAMES, evaluate, evaluateBaselines, initTraining, names } from "../../mod.ts";
import { documentLoss, numberTransformer } from "../../src/model/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { plainLoss } from "../corpus/plain_ngram.ts";

/** Another order of sums, in float64. */
const ROUNDING = 1e-12;
/** float32 beside float64, for models as wild as these. */
const FLOAT32 = 1e-4;
/** The same over thousands of names, where errors cancel out. */
const FLOAT32_MEAN = 1e-6;

law("evaluate: the mean over all tokens of the specification's loss, in three units", [trainings], ({ state }) => {
  let total = 0;
  let tokens = 0;
  for (const document of state.documents) {
    const encoded = documentTokens(state.tokenizer, document);
    const n = Math.min(state.config.blockSize, encoded.length - 1);
    total += n * documentLoss(numberTransformer(state), encoded);
    tokens += n;
  }
  const evaluation = evaluate(state, state.documents);
  assertEquals([evaluation.documents, evaluation.tokens], [state.documents.length, tokens]);
  assertAlmostEquals(evaluation.loss, total / tokens, ROUNDING);
  assertAlmostEquals(evaluation.bitsPerCharacter, Math.log2(Math.exp(total / tokens)), ROUNDING);
  assertAlmostEquals(evaluation.perplexity, 2 ** evaluation.bitsPerCharacter, ROUNDING * evaluation.perplexity);
  for (const name of ENGINE_NAMES) {
    const tolerance = name === "simd" ? FLOAT32 : ROUNDING;
    const { loss } = evaluate(state, state.documents, { engine: engine(name) });
    assertAlmostEquals(loss, evaluation.loss, tolerance * Math.max(1, loss));
  }
}, { numRuns: 30 });

Deno.test("evaluate: simd takes thousands of documents, a thousand positions at a time", () => {
  const state = initTraining(names);
  const { loss } = evaluate(state, names);
  assertAlmostEquals(evaluate(state, names, { engine: engine("simd") }).loss, loss, FLOAT32_MEAN);
});

Deno.test("baselines: each looks further and does better; the model at its start is no better than the uniform", () => {
  const state = initTraining(names, { valFraction: 0.1 });
  const { uniform, unigram, bigram, trigram } = evaluateBaselines(state, state.documents, state.validation);
  assertAlmostEquals(uniform.loss, Math.log(27), ROUNDING);
  assert(trigram.loss < bigram.loss - 0.1 && bigram.loss < unigram.loss - 0.1 && unigram.loss < uniform.loss - 0.1);
  assertEquals(trigram.documents, 840);
  const model = evaluate(state, state.validation);
  assertEquals(model.tokens, trigram.tokens);
  assert(model.loss > uniform.loss - 0.1);
});

Deno.test("evaluate: no documents and unknown characters are refused", () => {
  const state = initTraining(["anna", "bob"]);
  assertThrows(() => evaluate(state, []), RangeError, "0 documents cannot be evaluated");
  assertThrows(() => evaluateBaselines(state, ["anna"], []), RangeError, "0 documents cannot be evaluated");
  assertThrows(() => evaluate(state, ["eve"]), RangeError, '"e" is not in the vocabulary');
});

law(
  "baselines: each is fitted to the training part and measured on the other, over every position of the block",
  [trainings, fc.nat()],
  ({ state }, n) => {
    const { config, tokenizer } = state;
    const cut = 1 + n % (state.documents.length - 1);
    const [training, held] = [state.documents.slice(0, cut), state.documents.slice(cut)];
    const tokensOf = (part: typeof training): number[][] => part.map((document) => documentTokens(tokenizer, document));
    const baselines = evaluateBaselines(state, training, held);
    const { vocabSize, blockSize } = config;
    for (const [order, name] of (["uniform", "unigram", "bigram", "trigram"] as const).entries()) {
      const expected = plainLoss(tokensOf(training), tokensOf(held), { order, vocabSize, blockSize });
      const { documents, tokens, loss, bitsPerCharacter, perplexity } = baselines[name];
      assertAlmostEquals(loss, expected, ROUNDING * Math.max(1, expected));
      assertAlmostEquals(bitsPerCharacter, Math.log2(Math.E) * loss, ROUNDING * Math.max(1, loss));
      assertAlmostEquals(perplexity, Math.E ** loss, ROUNDING * perplexity);
      const positions = tokensOf(held).reduce((sum, { length }) => sum + Math.min(blockSize, length - 1), 0);
      assertEquals([documents, tokens], [held.length, positions]);
    }
  },
  { numRuns: 40 },
);

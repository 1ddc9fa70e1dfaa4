import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { documentTokens, evaluate, explainText, initTraining, type Model } from "../../mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";
import { copyOf, tensorOf } from "../tensors.ts";
import { trainedOnNames } from "../trained.ts";
import { plainAttention } from "./plain_attention.ts";
import { numberOps, softmax } from "../../src/model/mod.ts";

/** Sums of a few numbers in float64. */
const ROUNDING = 1e-12;
/** Sums of logarithms, of probabilities that may be small. */
const LOG_ROUNDING = 1e-9;

law("explain: the numbers of the loss, and attention that sums to 1 over the past", [trainings], ({ state }) => {
  for (const text of state.documents.slice(0, 2) as string[]) {
    const positions = explainText(state, text);
    const { loss, tokens } = evaluate(state, [text]);
    assertEquals(positions.length, tokens);
    const nats = positions.reduce((sum, { surprisal }) => sum + surprisal, 0) * Math.LN2;
    assertAlmostEquals(nats, loss * tokens, LOG_ROUNDING * Math.max(1, nats));
    positions.forEach(({ probability, rank, alternatives, attention, token }, i) => {
      assertEquals(alternatives.length, Math.min(3, state.config.vocabSize - 1));
      assert(alternatives.every((other) => other.token !== token));
      assertEquals(alternatives.filter((other) => other.probability > probability).length, Math.min(3, rank - 1));
      assertEquals([attention.length, attention[0].length], [state.config.nLayer, state.config.nHead]);
      for (const weights of attention.flat()) {
        assertEquals(weights.length, i + 1);
        assertAlmostEquals(weights.reduce((sum, w) => sum + w), 1, ROUNDING);
      }
    });
  }
}, { numRuns: 30 });

Deno.test("explain: attention is the specification's", () => {
  const third = (model: Model) => explainText(model, "anna")[2].attention[0];
  const attention = third(trainedOnNames);
  assertEquals(attention.length, trainedOnNames.config.nHead);
  assert(attention.flat().some((w) => Math.abs(w - 1 / 3) > 0.01));
  // With queries and keys of 0 every position is looked at alike.
  const even = copyOf(trainedOnNames);
  for (const name of ["layer0.attn_wq", "layer0.attn_wk"]) tensorOf(even, name).forEach((row) => row.fill(0));
  for (const w of third(even).flat()) assertAlmostEquals(w, 1 / 3, ROUNDING);
});

/** Two ways to the same weights, through layers of sums. */
const SUMS = 1e-9;

law(
  "explain: attention, probabilities, bits, ranks and alternatives are the specification's, position by position",
  [trainings],
  ({ state }) => {
    const { tokenizer, config } = state;
    for (const text of state.documents.slice(0, 2) as string[]) {
      const tokens = documentTokens(tokenizer, text, config.blockSize + 1);
      const { attention, logits } = plainAttention(state, tokens.slice(0, -1));
      const positions = explainText(state, text);
      assertEquals(positions.length, logits.length);
      positions.forEach((position, i) => {
        const probabilities = softmax(numberOps, logits[i]);
        assertEquals([position.from.token, position.token], [tokens[i], tokens[i + 1]]);
        assertAlmostEquals(position.probability, probabilities[tokens[i + 1]], ROUNDING);
        assertAlmostEquals(position.surprisal, -Math.log2(probabilities[tokens[i + 1]]), SUMS);
        const likelier = probabilities.filter((p) => p > position.probability + ROUNDING).length;
        const asLikely = probabilities.filter((p) => p > position.probability - ROUNDING).length;
        assert(position.rank > likelier && position.rank <= asLikely);
        const others = probabilities.filter((_, token) => token !== tokens[i + 1]).sort((a, b) => b - a);
        position.alternatives.forEach(({ token, probability, text }, j) => {
          assertAlmostEquals(probability, others[j], ROUNDING);
          assertAlmostEquals(probability, probabilities[token], ROUNDING);
          assertEquals(text, token === tokenizer.bos ? "" : tokenizer.vocabulary[token]);
        });
        position.attention.forEach((heads, layer) =>
          heads.forEach((shares, head) => {
            assertEquals(shares.length, i + 1);
            shares.forEach((share, t) => assertAlmostEquals(share, attention[i][layer][head][t], SUMS));
          })
        );
      });
    }
  },
  { numRuns: 40 },
);

Deno.test("explain: what softmax gives no probability has a finite surprisal", () => {
  const model = initTraining(["ab"]);
  const sure = copyOf(model);
  tensorOf(sure, "lm_head").forEach((row) => row.forEach((w, i) => row[i] = 1e4 * w));
  const positions = explainText(sure, "ab");
  assert(positions.some(({ probability }) => probability === 0));
  for (const { surprisal } of positions) assert(Number.isFinite(surprisal) && surprisal >= 0);
});

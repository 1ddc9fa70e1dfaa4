import { assertAlmostEquals, assertEquals } from "@std/assert";
import { activations } from "../../../src/engines/array/mod.ts";
import { emptyCache, gpt, lossPositions, numberTransformer } from "../../../src/model/mod.ts";
import { modelsWithTokens } from "../../arbitraries.ts";
import { law } from "../../property.ts";

/** Sums of a few probabilities in float64. */
const ROUNDING = 1e-12;

law(
  "activations: they end in the specification's logits, bit for bit",
  [modelsWithTokens],
  ({ parameters, tokens }) => {
    const { config } = parameters;
    const n = lossPositions(config, tokens);
    const { name, rows } = activations(parameters, tokens).at(-1)!;
    assertEquals([name, rows.width], ["logits", config.vocabSize]);
    const transformer = numberTransformer(parameters);
    let cache = emptyCache<number>(config);
    for (let position = 0; position < n; position++) {
      const step = gpt(transformer, tokens[position], cache);
      cache = step.cache;
      const start = position * config.vocabSize;
      assertEquals(Array.from(rows.data.subarray(start, start + config.vocabSize)), step.logits);
    }
  },
);

law("activations: attention weights sum to 1 over the past", [modelsWithTokens], ({ parameters, tokens }) => {
  const { nLayer, nHead } = parameters.config;
  const n = lossPositions(parameters.config, tokens);
  const weights = activations(parameters, tokens).filter(({ name }) => name.endsWith(".attention_weights"));
  assertEquals(weights.length, nLayer);
  for (const { rows: { data, width } } of weights) {
    for (let position = 0; position < n; position++) {
      for (let head = 0; head < nHead; head++) {
        const start = position * width + head * n;
        const past = Array.from(data.subarray(start, start + position + 1));
        assertAlmostEquals(past.reduce((sum, w) => sum + w, 0), 1, ROUNDING);
      }
    }
  }
});

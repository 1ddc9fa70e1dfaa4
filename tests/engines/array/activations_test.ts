import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { activations } from "../../../src/engines/array/mod.ts";
import {
  emptyCache,
  gpt,
  linear,
  lossPositions,
  numberOps,
  numberTransformer,
  rmsNorm,
} from "../../../src/model/mod.ts";
import { modelsWithTokens } from "../../arbitraries.ts";
import { law } from "../../property.ts";
import { initTraining } from "../../../mod.ts";

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

/** Two orders of the same sums, in float64. */
const SUMS = 1e-9;

law(
  "activations: each is the specification's function of those before it",
  [modelsWithTokens],
  ({ parameters, tokens }) => {
    const { config: { nLayer } } = parameters;
    const all = activations(parameters, tokens);
    const parts = [
      "attention_input",
      "q",
      "k",
      "v",
      "attention_weights",
      "attended",
      "middle",
      "mlp_input",
      "hidden",
      "output",
    ];
    const layered = Array.from({ length: nLayer }, (_, layer) => parts.map((part) => `layer${layer}.${part}`)).flat();
    assertEquals(all.map(({ name }) => name), ["embedded", "input", ...layered, "logits"]);

    const { weights } = numberTransformer(parameters);
    const found = new Map(all.map(({ name, rows }) => [name, rows]));
    const n = lossPositions(parameters.config, tokens);
    for (let position = 0; position < n; position++) {
      const at = (name: string): number[] => {
        const { data, width } = found.get(name)!;
        return Array.from(data.subarray(position * width, (position + 1) * width));
      };
      const add = (x: number[], y: ArrayLike<number>): number[] => x.map((xi, i) => xi + y[i]);
      const same = (name: string, expected: number[]): void => {
        at(name).forEach((x, i) => assertAlmostEquals(x, expected[i], SUMS * Math.max(1, Math.abs(expected[i]))));
      };
      same("embedded", add(Array.from(weights.wte[tokens[position]]), weights.wpe[position]));
      same("input", rmsNorm(numberOps, at("embedded")));
      weights.layers.forEach((layer, i) => {
        const own = (part: string): string => `layer${i}.${part}`;
        const input = at(i === 0 ? "input" : `layer${i - 1}.output`);
        same(own("attention_input"), rmsNorm(numberOps, input));
        for (const part of ["q", "k", "v"] as const) {
          same(own(part), linear(numberOps, layer[`attn_w${part}`], at(own("attention_input"))));
        }
        same(own("middle"), add(linear(numberOps, layer.attn_wo, at(own("attended"))), input));
        same(own("mlp_input"), rmsNorm(numberOps, at(own("middle"))));
        same(own("hidden"), linear(numberOps, layer.mlp_fc1, at(own("mlp_input"))).map(numberOps.relu));
        same(own("output"), add(linear(numberOps, layer.mlp_fc2, at(own("hidden"))), at(own("middle"))));
      });
      same("logits", linear(numberOps, weights.lm_head, at(`layer${nLayer - 1}.output`)));
    }
  },
  { numRuns: 60 },
);

law(
  "activations: with dropout they end in the loss that is trained on",
  [modelsWithTokens, fc.nat()],
  (example, key) => {
    const { parameters, tokens } = example;
    const dropout = { rate: 0.5, key };
    const { data, width } = activations(parameters, tokens, "float64", dropout).at(-1)!.rows;
    const n = lossPositions(parameters.config, tokens);
    const transformer = numberTransformer(parameters);
    let cache = emptyCache<number>(parameters.config);
    for (let position = 0; position < n; position++) {
      const step = gpt(transformer, tokens[position], cache, dropout);
      cache = step.cache;
      assertEquals(Array.from(data.subarray(position * width, (position + 1) * width)), step.logits);
    }
  },
);

Deno.test("activations: what does not fit the config is refused", () => {
  const model = initTraining(["ab"], { nEmbd: 4 });
  assertThrows(
    () => activations({ ...model, params: new Float64Array(5) }, [2, 0, 2]),
    RangeError,
    "5 parameters do not",
  );
  assertThrows(() => activations(model, [2, 9, 2]), RangeError, "token 9");
  assertThrows(() => activations(model, [2]), RangeError, "no next token");
});

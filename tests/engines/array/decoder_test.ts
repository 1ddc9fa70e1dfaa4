import { assertEquals, assertThrows } from "@std/assert";
import { initTraining } from "../../../mod.ts";
import { createDecoder } from "../../../src/engines/array/mod.ts";
import { emptyCache, gpt, numberTransformer } from "../../../src/model/mod.ts";
import { modelsWithTokens } from "../../arbitraries.ts";
import { law } from "../../property.ts";

law("decoder: its logits are the specification's, bit for bit", [modelsWithTokens], ({ parameters, tokens }) => {
  const transformer = numberTransformer(parameters);
  const decoder = createDecoder(parameters);
  for (const _ of ["first", "again after rewind"]) {
    let cache = emptyCache<number>(parameters.config);
    for (const token of tokens.slice(0, parameters.config.blockSize)) {
      const expected = gpt(transformer, token, cache);
      assertEquals(Array.from(decoder.next(token)), expected.logits);
      cache = expected.cache;
    }
    decoder.rewind();
  }
});

Deno.test("decoder: remembers documents longer than its first room", () => {
  const model = initTraining(["ab"], { blockSize: 150, nEmbd: 8 });
  const transformer = numberTransformer(model);
  const decoder = createDecoder(model);
  let cache = emptyCache<number>(model.config);
  for (let i = 0; i < 150; i++) {
    const expected = gpt(transformer, i % 3, cache);
    assertEquals(Array.from(decoder.next(i % 3)), expected.logits);
    cache = expected.cache;
  }
});

Deno.test("createDecoder: wrong parameters and tokens, and positions past the block, are refused", () => {
  const model = initTraining(["ab"], { blockSize: 2, nEmbd: 4 });
  assertThrows(() => createDecoder({ ...model, params: new Float64Array(3) }), RangeError, "3 parameters do not fit");
  const decoder = createDecoder(model);
  for (const token of [3, -1, 0.5]) assertThrows(() => decoder.next(token), RangeError, `token ${token}`);
  decoder.next(2);
  decoder.next(0);
  assertThrows(() => decoder.next(1), RangeError, "position 2 is past the block");
});

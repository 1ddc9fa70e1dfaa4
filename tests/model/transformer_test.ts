import { assertEquals, assertThrows } from "@std/assert";
import { initParameters, modelConfig } from "../../mod.ts";
import { emptyCache, numberTransformer } from "../../src/model/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";

Deno.test("numberTransformer: the rows are those of the buffer, and a buffer of another length is refused", () => {
  const [{ config, params }] = initParameters(modelConfig(5, { nLayer: 2, nEmbd: 4 }), seedRandom(1), 0.08);
  const { weights } = numberTransformer({ config, params });
  assertEquals(weights.wte[1], params.subarray(4, 8));
  assertEquals([weights.wte.length, weights.wpe.length, weights.layers.length], [5, 16, 2]);
  assertEquals(weights.layers[1].mlp_fc2[3], params.subarray(params.length - 16));
  for (const wrong of [params.subarray(1), new Float64Array(0)]) {
    assertThrows(() => numberTransformer({ config, params: wrong }), RangeError, "do not fit the config");
  }
  assertEquals(emptyCache(config), { position: 0, layers: [{ keys: [], values: [] }, { keys: [], values: [] }] });
});

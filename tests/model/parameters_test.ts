import { assertAlmostEquals, assertEquals } from "@std/assert";
import { initParameters, modelConfig } from "../../mod.ts";
import { parameterCount, parameterLayout, weights } from "../../src/model/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { configs } from "../arbitraries.ts";
import { law } from "../property.ts";

law("parameterLayout: the tensors fill the buffer, one after the other", [configs], (config) => {
  let end = 0;
  for (const { rows, columns, offset } of parameterLayout(config)) {
    assertEquals(offset, end);
    end += rows * columns;
  }
  assertEquals(end, parameterCount(config));
});

law("weights: each matrix is its tensor of the layout, row by row", [configs], (config) => {
  const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
  const { layers, ...embeddings } = weights(config, range);
  const named = new Map(Object.entries(embeddings));
  layers.forEach((layer, i) => Object.entries(layer).forEach(([name, w]) => named.set(`layer${i}.${name}`, w)));
  const layout = parameterLayout(config);
  assertEquals([...named.keys()], layout.map(({ name }) => name));
  for (const { name, rows, columns, offset } of layout) {
    const matrix = named.get(name)!;
    assertEquals(matrix.map((row) => row.length), new Array(rows).fill(columns));
    assertEquals(matrix.flatMap((row) => Array.from(row)), range(offset, offset + rows * columns));
  }
});

Deno.test("initParameters: spread by initStd around 0", () => {
  const [{ params }] = initParameters(modelConfig(27, { nEmbd: 32 }), seedRandom(5), 0.3);
  const meanSquare = params.reduce((sum, p) => sum + p * p, 0) / params.length;
  assertAlmostEquals(Math.sqrt(meanSquare), 0.3, 0.3 * 5 / Math.sqrt(2 * params.length)); // five standard errors
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { documentTokens, engine, initTraining, modelConfig, names, trainSteps } from "../../../mod.ts";
import { arrayEngine, simdEngine } from "../../../src/engines/mod.ts";
import { GROUP_POSITIONS, splitBatch } from "../../../src/engines/simd/batch.ts";
import { law } from "../../property.ts";
import { assertSame, dropouts } from "../laws.ts";
import { bits, FLOAT32 } from "./examples.ts";

const config = modelConfig(27, { blockSize: 200 });
const batchOf = (lengths: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
  fc.array(fc.tuple(lengths, fc.nat(2)).map(([length, token]) => new Array<number>(length).fill(token)), {
    minLength: 1,
    maxLength: 40,
  });
/** Short documents, of which many are equal, and long ones. */
const batches = fc.oneof(batchOf(fc.integer({ min: 2, max: 4 })), batchOf(fc.integer({ min: 2, max: 260 })));

law(
  "simd: every document is in one group, and no group has many more positions than it should, or fewer rooms than it needs",
  [batches, fc.integer({ min: 1, max: 9 })],
  (batch, threads) => {
    const { order, indices, parts, groups, positions, tokens, pairs } = splitBatch(config, batch, threads);
    assertEquals(order, (indices ?? batch.map((_, d) => d)).map((d) => batch[d]));
    assertEquals(new Set(order).size, batch.length);
    const lengths = order.map(({ length }) => Math.min(length - 1, 200));
    assertEquals(positions, lengths.reduce((sum, n) => sum + n, 0));
    assert(parts[0] === 0 && groups[0] === 0 && parts.length <= threads);
    for (const [firsts, end] of [[parts, groups.length], [groups, order.length]] as const) {
      for (let i = 0; i < firsts.length; i++) assert(firsts[i] < (firsts[i + 1] ?? end));
    }
    for (let g = 0; g < groups.length; g++) {
      const group = lengths.slice(groups[g], groups[g + 1]);
      const own = group.reduce((sum, n) => sum + n, 0);
      assert(own <= tokens && own < GROUP_POSITIONS + 200);
      assert(group.reduce((sum, n) => sum + n * (n + 1) / 2, 0) <= pairs);
    }
  },
);

const state = initTraining(names, { nEmbd: 8, nHead: 2 });
/** Enough documents for several groups, also on two threads. */
const large = state.documents.slice(0, 400).map((document) => documentTokens(state.tokenizer, document));

law("simd: a batch of many groups gives what the array engine gives in float32", [dropouts], (dropout) => {
  const example = { parameters: state, batch: large };
  assertSame(simdEngine(), arrayEngine("float32"), example, FLOAT32);
  assertSame(simdEngine(), arrayEngine("float32"), example, FLOAT32, { dropout });
}, { numRuns: 3 });

for (const threads of [1, 2]) {
  Deno.test(`simd, threads ${threads}: a run of many groups is the array engine's in float32, and the same each time`, () => {
    const run = (): [number[], Uint8Array[]] => {
      const losses: number[] = [];
      let last = state;
      for (const step of trainSteps(state, { steps: 5, batch: 400, engine: engine("simd", { threads }) })) {
        losses.push(step.loss);
        if (step.t === 5) last = { ...state, ...step.state() };
      }
      return [losses, bits(last)];
    };
    const [losses, last] = run();
    assertEquals(run(), [losses, last]);
    let t = 0;
    for (const { loss } of trainSteps(state, { steps: 5, batch: 400, engine: arrayEngine("float32") })) {
      assert(Math.abs(losses[t++] - loss) < 1e-4);
    }
  });
}

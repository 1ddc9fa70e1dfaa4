/**
 * Reports: a log of any length in a file of bounded size that says the same.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  hyperparameters,
  initTraining,
  type LogEntry,
  type LogHeader,
  type LogSnapshot,
  trainStep,
} from "../../mod.ts";
import { attentionIn, histogram, reportHtml, reportOf, snapshotOf, spread } from "../../src/view/mod.ts";
import { trainings } from "../arbitraries.ts";
import { law } from "../property.ts";

const state = initTraining(["anna", "bob"]);
const header: LogHeader = {
  type: "header",
  config: state.config,
  hyperparameters: hyperparameters({ steps: 5000 }),
  dataHash: null,
  engine: { name: "array", threads: 1 },
  versions: { log: "1" },
};
const step = (t: number, loss: number): LogEntry => ({
  ...{ type: "step", t, loss, learningRate: 0.01, gradNorm: 2 * loss, tokensPerSecond: 1, time: 0 },
});

law("reports: every step is in a stretch, and the least and most of all are there", [
  fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 3000 }),
], (losses) => {
  const report = reportOf([header, ...losses.map((loss, i) => step(i + 1, loss))], "run");
  const { loss, steps, t } = report;
  assertEquals([steps, t], [losses.length, losses.length]);
  assert(loss.from.length <= 1200);
  assertEquals([loss.from[0], loss.to.at(-1)], [1, losses.length]);
  loss.from.slice(1).forEach((from, i) => assertEquals(from, loss.to[i] + 1));
  assertAlmostEquals(Math.min(...loss.min), Math.min(...losses), 1e-5);
  assertAlmostEquals(Math.max(...loss.max), Math.max(...losses), 1e-5);
}, { numRuns: 30 });

law("reports: attention comes back to within half of 1/255", [trainings], ({ state }) => {
  const snapshot = snapshotOf(state, hyperparameters(), () => false);
  const { snapshots: [kept] } = reportOf([header, step(1, 1), snapshot], "run");
  const found = attentionIn(kept, state.config);
  assertEquals(found.length, snapshot.attention.length);
  snapshot.attention.forEach((layers, p) =>
    layers.forEach((heads, l) =>
      heads.forEach((weights, h) => {
        assertEquals(found[p][l][h].length, weights.length);
        weights.forEach((weight, i) => assertAlmostEquals(found[p][l][h][i], weight, 1 / 510 + 1e-9));
      })
    )
  );
});

law("spread: the first, the last, and no more than there is room for, in order", [
  fc.uniqueArray(fc.nat(), { minLength: 1 }),
  fc.integer({ min: 2, max: 9 }),
], (values, most) => {
  const kept = spread(values, most);
  assertEquals(kept.length, Math.min(most, values.length));
  assertEquals([kept[0], kept.at(-1)], [values[0], values.at(-1)]);
  assertEquals(kept, values.filter((value) => kept.includes(value)));
});

law("histograms: every number is counted once, in the range where it lies", [
  fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 }),
  fc.integer({ min: 1, max: 40 }),
], (values, ranges) => {
  const { from, to, counts } = histogram(values, ranges);
  assertEquals(counts.length, ranges);
  assertEquals(counts.reduce((sum, count) => sum + count), values.length);
  assertEquals([from, to], [-to, Math.max(...values.map(Math.abs))]);
  const edge = from + (to - from) * Math.floor(ranges / 2) / ranges;
  const below = counts.slice(0, Math.floor(ranges / 2)).reduce((sum, count) => sum + count, 0);
  const room = 1e-12 * (to + 1);
  assert(below >= values.filter((value) => value < edge - room).length || to === 0);
  assert(below <= values.filter((value) => value < edge + room).length);
});

Deno.test("snapshots: the parameters and what the step has added to them, tensor by tensor", () => {
  const settings = hyperparameters({ weightDecay: 0.1 });
  const after = trainStep(state, settings).state();
  const { t, histograms, samples, marks } = snapshotOf(after, settings, (text) => text === "");
  assertEquals([t, samples.length, marks!.length], [1, 5, 5]);
  const wte = histograms!.find(({ name }) => name === "wte")!;
  const size = state.config.vocabSize * state.config.nEmbd;
  const most = (values: ArrayLike<number>): number => Math.max(...Array.from(values).slice(0, size).map(Math.abs));
  assertAlmostEquals(wte.parameters.to, most(after.params), 1e-12);
  assertAlmostEquals(wte.updates.to, most(after.params.map((value, i) => value - state.params[i])), 1e-12);
});

Deno.test("reports: what is no log of a run is refused, and data cannot leave its element", () => {
  assertThrows(() => reportOf([step(1, 1)], "it"), RangeError, "it has no header");
  assertThrows(() => reportOf([header], "it"), RangeError, "it has no step");
  const snapshot: LogSnapshot = {
    ...snapshotOf(state, hyperparameters(), () => false),
    text: "</script><b>",
    samples: ["<!--"],
  };
  const reports = [reportOf([header, step(1, 1), snapshot], "</script>")];
  const hashes = { style: "s", script: "c" };
  const html = reportHtml({ reports, style: "a{}", script: "1<2", hashes });
  assertEquals(html.match(/<\/script>/g)!.length, 2);
  assertStringIncludes(html, "script-src 'sha256-c'");
  const [, data] = html.match(/id="reports">(.*)<\/script>/)!;
  assertEquals(JSON.parse(data), reports);
  assertThrows(() => reportHtml({ reports, style: "", script: "'</script>'", hashes }), RangeError, "must not end");
});

Deno.test("reports: say what ran, how it was evaluated and how it ended; where several engines did, the last", () => {
  const figures = { documents: 2, tokens: 9, loss: 2, bitsPerCharacter: 3, perplexity: 7 };
  const evaluation = (t: number): LogEntry => ({ type: "evaluation", t, training: figures, improved: true });
  const end: LogEntry = { type: "end", t: 2, reason: "all steps", training: figures, time: 5 };
  const later: LogHeader = { ...header, engine: { name: "simd", threads: 2 }, dataHash: "abc" };
  const held: LogEntry = { ...evaluation(2), validation: { ...figures, loss: 3 } } as LogEntry;
  const report = reportOf([header, step(1, 4), evaluation(1), later, step(2, 3), held, end], "it");
  const { name, config, settings, engine, dataHash, evaluations, snapshots, allSnapshots } = report;
  assertEquals({ name, config, settings, engine, dataHash }, {
    ...{ name: "it", config: header.config, settings: header.hyperparameters, engine: later.engine, dataHash: "abc" },
  });
  assertEquals(evaluations, [
    { t: 1, training: figures },
    { t: 2, training: figures, validation: { ...figures, loss: 3 } },
  ]);
  assertEquals([report.end, snapshots, allSnapshots], [end, [], 0]);
  assert(!("end" in reportOf([header, step(1, 4)], "it")));
  // The smooth line starts at the first value, and the norm is the log's.
  assertEquals([report.smoothed.mean[0], report.gradNorm.mean], [4, [8, 6]]);
});

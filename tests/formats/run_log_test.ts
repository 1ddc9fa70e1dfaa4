/**
 * The log of a run as lines.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatLogEntry, hyperparameters, type LogEntry, type LogHeader, modelConfig, parseRunLog } from "../../mod.ts";
import { firstMissing, isSameRun, logUntil } from "../../src/formats/mod.ts";
import { law } from "../property.ts";

const step = (t: number): LogEntry => ({
  ...{ type: "step", t, loss: 3 / t, learningRate: 0.01, gradNorm: 1, tokensPerSecond: 9, time: t },
});

const header = (
  shape: Parameters<typeof modelConfig>[1] = {},
  settings: Parameters<typeof hyperparameters>[0] = {},
): LogHeader => ({
  type: "header",
  config: modelConfig(27, shape),
  hyperparameters: hyperparameters(settings),
  dataHash: null,
  engine: { name: "array", threads: 1 },
  versions: {},
});

law(
  "log: entries survive as lines; cut anywhere, those that are whole are read",
  [fc.nat(9), fc.nat()],
  (n, at) => {
    const entries = Array.from({ length: n }, (_, i) => step(i + 1));
    const text = entries.map(formatLogEntry).join("");
    assertEquals(parseRunLog(text), entries);
    const cut = text.slice(0, at % (text.length + 1));
    assertEquals(parseRunLog(cut), entries.slice(0, cut.split("\n").length - 1));
    assertEquals(logUntil(entries, at % 10), entries.slice(0, at % 10));
  },
);

Deno.test("log: a line that is no entry is refused by its number", () => {
  for (const wrong of ["anna", "{}", "[]", "null", '{"type":"x"}', "[".repeat(99)]) {
    assertThrows(() => parseRunLog(`${formatLogEntry(step(1))}${wrong}\n`), SyntaxError, "line 2 is not a log entry");
  }
});

law(
  "log: a number that is not finite is neither written nor read",
  [fc.constantFrom("loss", "gradNorm", "learningRate"), fc.constantFrom(NaN, Infinity, -Infinity)],
  (name, value) => {
    const wrong = { ...step(1), [name]: value } as LogEntry;
    assertThrows(() => formatLogEntry(wrong), RangeError, `${name} ${value} cannot be used`);
  },
);

Deno.test("log: a figure that is no number is refused by its line, in steps and in parts of evaluations", () => {
  const first = formatLogEntry(step(1));
  for (
    const [line, what] of [
      ['{"type":"step","t":2,"loss":null}', "loss null"],
      ['{"type":"evaluation","t":2,"training":{"loss":2,"perplexity":null}}', "perplexity null"],
      ['{"type":"evaluation","t":2,"training":{"loss":2},"validation":{"loss":null}}', "loss null"],
    ]
  ) {
    assertThrows(() => parseRunLog(`${first}${line}\n`), SyntaxError, `line 2 has ${what}: it must be a number`);
  }
});

Deno.test("logUntil: the header and what came up to the step; no end, since the run goes on", () => {
  const figures = { documents: 1, tokens: 5, loss: 2, bitsPerCharacter: 2.9, perplexity: 7.4 };
  const evaluation = (t: number): LogEntry => ({ type: "evaluation", t, training: figures, improved: false });
  const snapshot = (t: number): LogEntry => ({ type: "snapshot", t, samples: [], text: "", attention: [] });
  const end: LogEntry = { type: "end", t: 2, reason: "all steps", training: figures, time: 0 };
  const until2 = [header(), step(1), step(2), evaluation(2), snapshot(2)];
  const entries = [...until2, end];
  assertEquals(logUntil(entries, 2), until2);
  assertEquals(logUntil(entries, 9), until2);
  assertEquals(logUntil(entries, 1), until2.slice(0, 2));
  assertEquals(logUntil(entries, 0), until2.slice(0, 1));
});

law(
  "firstMissing: the first gap between the log's first step and where the run is",
  [fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.uniqueArray(fc.nat(20), { maxLength: 3 })],
  (first, length, removed) => {
    const all = Array.from({ length }, (_, i) => first + i);
    const t = first + length - 1;
    const kept = all.filter((step) => !removed.includes(step));
    const missing = firstMissing([header(), ...kept.map(step)], t);
    const begin = kept.length === 0 ? t : kept[0];
    const gaps = Array.from({ length: t - begin + 1 }, (_, i) => begin + i).filter((step) => !kept.includes(step));
    assertEquals(missing, t === 0 ? undefined : gaps[0]);
  },
);

Deno.test("isSameRun: by shape, seed and initial parameters, not by what a resumed run may change", () => {
  assert(isSameRun(header(), header({}, { steps: 5, patience: 3, samples: 0, temperature: 1 })));
  assert(isSameRun(header(), { ...header(), engine: { name: "simd", threads: 2 }, versions: { deno: "3" } }));
  for (
    const other of [
      header({ nLayer: 2 }),
      header({ blockSize: 8 }),
      header({}, { seed: 1 }),
      header({}, { initStd: 1 }),
    ]
  ) {
    assert(!isSameRun(header(), other));
  }
});

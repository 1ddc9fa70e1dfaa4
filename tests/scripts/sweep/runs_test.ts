/**
 * What a sweep takes from the log of a run.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Evaluation, hyperparameters, type LogEntry, modelConfig } from "../../../mod.ts";
import { failed, reasonIn, resultIn } from "../../../scripts/sweep/runs.ts";

const figures = (loss: number): Evaluation => ({
  documents: 1,
  tokens: 5,
  loss,
  bitsPerCharacter: 2.9,
  perplexity: 7.4,
});
const header: LogEntry = {
  ...{ type: "header", config: modelConfig(27), hyperparameters: hyperparameters({ steps: 100 }), dataHash: "ab" },
  ...{ engine: { name: "array", threads: 1 }, versions: {} },
};
const evaluation: LogEntry = {
  type: "evaluation",
  t: 10,
  training: figures(9),
  validation: figures(8),
  improved: true,
};
const end = (validation?: Evaluation): LogEntry => ({
  ...{ type: "end", t: 30, reason: "early stop", training: figures(2.25), time: 0 },
  ...(validation && { validation }),
});

Deno.test("sweep: a run's result is the end of its log: steps taken, both losses, its data", () => {
  const rest = { status: "ok", steps: "30", trainLoss: "2.25", dataHash: "ab", seconds: "1.5", error: "" } as const;
  assertEquals(resultIn([header, evaluation, end(figures(2.5))], "1.5"), { ...rest, valLoss: "2.5" });
  assertEquals(resultIn([header, evaluation, end()], "1.5"), { ...rest, valLoss: "" });
  const unknown = resultIn([{ ...header, dataHash: null }, end()], "1.5");
  assertEquals(unknown, { ...rest, valLoss: "", dataHash: "" });
});

Deno.test("sweep: why a run failed is what it said last as an error, not a note before it", () => {
  const note = "note: log l cannot be written: there is no space left on the device; the run goes on without it";
  assertEquals(
    reasonIn(`${note}\nerror: model m cannot be written: it is full\n`),
    "model m cannot be written: it is full",
  );
  assertEquals(reasonIn("error: no\n"), "no");
  assertEquals(reasonIn("Segmentation fault\n"), "Segmentation fault");
  assertEquals(reasonIn(""), "");
});

Deno.test("sweep: a log without its end or its header is a run that failed", () => {
  for (const entries of [[], [header, evaluation], [end()]]) {
    assertEquals(resultIn(entries, "1.5"), failed("its log has no end", "1.5"));
  }
  const { status, error, seconds, ...losses } = failed("it was killed", "2");
  assertEquals([status, error, seconds], ["failed", "it was killed", "2"]);
  assertEquals(Object.values(losses).join(""), "");
});

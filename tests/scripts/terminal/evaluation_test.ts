/**
 * Evaluations as text.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Baselines, Evaluation } from "../../../mod.ts";
import {
  baselineLine,
  baselineRows,
  evaluationLine,
  evaluationTable,
  shortEvaluationLine,
} from "../../../scripts/terminal/evaluation.ts";
import { law } from "../../property.ts";

function evaluationOf(loss: number): Evaluation {
  return { documents: 1000, tokens: 7000, loss, bitsPerCharacter: loss / Math.LN2, perplexity: Math.exp(loss) };
}

const ROWS = [["training", evaluationOf(2)], ["validation", evaluationOf(2.5)]] as const;

Deno.test("evaluations: a table, without what can be worked out where the terminal is narrow", () => {
  assertEquals(
    evaluationTable(ROWS),
    "evaluation  docs  nats/char  bits/char  perplexity\n" +
      "training    1000     2.0000      2.885        7.39\n" +
      "validation  1000     2.5000      3.607       12.18",
  );
  const headers = [51, 50, 44, 33, 20].map((columns) => evaluationTable(ROWS, columns).split("\n")[0]);
  assertEquals(headers, [
    "evaluation  docs  nats/char  bits/char  perplexity",
    "evaluation  nats/char  bits/char  perplexity",
    "evaluation  nats/char  perplexity",
    "evaluation  nats/char",
    "evaluation  nats/char",
  ]);
});

law("evaluations: the table is narrower than the terminal, if it is wide enough for two columns", [
  fc.integer({ min: 22, max: 80 }),
], (columns) => {
  for (const line of evaluationTable(ROWS, columns).split("\n")) assert(line.length < columns);
});

Deno.test("evaluations: on one line, long and short; baselines from the best to the one that knows nothing", () => {
  const step = { training: evaluationOf(2), validation: evaluationOf(2.5), improved: true };
  assertEquals(
    evaluationLine(7, 100, step),
    "eval    7 /  100 | train 2.0000 nats, 2.885 bits/char, ppl 7.39 | val 2.5000 nats, 3.607 bits/char, ppl 12.18 (best)",
  );
  assertEquals(shortEvaluationLine(7, step), "eval 7 | train 2.0000 | val 2.5000 (best)");
  assertEquals(shortEvaluationLine(7, { training: evaluationOf(2), improved: false }), "eval 7 | train 2.0000");
  const losses = { uniform: 3, unigram: 2.8, bigram: 2.4, trigram: 2.1 };
  const baselines = Object.fromEntries(
    Object.entries(losses).map(([name, loss]) => [name, evaluationOf(loss)]),
  ) as Baselines;
  assertEquals(
    baselineLine(baselines),
    "baselines: uniform 3.0000, unigram 2.8000, bigram 2.4000, trigram 2.1000 nats",
  );
  assertEquals(baselineRows(baselines).map(([name]) => name), ["trigram", "bigram", "unigram", "uniform"]);
});

/**
 * Evaluations as text.
 *
 * @module
 */

import type { Baselines, Evaluation, StepEvaluation } from "../../mod.ts";

/** What is evaluated, under its name. */
export type Row = readonly [name: string, evaluation: Evaluation];

/** An evaluation in the course of training, on one line. */
export function evaluationLine(t: number, steps: number, { training, validation, improved }: StepEvaluation): string {
  const figures = ({ loss, bitsPerCharacter, perplexity }: Evaluation): string =>
    `${loss.toFixed(4)} nats, ${bitsPerCharacter.toFixed(3)} bits/char, ppl ${perplexity.toFixed(2)}`;
  const width = (n: number): string => String(n).padStart(4);
  const held = validation ? ` | val ${figures(validation)}${improved ? " (best)" : ""}` : "";
  return `eval ${width(t)} / ${width(steps)} | train ${figures(training)}${held}`;
}

/** The same, short. */
export function shortEvaluationLine(t: number, { training, validation, improved }: StepEvaluation): string {
  const held = validation ? ` | val ${validation.loss.toFixed(4)}${improved ? " (best)" : ""}` : "";
  return `eval ${t} | train ${training.loss.toFixed(4)}${held}`;
}

/** What counting reaches, on one line. */
export function baselineLine(baselines: Baselines): string {
  const losses = Object.entries(baselines).map(([name, { loss }]) => `${name} ${loss.toFixed(4)}`);
  return `baselines: ${losses.join(", ")} nats`;
}

/** Evaluations as a table; where `columns` are too few for it, without what can be worked out. */
export function evaluationTable(rows: readonly Row[], columns: number = Infinity): string {
  const cells = rows.map(([name, { documents, loss, bitsPerCharacter, perplexity }]) => [
    name,
    String(documents),
    loss.toFixed(4),
    bitsPerCharacter.toFixed(3),
    perplexity.toFixed(2),
  ]);
  const full = [["evaluation", "docs", "nats/char", "bits/char", "perplexity"], ...cells];
  const widthOf = (some: readonly number[]): number =>
    some.reduce((sum, i) => sum + 2 + Math.max(...full.map((row) => row[i].length)), -2);
  const kept = [[0, 1, 2, 3, 4], [0, 2, 3, 4], [0, 2, 4]].find((some) => widthOf(some) < columns) ?? [0, 2];
  const all = full.map((row) => kept.map((i) => row[i]));
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) => row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  "))
    .join("\n");
}

/** The baselines as rows, from the best to the one that knows nothing. */
export function baselineRows(baselines: Baselines): Row[] {
  return Object.entries(baselines).reverse();
}

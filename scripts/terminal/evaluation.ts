/**
 * Evaluations as text.
 *
 * @module
 */

import type { Baselines, Evaluation, StepEvaluation } from "../../mod.ts";
import { fittingTable } from "./table.ts";

/** An evaluation, and what was evaluated. */
export type EvaluationRow = readonly [name: string, evaluation: Evaluation];

/** An evaluation in the course of training, on one line. */
export function evaluationLine(t: number, steps: number, { training, validation, improved }: StepEvaluation): string {
  const figures = ({ loss, bitsPerCharacter, perplexity }: Evaluation): string =>
    `${loss.toFixed(4)} nats, ${bitsPerCharacter.toFixed(3)} bits/char, ppl ${perplexityText(perplexity)}`;
  const width = (n: number): string => String(n).padStart(4);
  const held = validation ? ` | val ${figures(validation)}${improved ? " (best)" : ""}` : "";
  return `eval ${width(t)} / ${width(steps)} | train ${figures(training)}${held}`;
}

/** With two digits, or as a power of ten where these would be many. */
const perplexityText = (perplexity: number): string =>
  perplexity < 1e9 ? perplexity.toFixed(2) : perplexity.toExponential(2);

/** The same, short. */
export function shortEvaluationLine(t: number, { training, validation, improved }: StepEvaluation): string {
  const held = validation ? ` | val ${validation.loss.toFixed(4)}${improved ? " (best)" : ""}` : "";
  return `eval ${t} | train ${training.loss.toFixed(4)}${held}`;
}

/** What counting achieves, on one line. */
export function baselineLine(baselines: Baselines): string {
  const losses = Object.entries(baselines).map(([name, { loss }]) => `${name} ${loss.toFixed(4)}`);
  return `baselines: ${losses.join(", ")} nats`;
}

/** The baselines as rows, from the best to the one that knows nothing. */
export function baselineRows(baselines: Baselines): EvaluationRow[] {
  return Object.entries(baselines).reverse();
}

const HEADER = ["evaluation", "docs", "nats/char", "bits/char", "perplexity"];

/** Which columns to show, from all of them to those from which the others can be worked out. */
const CHOICES = [[0, 1, 2, 3, 4], [0, 2, 3, 4], [0, 2, 4], [0, 2]];

/** Evaluations as a table; where the terminal is too narrow for it, without what can be worked out. */
export function evaluationTable(rows: readonly EvaluationRow[], columns: number = Infinity): string {
  const cells = rows.map(([name, { documents, loss, bitsPerCharacter, perplexity }]) => [
    name,
    String(documents),
    loss.toFixed(4),
    bitsPerCharacter.toFixed(3),
    perplexityText(perplexity),
  ]);
  return fittingTable([HEADER, ...cells], CHOICES, columns);
}

/**
 * What a run says after its last step.
 *
 * @module
 */

import type { Baselines, Hyperparameters, TrainingState } from "../../mod.ts";
import { drawSamples, type Sample } from "../../src/sample/mod.ts";
import { baselineRows, evaluationTable } from "../terminal/evaluation.ts";
import { type LossCurve, lossCurve, lossPlot } from "../terminal/plot.ts";
import { printSamples } from "../terminal/samples.ts";
import { isDumb, say, sayAsIs, terminalColumns } from "../terminal/stdout.ts";
import type { FinalEvaluation } from "./figures.ts";
import type { Run } from "./run.ts";

/** What a run has led to. */
export type Result = {
  readonly state: TrainingState;
  readonly final: FinalEvaluation;
  readonly baselines: Baselines;
  readonly curve: LossCurve;
  /** Where the best model is, if there is one. */
  readonly best: string | undefined;
  /** Where the model is that the run has replaced, if there was one. */
  readonly previous: string | undefined;
};

/** Gathers the losses of the steps that a run is still to take. */
export function curveOf({ state: { t }, settings: { steps } }: Run): LossCurve {
  return lossCurve(t + 1, Math.max(t + 1, steps));
}

/** Says what a run has led to: samples, figures, the loss over the run, and where the models are. */
export function summarize({ settings, out, state: initial }: Run, result: Result): void {
  const { state, final, baselines, curve, best, previous } = result;
  if (settings.samples > 0) {
    say("--- inference (new, hallucinated names) ---");
    printSamples(finalSamples(state, settings));
  }
  const columns = terminalColumns();
  say(finalTable(final, baselines, columns));
  if (state.validation.length === 0) {
    say("(on docs that it was trained on, and the baselines too: --val-fraction 0.1 holds some back)");
  }
  const plot = columns === undefined
    ? ""
    : lossPlot(curve, initial.t + 1, state.t, columns, !Deno.noColor && !isDumb());
  if (plot !== "") sayAsIs(plot);
  if (best !== undefined) say(`best: ${best} (after step ${state.selection.bestT})`);
  if (previous !== undefined) say(`previous: ${previous} (the model that was there before this run)`);
  say(`saved: ${out}`);
}

/** The samples after the last step: the random stream goes on where it was. */
export function finalSamples(state: TrainingState, { samples, temperature }: Hyperparameters): Iterable<Sample> {
  return drawSamples(state, state.random, { samples, temperature });
}

/** The figures of a run beside those of counting. */
export function finalTable({ training, validation }: FinalEvaluation, baselines: Baselines, columns?: number): string {
  const held = validation ? [["validation", validation] as const] : [];
  return evaluationTable([["training", training], ...held, ...baselineRows(baselines)], columns);
}

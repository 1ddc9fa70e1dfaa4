/**
 * The lines that charts of runs have in common.
 *
 * @module
 */

import { type Baselines, learningRateAt, type ScheduleOptions } from "../../mod.ts";
import type { Line } from "./line_chart.tsx";
import { figure } from "./numbers.ts";
import { say } from "./words.ts";

/** What models achieve that only count: a flat line each, from the one that knows nothing. */
export function baselineLines(baselines: Baselines | undefined, from: number, to: number): Line[] {
  if (baselines === undefined) return [];
  const { uniform, unigram, bigram, trigram } = baselines;
  return ([
    [say("uniformLine", { n: Math.round(uniform.perplexity) }), uniform.loss, "--line-0"],
    [say("unigramLine"), unigram.loss, "--line-1"],
    [say("bigramLine"), bigram.loss, "--line-2"],
    [say("trigramLine"), trigram.loss, "--line-3"],
  ] as const).map(([name, height, color]) => ({
    name: `${name}: ${figure(height, 3)}`,
    curve: { x: [from, to], y: [height, height] },
    color,
    look: "dashed",
  }));
}

/** The learning rate of a step, from 1. */
export function rateAt(settings: ScheduleOptions & { readonly steps: number }, step: number): number {
  return learningRateAt(Math.max(0, Math.min(settings.steps, step) - 1), settings);
}

/** Points of a schedule that are drawn. */
const POINTS = 1000;

/** The learning rate of all steps, and the point where a run is. */
export function rateLines(settings: ScheduleOptions & { readonly steps: number }, from: number, now: number): Line[] {
  const { steps } = settings;
  const stride = Math.max(1, Math.ceil((steps - from) / POINTS));
  const x = Array.from({ length: Math.ceil((steps - from) / stride) }, (_, i) => from + 1 + i * stride);
  return [
    { name: say("rate"), curve: { x, y: x.map((step) => rateAt(settings, step)) }, color: "--muted" },
    {
      name: say("stepAxis"),
      curve: { x: [Math.max(1, now)], y: [rateAt(settings, now)] },
      color: "--accent",
      look: "dots",
    },
  ];
}

/** What a chart of the learning rate says of a step. */
export function rateSummary(settings: ScheduleOptions & { readonly steps: number }, step: number): string {
  const rate = (at: number): string => figure(rateAt(settings, at), 3);
  return say("rateSummary", { first: rate(1), last: rate(settings.steps), t: step, now: rate(step) });
}

/**
 * The progress of a training run: one line that rewrites itself on a terminal, plain lines elsewhere.
 *
 * @module
 */

import { NOTHING_SMOOTHED, smoothed, SPAN } from "../../src/view/mod.ts";
import type { StepEvaluation, TrainingStep } from "../../mod.ts";
import { evaluationLine, shortEvaluationLine } from "./evaluation.ts";
import { say, type Terminal, UNKNOWN_WIDTH } from "./stdout.ts";

/** Shows the steps of a run as they come. */
export type Progress = {
  /** Shows a step, and its evaluation if it has one. */
  readonly step: (step: TrainingStep) => void;
  /** Ends a line that was still being rewritten. */
  readonly end: () => void;
};

/** Rewriting the line more often than this only costs time. */
const REDRAW_MS = 40;
const SEPARATOR = " | ";

/** A line for the first step, every `every`-th and the last one, and for each evaluation. */
export function plainProgress(first: number, steps: number, every: number): Progress {
  const average = runningMean();
  return {
    step: (step) => {
      const mean = average(step.loss);
      if (step.t === first || step.t % every === 0 || step.t === steps) say(parts(step, steps, mean).join(SEPARATOR));
      if (step.evaluation) say(evaluationLine(step.t, steps, step.evaluation));
    },
    end: () => {},
  };
}

/**
 * One line that rewrites itself, no wider than the terminal, with the speed and the time left. Evaluations stand above it
 * and stay. Speed and time left are those of the steps since this was called, drawn or not, evaluations included.
 *
 * @param now A clock, in milliseconds.
 */
export function terminalProgress(
  steps: number,
  { write, columns }: Terminal,
  now: () => number = () => performance.now(),
): Progress {
  const average = runningMean();
  const started = now();
  let drawn = -Infinity;
  let open = false;
  let last = false;
  let taken = 0;
  let tokens = 0;

  const room = (): number => (columns() || UNKNOWN_WIDTH) - 1;
  const draw = (step: TrainingStep): void => {
    const mean = average(step.loss);
    const time = now();
    taken++;
    tokens += step.tokens;
    if (time - drawn < REDRAW_MS && step.t !== steps) return;
    drawn = time;
    open = true;
    last = step.t === steps;
    const seconds = (time - started) / 1000;
    const rate = taken / seconds;
    const remaining = step.t < steps ? `${duration((steps - step.t) / rate)} left` : `took ${duration(seconds)}`;
    const speed = `${Math.round(tokens / seconds).toLocaleString("en")} tokens/s`;
    // On a narrow terminal the last ones are left out.
    const [count, loss, smoothed, ...rest] = parts(step, steps, mean);
    write(`\r${fit([count, loss, smoothed, speed, remaining, ...rest], room())}\x1b[K`);
  };
  const note = (t: number, evaluation: StepEvaluation): void => {
    const long = evaluationLine(t, steps, evaluation);
    const line = long.length <= room() ? long : shortEvaluationLine(t, evaluation);
    write(`${open && last ? "\n" : "\r\x1b[K"}${line}\n`); // the last step's line stays
    open = false;
    drawn = -Infinity;
  };
  return {
    step: (step) => {
      draw(step);
      if (step.evaluation) note(step.t, step.evaluation);
    },
    end: () => {
      if (open) write("\n");
      open = false;
    },
  };
}

/** The reference's progress line, then the average loss, the learning rate and the norm of the gradient. */
function parts(step: TrainingStep, steps: number, average: number): string[] {
  const width = (n: number): string => String(n).padStart(4);
  return [
    `step ${width(step.t)} / ${width(steps)}`,
    `loss ${step.loss.toFixed(4)}`,
    `avg ${average.toFixed(4)}`,
    `lr ${step.learningRate.toExponential(2)}`,
    `grad ${step.gradNorm.toPrecision(3)}`,
  ];
}

/** As many of the parts, from the first, as there is room for; the first is cut if need be. */
function fit(parts: readonly string[], columns: number): string {
  const fitting = parts.filter((_, i) => i === 0 || parts.slice(0, i + 1).join(SEPARATOR).length <= columns);
  return fitting.join(SEPARATOR).slice(0, columns);
}

/** The running mean of the losses, one after the other. */
function runningMean(): (value: number) => number {
  let state = NOTHING_SMOOTHED;
  return (value) => {
    let mean: number;
    [state, mean] = smoothed(state, value, SPAN);
    return mean;
  };
}

/** Seconds as a person reads them: `1.5 s`, `12 s`, `3 min`, `2.5 h`. */
function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

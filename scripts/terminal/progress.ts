/**
 * The progress of a training run: one line that rewrites itself on a terminal, plain lines elsewhere.
 *
 * @module
 */

import type { TrainingStep } from "../../mod.ts";

/** Shows the steps of a run as they come. */
export type Progress = {
  readonly show: (step: TrainingStep) => void;
  /** Prints a line that stays: on a terminal the first of these that has room (or the last), elsewhere the first. */
  readonly note: (...lines: string[]) => void;
  /** Ends a line that was still being rewritten. */
  readonly end: () => void;
};

/** Prints a line as far as stdout takes it: a full disk or a reader that left must not cost the training. */
export function say(line: string): void {
  try {
    console.log(line);
  } catch {
    // The model is what counts.
  }
}

/** How much the average loss remembers: about the last 50 steps. */
const MEMORY = 0.98;
/** What to take a terminal for that does not say how wide it is. */
const UNKNOWN_WIDTH = 80;
/** Rewriting the line more often than this only costs time. */
const REDRAW_MS = 40;

/** The reference's progress line, and after it the average loss, the learning rate and the norm of the gradient. */
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

const SEPARATOR = " | ";

/** As many of the parts, from the first, as have room; of the first, at least what has. */
function fit(parts: readonly string[], columns: number): string {
  const fitting = parts.filter((_, i) => i === 0 || parts.slice(0, i + 1).join(SEPARATOR).length <= columns);
  return fitting.join(SEPARATOR).slice(0, columns);
}

/** A running mean that counts from the first value, corrected for its start as Adam's moments are. */
function runningMean(): (value: number) => number {
  let mean = 0;
  let weight = 0;
  return (value) => {
    mean = MEMORY * mean + (1 - MEMORY) * value;
    weight = MEMORY * weight + (1 - MEMORY);
    return mean / weight;
  };
}

/** A line for the first step, every `every`-th and the last one. */
export function plainProgress(first: number, steps: number, every: number): Progress {
  const average = runningMean();
  return {
    show: (step) => {
      const mean = average(step.loss);
      if (step.t === first || step.t % every === 0 || step.t === steps) {
        say(parts(step, steps, mean).join(SEPARATOR));
      }
    },
    note: (line) => say(line),
    end: () => {},
  };
}

/** A terminal, as far as a progress line needs one. */
export type Terminal = {
  readonly write: (text: string) => void;
  /** Its width in characters, which may change; 0 if the terminal does not say. */
  readonly columns: () => number;
};

/** The terminal that stdout is. */
export function stdoutTerminal(): Terminal {
  const encoder = new TextEncoder();
  return {
    write: (text) => void Deno.stdout.writeSync(encoder.encode(text)),
    columns: () => Deno.consoleSize().columns,
  };
}

/** The width of the terminal, if stdout is one. */
export function terminalColumns(): number | undefined {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns || UNKNOWN_WIDTH : undefined;
}

/** One line that rewrites itself, no wider than the terminal, with the speed and the time left. */
export function terminalProgress(steps: number, { write, columns }: Terminal): Progress {
  const average = runningMean();
  const started = performance.now();
  let drawn = -Infinity;
  let open = false;
  let last = false;
  let taken = 0;
  let tokens = 0;
  return {
    show: (step) => {
      const mean = average(step.loss);
      const now = performance.now();
      taken++;
      tokens += step.tokens;
      if (now - drawn < REDRAW_MS && step.t !== steps) return;
      drawn = now;
      open = true;
      last = step.t === steps;
      const seconds = (now - started) / 1000;
      const rate = taken / seconds;
      const time = step.t < steps ? `${duration((steps - step.t) / rate)} left` : `took ${duration(seconds)}`;
      const speed = `${Math.round(tokens / seconds).toLocaleString("en")} tokens/s`;
      // In narrow terminals the last ones are left out.
      const [count, loss, smoothed, ...rest] = parts(step, steps, mean);
      const all = [count, loss, smoothed, speed, time, ...rest];
      write(`\r${fit(all, (columns() || UNKNOWN_WIDTH) - 1)}\x1b[K`);
    },
    note: (...lines) => {
      const room = (columns() || UNKNOWN_WIDTH) - 1;
      const line = lines.find(({ length }) => length <= room) ?? lines[lines.length - 1];
      write(`${open && last ? "\n" : "\r\x1b[K"}${line}\n`); // the last step's line stays
      open = false;
      drawn = -Infinity;
    },
    end: () => {
      if (open) write("\n");
      open = false;
    },
  };
}

/** Seconds as a person reads them: `1.5 s`, `12 s`, `3 min`, `2.5 h`. */
function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

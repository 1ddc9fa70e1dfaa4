/**
 * The phases of a step of the simd engine, on a memory that parameters and a batch were written to.
 *
 * @module
 */

import { keepAwake } from "./awake.ts";
import { ADAM, type AdamField, PHASES, wordOf } from "./fields.ts";
import type { Memory } from "./memory.ts";

/** Makes the weights as the forward pass reads them; to be called after parameters were written. */
export function prepare({ kernels }: Memory): void {
  kernels.prepare();
}

const ALONE = wordOf("alone");

/** Positions times parameters that take about as long as starting a worker: some milliseconds. */
export const WORK_ALONE = 2 ** 24;

/**
 * Computes the gradient of the batch, one buffer for each part, and returns the loss. Workers start when starting them has
 * become a small part of the work.
 *
 * @param shared Whether threads share the work of this step; the result is the same.
 */
export function runGradient(memory: Memory, shared = true): number {
  const { ints, kernels, workers, work, places, capacity } = memory;
  ints[ALONE] = shared && workers.length > 0 ? 0 : 1;
  if (shared) restartIdleWorkers(memory);
  kernels.runPhase(PHASES.GRADIENT);
  work.done += capacity.positions * places.length;
  if (shared && workers.length === 0 && work.done >= WORK_ALONE) startWorkers(memory);
  return sumOfParts(memory, "losses");
}

/** The loss of the batch: the forward pass alone. */
export function runLoss(memory: Memory): number {
  memory.kernels.runPhase(PHASES.LOSS);
  return sumOfParts(memory, "losses");
}

/** The norm of the gradient of all parts together. */
export function runNorm(memory: Memory): number {
  memory.kernels.runPhase(PHASES.NORM);
  return Math.sqrt(sumOfParts(memory, "squares"));
}

/** Adam's numbers at one step, bias correction included. */
export type AdamNumbers = Readonly<Record<AdamField, number>>;

const NUMBERS = (Object.keys(ADAM) as AdamField[]).map((name) => [name, wordOf(name)] as const);

/**
 * One step of Adam from the gradients of all parts. Returns the norm of the gradient that it worked with, after
 * clipping, and whether all parameters and moments are finite.
 */
export function runAdam(memory: Memory, numbers: AdamNumbers): { norm: number; finite: boolean } {
  const { kernels, ints, floats, fields, capacity: { threads } } = memory;
  for (const [name, word] of NUMBERS) floats[word] = numbers[name];
  kernels.runPhase(PHASES.ADAM);
  let bad = 0;
  for (let p = 0; p < threads; p++) bad |= ints[fields.notFinite / 4 + p];
  return { norm: Math.sqrt(sumOfParts(memory, "squares")), finite: bad === 0 };
}

/** The sum of a result of all parts, in their order. */
function sumOfParts({ doubles, fields, capacity: { threads } }: Memory, result: "losses" | "squares"): number {
  let sum = 0;
  for (let p = 0; p < threads; p++) sum += doubles[fields[result] / 8 + p];
  return sum;
}

function startWorkers(memory: Memory): void {
  const { workers, startWorker, capacity: { threads } } = memory;
  for (let part = 1; part < threads; part++) workers.push(startWorker(part));
  keepAwake(memory);
}

/** Restarts workers that exited when idle. */
function restartIdleWorkers(memory: Memory): void {
  const { ints, fields, workers, startWorker } = memory;
  for (let i = 0; i < workers.length; i++) {
    const exited = fields.exited / 4 + i + 1;
    if (Atomics.load(ints, exited) === 0) continue;
    Atomics.store(ints, exited, 0);
    workers[i] = startWorker(i + 1);
    keepAwake(memory);
  }
}

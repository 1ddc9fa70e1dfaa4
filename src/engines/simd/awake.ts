/**
 * Which memories have workers that wait for work, and how those go home.
 *
 * @module
 */

import { LINE, PHASES } from "./fields.ts";
import type { Memory } from "./memory.ts";

/** As many small memories have their workers awake; one more, and those of the first go home until its next step. */
const MOST_AWAKE = 8;
/** Small ones are held here, in the order in which they woke; large ones are few, and must not outlive their run. */
const SMALL_BYTES = 2 ** 25;
const awake: Memory[] = [];

/**
 * To be called when workers have started.
 *
 * A process that begins runs and drops them unfinished, of which nothing tells, would have ever more threads.
 */
export function keepAwake(memory: Memory): void {
  if (memory.ints.byteLength > SMALL_BYTES) return;
  forget(memory);
  awake.push(memory);
  while (awake.length > MOST_AWAKE) sendHome(awake.shift()!);
}

/** A memory that nobody needs to watch. */
function forget(memory: Memory): void {
  const at = awake.indexOf(memory);
  if (at >= 0) awake.splice(at, 1);
}

/** Lets workers exit; with the next step they are started again. */
function sendHome({ kernels, ints, fields, capacity: { threads } }: Memory): void {
  kernels.runPhase(PHASES.STOP);
  // Nobody claimed anything in this epoch: the next begins from it.
  const epoch = Atomics.load(ints, fields.epoch / 4);
  for (let p = 0; p < threads; p++) {
    Atomics.store(ints, (fields.claims + p * LINE) / 4, epoch);
    Atomics.store(ints, (fields.dones + p * LINE) / 4, epoch);
  }
}

/** Ends the workers: they close by themselves, since Deno does not give back all memory of one that is terminated. */
export function closeMemory(memory: Memory): void {
  forget(memory);
  if (memory.workers.length > 0) memory.kernels.runPhase(PHASES.STOP);
}

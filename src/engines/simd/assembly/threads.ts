/**
 * How threads share a step. A phase (gradients, then Adam) has one piece of work a part; a piece is done by whoever claims
 * it. The main thread does its own and then every piece that no worker has claimed yet: on a busy machine it simply does
 * all. What is computed depends on the number of parts alone, never on who computes it.
 */

import { SQUARE, STEP, updateAll } from "./adam";
import { gradient, loss } from "./model";
import { plan } from "./plan";

/** What a phase does; core.ts on the other side knows them by the same numbers. */
const GRADIENT: i32 = 0;
const ADAM: i32 = 1;
const STOP: i32 = 2;
const LOSS: i32 = 3;
const NORM: i32 = 4;

/**
 * How often to look before going to sleep: some tens of microseconds, which the waits between phases take. A worker that
 * is waited for longer than `LONG` nanoseconds has lost its core: then there are more threads than free cores, and all do
 * better to sleep early, for some hundred steps.
 */
const MOST_SPINS: i32 = 20000;
const LEAST_SPINS: i32 = 500;
const MORE_SPINS: i32 = 50;
const LONG: i64 = 300_000;

/** To be called once before the first phase. */
export function setSpins(): void {
  store<i32>(plan.spins, MOST_SPINS);
}

/** Waits, on the main thread, until a part is done. */
function waitFor(p: i32, epoch: i32): void {
  const done = plan.dones + p * LINE;
  const spins = load<i32>(plan.spins);
  for (let i = 0; i < spins && atomic.load<i32>(done) != epoch; i++);
  const long = atomic.load<i32>(done) != epoch && atomic.wait<i32>(done, epoch - 1, LONG) == TIMED_OUT;
  while (atomic.load<i32>(done) != epoch) atomic.wait<i32>(done, epoch - 1, -1);
  atomic.store<i32>(plan.spins, long ? LEAST_SPINS : min(spins + MORE_SPINS, MOST_SPINS));
}

/** A worker that waits longer, in nanoseconds, ends: a run that was left unfinished must not keep the process. */
const PATIENCE: i64 = 3_000_000_000;
const TIMED_OUT: i32 = 2;
/** Words of different threads are this far apart. */
const LINE: i32 = 64;

/** Does the work of part `p` in the present phase. */
function work(p: i32): void {
  const phase = atomic.load<i32>(plan.phase);
  if (phase == ADAM) store<i32>(plan.notFinite + (p << 2), updateAll(p, STEP) ? 1 : 0);
  else if (phase == NORM) updateAll(p, SQUARE);
  else {
    const share = p >= plan.active ? 0 : phase == GRADIENT ? gradient(p) : loss(p);
    store<f64>(plan.losses + (p << 3), share);
  }
}

/** Takes the work of part `p` in an epoch, unless someone has it. Claims go up by one an epoch, so a late one fails. */
function claim(p: i32, epoch: i32): bool {
  return atomic.cmpxchg<i32>(plan.claims + p * LINE, epoch - 1, epoch) == epoch - 1;
}

/** A phase, on the main thread; returns when all parts are done. */
export function runPhase(phase: i32): void {
  const parts = plan.threads;
  atomic.store<i32>(plan.phase, phase);
  // What is not worth sharing: where only one part has documents, the numbers stay in this core's cache.
  if (phase != STOP && plan.active == 1) {
    for (let p = 0; p < parts; p++) work(p);
    return;
  }
  const epoch = atomic.add<i32>(plan.epoch, 1) + 1;
  if (atomic.load<i32>(plan.sleepers) > 0) atomic.notify(plan.epoch, -1);
  if (phase == STOP) return;
  for (let p = 0; p < parts; p++) {
    if (claim(p, epoch)) {
      work(p);
      atomic.store<i32>(plan.dones + p * LINE, epoch);
    }
  }
  for (let p = 1; p < parts; p++) waitFor(p, epoch);
}

/** What worker `p` does until it is told to stop, or nobody has asked for anything in a while. */
export function serve(p: i32): void {
  let seen = atomic.load<i32>(plan.claims + p * LINE);
  while (true) {
    const spins = atomic.load<i32>(plan.spins);
    for (let i = 0; i < spins && atomic.load<i32>(plan.epoch) == seen; i++);
    while (atomic.load<i32>(plan.epoch) == seen) {
      atomic.add<i32>(plan.sleepers, 1);
      const outcome = atomic.wait<i32>(plan.epoch, seen, PATIENCE);
      atomic.sub<i32>(plan.sleepers, 1);
      if (outcome == TIMED_OUT) {
        atomic.store<i32>(plan.gone + (p << 2), 1);
        return;
      }
    }
    seen = atomic.load<i32>(plan.epoch);
    if (atomic.load<i32>(plan.phase) == STOP) return;
    if (claim(p, seen)) {
      work(p);
      atomic.store<i32>(plan.dones + p * LINE, seen);
      atomic.notify(plan.dones + p * LINE, 1);
    }
  }
}

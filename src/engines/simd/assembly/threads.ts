/**
 * How threads share a step. Each phase (gradients, then Adam) has one piece of work for each part, done by whichever
 * thread claims it. The main thread does its own piece, and then every piece that no worker has claimed yet: on a busy
 * machine it simply does them all. The result depends only on the number of parts, never on who computes them.
 */

import { SQUARE, STEP, updateAll } from "./adam";
import { gradient, loss } from "./model";
import { ADAM, GRADIENT, LINE, NORM, plan, STOP } from "./plan";

/**
 * How often to look before going to sleep: for tens of microseconds, as long as waits between phases take. A worker
 * that keeps the main thread waiting for more than `LONG` nanoseconds has lost its core. Then there are more threads
 * than free cores, and all threads do better to sleep early, for the next few hundred steps.
 */
const MOST_SPINS: i32 = 20000;
const LEAST_SPINS: i32 = 500;
const MORE_SPINS: i32 = 50;
const LONG: i64 = 300_000;

/** To be called before the first phase. */
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

/** A worker that is idle for longer, in nanoseconds, exits: a run left unfinished must not keep the process alive. */
const IDLE_LIMIT: i64 = 3_000_000_000;
/** What `atomic.wait` returns when its time is up. */
const TIMED_OUT: i32 = 2;

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

/**
 * Claims the work of part `p` in an epoch; false if another thread has it. Claims go up by 1 an epoch, so late ones
 * fail.
 */
function claim(p: i32, epoch: i32): bool {
  return atomic.cmpxchg<i32>(plan.claims + p * LINE, epoch - 1, epoch) == epoch - 1;
}

/** Runs a phase, on the main thread. Returns when all parts are done. */
export function runPhase(phase: i32): void {
  const parts = plan.threads;
  atomic.store<i32>(plan.phase, phase);
  // With documents in only one part, sharing is not worth it: the numbers are in this core's cache.
  if (phase != STOP && (plan.active == 1 || plan.alone == 1)) {
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

/** What worker `p` does until it is told to stop, or has been idle for too long. */
export function serve(p: i32): void {
  let seen = atomic.load<i32>(plan.claims + p * LINE);
  while (true) {
    const spins = atomic.load<i32>(plan.spins);
    for (let i = 0; i < spins && atomic.load<i32>(plan.epoch) == seen; i++);
    while (atomic.load<i32>(plan.epoch) == seen) {
      atomic.add<i32>(plan.sleepers, 1);
      const outcome = atomic.wait<i32>(plan.epoch, seen, IDLE_LIMIT);
      atomic.sub<i32>(plan.sleepers, 1);
      if (outcome == TIMED_OUT) {
        atomic.store<i32>(plan.exited + (p << 2), 1);
        return;
      }
    }
    seen = atomic.load<i32>(plan.epoch);
    if (atomic.load<i32>(plan.phase) == STOP) {
      atomic.store<i32>(plan.exited + (p << 2), 1);
      return;
    }
    if (claim(p, seen)) {
      work(p);
      atomic.store<i32>(plan.dones + p * LINE, seen);
      atomic.notify(plan.dones + p * LINE, 1);
    }
  }
}

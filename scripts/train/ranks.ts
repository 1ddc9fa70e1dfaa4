/**
 * Runs that several processes take together: one of them speaks and saves, the others follow it.
 *
 * @module
 */

import type { Engine } from "../../mod.ts";
import { gather } from "../../src/train/mod.ts";
import type { Interruption } from "../cli/interruption.ts";
import type { Ranks } from "./mpi.ts";
import type { Run } from "./run.ts";
import { takeSteps } from "./steps.ts";

/** An engine whose steps are shared: how many share them decides the order of sums. */
export function sharedEngine(engine: Engine, { size }: Ranks): Engine {
  return { ...engine, build: [engine.build, `${size} ranks`].filter((part) => part !== undefined).join(", ") };
}

/**
 * Refuses processes that would not train the same: on other data, with other settings, from another state.
 *
 * @throws {RangeError} In each process; the message names the first that differs from process 0.
 */
export async function checkSameRun({ state, settings, engine }: Run, ranks: Ranks): Promise<void> {
  const { params, m, v, t, random, dataHash, config } = state;
  const said = JSON.stringify([settings, config, engine, dataHash, t, random]);
  const numbers = [params, m, v].map((values) => new Uint8Array(values.slice().buffer));
  const bytes = await new Blob([said, ...numbers]).arrayBuffer();
  const digest = new Uint32Array(await crypto.subtle.digest("SHA-256", bytes));
  const [first, ...others] = gather([...digest], ranks);
  const other = others.findIndex((row) => row.some((word, i) => word !== first[i]));
  if (other < 0) return;
  throw new RangeError(
    `rank ${other + 1} has another run than rank 0: data, flags and the model to go on with must be the same on each`,
  );
}

/** Steps of a large model take so long that nobody minds a message after each. */
const LARGE = 100_000;
const ASK_EVERY = 16;

/** All stop after the same step: each asks the others every so often whether one of them was asked to. */
export function sharedInterruption(own: Interruption, run: Run, ranks: Ranks): Interruption {
  const every = run.state.params.length > LARGE ? 1 : ASK_EVERY;
  const asked = new Float64Array(1);
  let calls = 0;
  return {
    requested: () => {
      if (++calls % every !== 0) return undefined;
      asked[0] = own.requested() === undefined ? 0 : 1;
      ranks.sum(asked);
      return asked[0] > 0 ? own.requested() ?? 130 : undefined;
    },
    end: own.end,
  };
}

/** Takes the steps of a run with the others, and keeps nothing of them. Returns an exit code if it was interrupted. */
export function follow(run: Run, engine: Engine, interruption: Interruption, ranks: Ranks): number | void {
  const { exitCode } = takeSteps(run, engine, [], interruption, () => undefined, ranks);
  interruption.end();
  return exitCode;
}

/**
 * Work that the processes do together, to its end. A setting or number that is out of range is so in each of them: then all
 * end in order, and process 0 says why. Whatever else goes wrong may have gone wrong here alone.
 */
export async function together(ranks: Ranks, work: () => Promise<number | void>): Promise<number | void> {
  let exitCode: number | void;
  try {
    exitCode = await work();
  } catch (error) {
    if (!(error instanceof RangeError)) {
      await ranks.fail();
      throw error;
    }
    await ranks.end();
    if (ranks.rank === 0) throw error;
    return 1;
  }
  await ranks.end();
  return exitCode;
}

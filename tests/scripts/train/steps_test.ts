/**
 * The steps of a run: what is kept of them, stopped at any, failed at any, and gone on from there.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type Engine,
  engine,
  type Hyperparameters,
  hyperparameters,
  initTraining,
  type LogEntry,
  resumeTraining,
  type TrainingState,
  trainStep,
} from "../../../mod.ts";
import { firstMissing, logUntil } from "../../../src/formats/mod.ts";
import type { RunLog } from "../../../scripts/train/log.ts";
import type { Run } from "../../../scripts/train/run.ts";
import { saverWith } from "../../../scripts/train/saving.ts";
import { keeping, takeSteps } from "../../../scripts/train/steps.ts";
import { law } from "../../property.ts";
import { dataWith } from "../training.ts";

const DOCUMENTS = ["anna", "bob", "eve", "ida", "leo", "mia", "noah"];
const SHAPE = { nEmbd: 2, nHead: 1, nLayer: 1, blockSize: 3 };

const every = fc.nat(4);
const settingsOf = fc.record({
  steps: fc.integer({ min: 1, max: 9 }),
  evalEvery: every,
  patience: fc.nat(2),
  learningRate: fc.constantFrom(0.05, 0.5),
  valFraction: fc.constantFrom(0, 0.3),
}).map(({ patience, ...rest }) =>
  hyperparameters({ ...rest, patience: rest.evalEvery > 0 && rest.valFraction > 0 ? patience : 0 })
);

/** What a run has kept. */
type Kept = {
  /** What is in the file of the log. */
  readonly log: LogEntry[];
  /** What was written in place of a checkpoint, in order. */
  readonly saved: { path: string; checkpoint: Checkpoint }[];
};

/** Takes the steps of a run whose files are lists; a stop is asked for in step `stopAt`. */
function follow(
  state: TrainingState,
  settings: Hyperparameters,
  options: { checkpointEvery?: number; snapshotEvery?: number; stopAt?: number; engine?: Engine; before?: LogEntry[] },
) {
  const { checkpointEvery = 0, snapshotEvery = 0, stopAt = Infinity, engine: chosen = engine("array") } = options;
  const kept: Kept = { log: [...options.before ?? []], saved: [] };
  let waiting: LogEntry[] = [];
  const log: RunLog = {
    write: (entry) => waiting.push(entry),
    flush: () => {
      kept.log.push(...waiting);
      waiting = [];
    },
    failure: () => undefined,
  };
  const run: Run = {
    ...{ state, settings, data: dataWith(DOCUMENTS) },
    ...{ engine: { name: "array", threads: 1 }, out: "m" },
  };
  const saver = saverWith(run, "", undefined, (path, checkpoint) => {
    // A run that is killed now can go on from this checkpoint: the log has no gap before it.
    assertEquals(firstMissing(logUntil(kept.log, checkpoint.t), checkpoint.t), undefined);
    if (path === "m") assertEquals(stepsIn(kept.log).at(-1), checkpoint.t);
    kept.saved.push({ path, checkpoint: decodeCheckpoint(encodeCheckpoint(checkpoint)) });
  });
  const observers = keeping(run, saver, log, {
    "checkpoint-every": checkpointEvery,
    "checkpoint-seconds": 0,
    "keep-every": 0,
    "snapshot-every": snapshotEvery,
  });
  let seen = state.t;
  const interruption = { requested: () => seen >= stopAt ? 128 + stopAt : undefined, end: () => {} };
  const counting = { step: ({ t }: { t: number }) => seen = t };
  const take = () => takeSteps(run, chosen, [counting, ...observers], interruption, saver.last);
  return { kept, take };
}

const stepsIn = (log: readonly LogEntry[]): number[] => log.flatMap((entry) => entry.type === "step" ? [entry.t] : []);
const bytesOf = (state: TrainingState, hyperparameters: Hyperparameters): Uint8Array =>
  encodeCheckpoint({ ...state, hyperparameters });
const upTo = (t: number): number[] => Array.from({ length: t }, (_, i) => i + 1);

law(
  "steps: stopped in any, the run is saved after it with its log behind it, and goes on to the same end",
  [settingsOf, every, every, fc.integer({ min: 1, max: 9 })],
  (settings, checkpointEvery, snapshotEvery, stopAt) => {
    const { steps, evalEvery } = settings;
    const initial = initTraining(DOCUMENTS, { ...SHAPE, ...settings });
    const whole = follow(initial, settings, { checkpointEvery, snapshotEvery });
    const ended = whole.take();
    // The same numbers step by step, with nobody looking on.
    let plain = initial;
    for (let t = 1; t <= ended.state.t; t++) plain = trainStep(plain, { ...settings, evalEvery: 0 }).state();
    assertEquals([ended.state.params, ended.state.m, ended.state.v], [plain.params, plain.m, plain.v]);
    assertEquals(stepsIn(whole.kept.log), upTo(ended.state.t));

    const part = follow(initial, settings, { checkpointEvery, snapshotEvery, stopAt });
    const { state, evaluation, exitCode } = part.take();
    const { t } = state;
    assertEquals(t, Math.min(stopAt, ended.state.t));
    assertEquals(exitCode, stopAt <= ended.state.t ? 128 + stopAt : undefined);
    assertEquals(stepsIn(part.kept.log), upTo(t));

    const due = (t: number): boolean =>
      evalEvery > 0 && t % evalEvery === 0 || t === steps && (evalEvery > 0 || initial.validation.length > 0);
    const evaluated = part.kept.log.filter((entry) => entry.type === "evaluation");
    assertEquals(evaluated.map(({ t }) => t), upTo(t).filter(due));
    assertEquals(evaluation, due(t) ? (({ type: _, t: __, ...rest }) => rest)(evaluated.at(-1)!) : undefined);
    const snapshots = part.kept.log.flatMap((entry) => entry.type === "snapshot" ? [entry.t] : []);
    assertEquals(snapshots, upTo(t).filter((t) => snapshotEvery > 0 && t % snapshotEvery === 0));

    const savedAt = (path: string): number[] =>
      part.kept.saved.filter((each) => each.path === path).map(({ checkpoint }) => checkpoint.t);
    const periodic = upTo(t).filter((each) => checkpointEvery > 0 && each % checkpointEvery === 0 && each < steps);
    assertEquals(savedAt("m"), [...periodic, t]);
    assertEquals(savedAt("m.best"), evaluated.filter(({ improved }) => improved).map(({ t }) => t));

    // As resuming does it: from the file, with the log up to there.
    const saved = part.kept.saved.at(-1)!.checkpoint;
    const before = logUntil(part.kept.log, saved.t);
    const rest = follow(resumeTraining(saved, DOCUMENTS), settings, { checkpointEvery, snapshotEvery, before });
    assertEquals(bytesOf(rest.take().state, settings), bytesOf(ended.state, settings));
    assertEquals(stepsIn(rest.kept.log), upTo(ended.state.t));
  },
  { numRuns: 60 },
);

Deno.test("steps: an error says which step was saved last, the log has all before it, and nothing is saved", () => {
  /** An engine whose loss is no number in one of the steps. */
  const failing = (at: number): Engine => {
    const array = engine("array");
    return {
      ...array,
      trainer: (state) => {
        const trainer = array.trainer(state);
        let t = 0;
        return { ...trainer, gradient: (...args) => ++t === at ? NaN : trainer.gradient(...args) };
      },
    };
  };
  const settings = hyperparameters({ steps: 9 });
  const initial = initTraining(DOCUMENTS, { ...SHAPE, ...settings });
  for (
    const [at, every, sentence, saves] of [
      [1, 2, "; no checkpoint of this run was saved yet", []],
      [6, 0, "; no checkpoint of this run was saved yet", []],
      [6, 2, "; m has the run after step 4", [2, 4]],
    ] as const
  ) {
    const { kept, take } = follow(initial, settings, { checkpointEvery: every, engine: failing(at) });
    const error = assertThrows(take, RangeError, `at step ${at},`);
    assert(error.message.endsWith(sentence), error.message);
    assertEquals(stepsIn(kept.log), upTo(at - 1));
    assertEquals(kept.saved.map(({ checkpoint }) => checkpoint.t), [...saves]);
  }
});

/**
 * What people can do with runs, and the workers that do it.
 *
 * @module
 */

import { encodeCheckpoint, type TrainingState } from "../../mod.ts";
import { keep, type Moment, nearest } from "../../src/view/mod.ts";
import { figure } from "./numbers.ts";
import type { FromReplayer, FromTrainer, RunSpec, ToReplayer, ToTrainer } from "./messages.ts";
import {
  addSteps,
  current,
  currentId,
  dropAfter,
  firstStep,
  lastStep,
  newRun,
  notice,
  problem,
  type Run,
  runOf,
  runs,
  seen,
  selection,
  settingsOf,
  travelling,
} from "./store.ts";
import { say } from "./words.ts";
import { workerOf } from "./worker.ts";

/** The memory that a run's history may take, in bytes, and the most moments in it. */
const HISTORY_BYTES = 2 ** 27;
const MOST_MOMENTS = 200;

const trainers: Map<number, Worker> = new Map();
let replayer: Worker | undefined;
let lastRequest = 0;

/** Begins a run and shows it. */
export function begin(spec: RunSpec, name: string, more: Pick<Run, "promised" | "parent"> = {}): Run {
  const run = newRun(spec, name, more);
  runs.value = [...runs.value, run];
  show(run.id);
  prepare(run);
  return run;
}

/** A worker that stands at the beginning of a run, or where a spec says. */
function prepare(run: Run, spec: RunSpec = run.spec): Worker {
  for (const id of [...trainers.keys()]) stopTrainer(id); // one at a time trains: there may be two cores
  const trainer = workerOf("trainer");
  trainers.set(run.id, trainer);
  trainer.onmessage = ({ data }: MessageEvent<FromTrainer>) => hear(run, data);
  trainer.onerror = (event) => hear(run, { kind: "failed", message: event.message });
  const send: ToTrainer = { kind: "begin", spec };
  trainer.postMessage(send);
  return trainer;
}

function stopTrainer(id: number): void {
  trainers.get(id)?.terminate();
  trainers.delete(id);
  const run = runOf(id);
  if (run && (run.status.value === "running" || run.status.value === "beginning")) run.status.value = "paused";
}

function hear(run: Run, message: FromTrainer): void {
  switch (message.kind) {
    case "begun": {
      const { kind: _, moment, ...about } = message;
      run.about.value = about;
      if (run.history.value.length === 0) run.history.value = [moment];
      if (run.status.value === "beginning") run.status.value = "paused";
      return;
    }
    case "baselines":
      run.baselines.value = message.baselines;
      return;
    case "steps":
      addSteps(run, message.first, message.loss, message.gradNorm);
      if (run.id === currentId.value) tellProgress(run, message.loss.length);
      run.speed.value = message.tokensPerSecond;
      return;
    case "evaluation":
      run.evaluations.push(message);
      if (message.validation) {
        run.numbers.validation.t.push(message.t);
        run.numbers.validation.loss.push(message.validation.loss);
      }
      run.version.value++;
      return;
    case "moment":
      remember(run, message.moment);
      if (message.snapshot) run.snapshots.value = [...run.snapshots.value, message.snapshot];
      return;
    case "paused":
      run.status.value = message.ended ? "ended" : "paused";
      run.version.value++;
      return;
    case "failed":
      run.status.value = "failed";
      run.message.value = message.message;
      problem.value = message.message;
      trainers.delete(run.id);
  }
}

function remember(run: Run, moment: Moment): void {
  const history = run.history.value;
  if (history.at(-1)?.t === moment.t) return;
  const most = Math.max(2, Math.min(MOST_MOMENTS, Math.floor(HISTORY_BYTES / (24 * moment.params.length))));
  run.history.value = keep(history, moment, most);
}

/** Takes the steps of a run up to one, at so many a second. */
export function runTo(run: Run, to: number, pace: number): void {
  const last = lastStep(run);
  if (to <= last || run.status.value === "failed") return;
  const trainer = trainers.get(run.id) ?? resume(run);
  const send: ToTrainer = { kind: "run", to, pace };
  trainer.postMessage(send);
  run.status.value = "running";
}

/** A worker for a run that another had interrupted: it goes on from the newest moment that was kept. */
function resume(run: Run): Worker {
  const moment = run.history.value.at(-1);
  const about = run.about.value;
  if (moment === undefined || about === undefined) return prepare(run);
  dropAfter(run, moment.t);
  const { config, tokenizer } = about;
  return prepare(run, { ...run.spec, beginning: { ...moment, config, tokenizer } });
}

export function pause(run: Run): void {
  const send: ToTrainer = { kind: "pause" };
  trainers.get(run.id)?.postMessage(send);
}

/** The same run from its beginning, in the same place. */
export function reset(run: Run): Run {
  stopTrainer(run.id);
  const again = newRun(run.spec, run.name.value, { parent: run.parent });
  const fresh = { ...again, color: run.color };
  runs.value = runs.value.map((other) => other.id === run.id ? fresh : other);
  show(fresh.id);
  prepare(fresh);
  return fresh;
}

/** Shows a run. */
export function show(id: number): void {
  currentId.value = id;
  seen.value = undefined;
  const run = runOf(id);
  selection.value = { step: run ? lastStep(run) : 0, document: 0, position: 0, parameter: 0 };
}

/** Takes a run off the page. */
export function remove(run: Run): void {
  stopTrainer(run.id);
  runs.value = runs.value.filter(({ id }) => id !== run.id);
  if (currentId.value === run.id) show(runs.value.at(-1)?.id ?? 0);
}

/** Goes to a step of the current run: it is taken again, and looked at. */
export function travelTo(t: number): void {
  const run = current();
  if (run === undefined || run.history.value.length === 0) return;
  const step = Math.max(firstStep(run), Math.min(lastStep(run), Math.round(t)));
  selection.value = { ...selection.value, step, document: 0, position: 0 };
  const id = ++lastRequest;
  // What is under way is of no use any more.
  if (travelling.value !== undefined) {
    replayer?.terminate();
    replayer = undefined;
  }
  replayer ??= workerOf("replayer");
  replayer.onmessage = ({ data }: MessageEvent<FromReplayer>) => {
    if (data.id !== lastRequest) return;
    if (data.kind === "progress") {
      travelling.value = data.share;
      return;
    }
    travelling.value = undefined;
    if (data.kind === "failed") problem.value = data.message;
    else seen.value = data;
  };
  travelling.value = 0;
  const from = nearest(run.history.value, Math.max(firstStep(run), step - 1));
  const send: ToReplayer = { id, spec: run.spec, from, t: step };
  replayer.postMessage(send);
}

/** A run that goes on from the step that is seen, with other settings. */
export function fork(run: Run, moment: Moment, settings: RunSpec["settings"], name: string): Run | undefined {
  const about = run.about.value;
  if (about === undefined) return undefined;
  const { config, tokenizer } = about;
  const spec: RunSpec = { ...run.spec, settings, beginning: { ...moment, config, tokenizer } };
  return begin(spec, name, { parent: { id: run.id, t: moment.t } });
}

/** What differs between two runs' settings, in words. */
export function difference(a: Pick<Run, "spec">, b: Pick<Run, "spec">, label: (name: string) => string): string {
  const [left, right] = [settingsOf(a), settingsOf(b)] as Record<string, unknown>[];
  const names = Object.keys(left).filter((name) => left[name] !== right[name]);
  return names.map((name) => `${label(name)} ${left[name]}`).join(", ");
}

/** The file of a run at a moment: what the command line reads. */
export function checkpointOf(run: Run, moment: Moment): Uint8Array<ArrayBuffer> | undefined {
  const about = run.about.value;
  if (about === undefined) return undefined;
  const { data, settings, engine } = run.spec;
  const state: Omit<TrainingState, "documents" | "validation"> = {
    ...moment,
    config: about.config,
    tokenizer: about.tokenizer,
    dataHash: data.hash,
  };
  const made = { name: engine, threads: 1, ...(about.build !== undefined && { build: about.build }) };
  return encodeCheckpoint({ ...state, hyperparameters: settings, engine: made });
}

/** Tells those who do not see the curve where a run is, at each tenth of it. */
function tellProgress(run: Run, steps: number): void {
  const { numbers, spec: { settings: { steps: all } } } = run;
  const t = lastStep(run);
  if (Math.floor(10 * t / all) === Math.floor(10 * (t - steps) / all)) return;
  const [loss, mean] = [numbers.loss.at(-1)!, numbers.smoothed.at(-1)!];
  tell(say("lossSummary", { t, steps: all, loss: figure(loss), mean: figure(mean) }));
}

/** Tells people what was done. */
export function tell(text: string): void {
  notice.value = "";
  queueMicrotask(() => notice.value = text);
}

/**
 * The worker that trains: it takes steps for a few milliseconds, tells the page about them, listens, and goes on.
 *
 * @module
 */

import {
  type Engine,
  evaluate,
  evaluateBaselines,
  type Evaluation,
  type TrainingState,
  type TrainingStep,
  trainSteps,
} from "../../mod.ts";
import { momentOf } from "../../src/view/mod.ts";
import type { FromTrainer, RunSpec, ToTrainer } from "./messages.ts";
import { engineOf, snapshotIn, stateOf } from "./run.ts";

/** How long it does not listen: the page gets some thirty messages a second. */
const TURN_MS = 30;
/** Milliseconds after which another state is kept: going back takes no longer, and each costs a copy of all parameters. */
const KEEP_MS = 300;
/** Milliseconds between samples. */
const SAMPLE_MS = 700;

type Running = {
  readonly spec: RunSpec;
  readonly start: TrainingState;
  readonly engine: Engine;
  readonly steps: Generator<TrainingStep>;
  last: TrainingStep | undefined;
  /** The step to take last, and how many to take a second. */
  goal: { readonly to: number; readonly pace: number; readonly since: number; readonly from: number } | undefined;
  keptAt: number;
  sampled: number;
};

let running: Running | undefined;
const channel = new MessageChannel();
channel.port1.onmessage = () => guarded(turn);

const post = (message: FromTrainer, transfer: Transferable[] = []): void => self.postMessage(message, { transfer });
/** Comes back when the page's messages have been read. A timeout would wait for four milliseconds. */
const again = (): void => channel.port2.postMessage(null);

self.onmessage = ({ data }: MessageEvent<ToTrainer>) => guarded(() => obey(data));

function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    running = undefined;
    post({ kind: "failed", message: (error as Error).message });
  }
}

function obey(message: ToTrainer): void {
  if (message.kind === "begin") begin(message.spec);
  else if (message.kind === "pause") pause();
  else if (running !== undefined) {
    const { to, pace } = message;
    const isIdle = running.goal === undefined;
    running.goal = { to, pace, since: performance.now(), from: lastT(running) };
    if (isIdle) again();
  }
}

function begin(spec: RunSpec): void {
  running?.steps.return(undefined);
  const start = stateOf(spec);
  const engine = engineOf(spec);
  const { config, tokenizer, documents, validation, params } = start;
  const steps = trainSteps(start, { ...spec.settings, engine });
  running = { spec, start, engine, steps, last: undefined, goal: undefined, keptAt: performance.now(), sampled: 0 };
  post({
    kind: "begun",
    ...{ config, tokenizer, documents: documents.length, validation: validation.length },
    parameters: params.length,
    build: engine.build,
    moment: momentOf(start),
  });
  const compared = (validation.length > 0 ? validation : documents).slice(0, spec.settings.evalDocuments);
  post({ kind: "baselines", baselines: evaluateBaselines(start, documents, compared) });
}

const lastT = ({ last, start }: Running): number => last?.t ?? start.t;

/** Takes the steps that are due. */
function turn(): void {
  if (running?.goal === undefined) return;
  const run = running;
  const { to, pace, since, from } = running.goal;
  const began = performance.now();
  const due = Math.min(to, pace === Infinity ? to : from + Math.floor((began - since) * pace / 1000));
  const [loss, gradNorm]: [number[], number[]] = [[], []];
  const first = lastT(run) + 1;
  let tokens = 0;
  let isOver = false;
  let spent = 0;
  while (lastT(run) < due && spent < TURN_MS) {
    const { value: step, done } = run.steps.next();
    if (done) {
      isOver = true;
      break;
    }
    run.last = step;
    loss.push(step.loss);
    gradNorm.push(step.gradNorm);
    tokens += step.tokens;
    if (step.evaluation) post({ kind: "evaluation", t: step.t, ...step.evaluation });
    spent = performance.now() - began;
  }
  if (loss.length > 0) {
    const columns = { loss: Float64Array.from(loss), gradNorm: Float64Array.from(gradNorm) };
    const tokensPerSecond = 1000 * tokens / Math.max(spent, 0.001);
    post({ kind: "steps", first, ...columns, tokensPerSecond }, [columns.loss.buffer, columns.gradNorm.buffer]);
    if (performance.now() - run.keptAt > KEEP_MS) keepNow(run, false);
  }
  if (isOver || lastT(run) >= run.spec.settings.steps) end(run, true);
  else if (lastT(run) >= to) end(run, false);
  else if (spent > 0) again();
  else setTimeout(again, 8); // no step is due yet
}

/** Keeps the state of now, with samples every so often. */
function keepNow(run: Running, always: boolean): void {
  const now = performance.now();
  const state = run.last?.state() ?? run.start;
  const isSampled = always || now - run.sampled > SAMPLE_MS;
  post({ kind: "moment", moment: momentOf(state), ...(isSampled && { snapshot: snapshotIn(state, run.spec) }) });
  run.keptAt = now;
  if (isSampled) run.sampled = now;
}

/** The figures that a run ends with, as on the command line. */
function evaluateLast({ spec: { settings: { evalDocuments: most } }, last, start, engine }: Running): void {
  const state = last?.state() ?? start;
  const part = (documents: TrainingState["documents"]): Evaluation =>
    evaluate(state, documents.slice(0, most), { engine });
  post({
    ...{ kind: "evaluation", t: state.t, training: part(state.documents) },
    ...(state.validation.length > 0 && { validation: part(state.validation) }),
  });
}

function pause(): void {
  if (running?.goal !== undefined) end(running, false);
}

function end(run: Running, ended: boolean): void {
  run.goal = undefined;
  if (ended && run.last?.evaluation === undefined) evaluateLast(run);
  keepNow(run, true);
  post({ kind: "paused", t: lastT(run), ended });
}

/**
 * Training: functions from one state to the next.
 *
 * @module
 */

import type { TrainingDocument } from "../corpus/blocks.ts";
import { batchAt } from "../corpus/dataset.ts";
import { documentTokens } from "../corpus/tokenizer.ts";
import { clipGradient, gradientNorm } from "../engines/clip.ts";
import { type Batch, type Engine, positionsOf } from "../engines/engine.ts";
import { engine } from "../engines/engines.ts";
import { inRange, settingError } from "../range.ts";
import { type AdamState, adamStep, adamStepInto } from "./adam.ts";
import { evaluateTokens, type Evaluation } from "./evaluate.ts";
import { allFinite, checkState, failure } from "./finite.ts";
import { type Hyperparameters, hyperparameters } from "./hyperparameters.ts";
import { learningRateAt } from "./schedule.ts";
import { isExhausted, select } from "./selection.ts";
import type { TrainingState } from "./state.ts";

/**
 * How to step: the size of a batch, the schedule, Adam's hyperparameters, when to evaluate and to stop, and the engine.
 *
 * @example
 * ```ts
 * import { engine, initTraining, type StepOptions, trainStep } from "@microgpt/microgpt";
 *
 * const options: StepOptions = { steps: 10, engine: engine("scalar") };
 * const { loss } = trainStep(initTraining(["anna", "bob"]), options);
 * ```
 */
export type StepOptions =
  & Partial<Omit<Hyperparameters, "seed" | "initStd" | "documents" | "valFraction" | "temperature" | "samples">>
  & {
    /** What computes the loss and its gradient; by default a new array engine. */
    readonly engine?: Engine;
  };

/**
 * What a step did.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, type TrainingStep, trainStep } from "@microgpt/microgpt";
 *
 * const step: TrainingStep = trainStep(initTraining(["anna", "bob"]));
 * assertEquals([step.t, step.learningRate], [1, 0.01]);
 * ```
 */
export type TrainingStep = {
  /** Number of the step, from 1. */
  readonly t: number;
  /** Loss of the step's documents before the update, in nats a token: the mean over documents of their means. */
  readonly loss: number;
  /** Learning rate of the update. */
  readonly learningRate: number;
  /** Number of tokens that the step was trained on: the positions of its documents. */
  readonly tokens: number;
  /** Norm of the gradient over all tensors, before clipping. */
  readonly gradNorm: number;
  /** The evaluation after the step, where there was one. */
  readonly evaluation?: StepEvaluation;
  /**
   * The whole state after the step, ready to be sampled or saved; it never changes. It is to be asked for before the next
   * step is pulled from `trainSteps`, which keeps no state that nobody asked for.
   *
   * @throws {RangeError} If it was not, and is gone.
   */
  readonly state: () => TrainingState;
};

/**
 * An evaluation in the course of training.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, type StepEvaluation, trainSteps } from "@microgpt/microgpt";
 *
 * const state = initTraining(["anna", "bob", "eve", "ida"], { valFraction: 0.25 });
 * const evaluations: StepEvaluation[] = [];
 * for (const { evaluation } of trainSteps(state, { steps: 4, evalEvery: 2 })) if (evaluation) evaluations.push(evaluation);
 * assertEquals(evaluations.map(({ validation }) => validation?.documents), [1, 1]);
 * ```
 */
export type StepEvaluation = {
  /** On the first documents that are trained on. */
  readonly training: Evaluation;
  /** On the first documents that are held back, if there are any. */
  readonly validation?: Evaluation;
  /** Whether the validation loss is lower than ever before. */
  readonly improved: boolean;
};

/**
 * One step of training. The state it is given stays as it is.
 *
 * Source: microgpt.py, training loop.
 *
 * @param state The run so far; its step number says which document comes next and what the learning rate is.
 * @throws {RangeError} If an option is out of range, all steps are taken, or a number is no longer finite.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { initTraining, names, trainStep } from "@microgpt/microgpt";
 *
 * const state = initTraining(names);
 * const { loss, state: next } = trainStep(state);
 * assert(Math.abs(loss - 3.443) < 1e-4 && next().t === 1 && state.t === 0);
 * ```
 */
export function trainStep(state: TrainingState, options: StepOptions = {}): TrainingStep {
  const encode = (document: TrainingDocument): number[] =>
    documentTokens(state.tokenizer, document, state.config.blockSize + 1);
  return pureStep(state, hyperparameters(options), options.engine ?? engine("array"), encode);
}

/** Adam's hyperparameters at a state. */
function adamAt({ t }: TrainingState, settings: Hyperparameters) {
  const { beta1, beta2, eps, weightDecay } = settings;
  return { learningRate: learningRateAt(t, settings), beta1, beta2, eps, weightDecay };
}

/** How many positions a batch has. */
function positions({ config }: TrainingState, batch: Batch): number {
  let count = 0;
  for (let i = 0; i < batch.length; i++) count += positionsOf(config, batch[i]);
  return count;
}

/** Arrays that nobody holds any more, to be written over. */
type Spare = { readonly grads?: Float64Array; readonly state?: AdamState };

/** The step that {@linkcode trainStep} describes. */
function pureStep(
  state: TrainingState,
  settings: Hyperparameters,
  engine: Engine,
  encode: Encode,
  spare: Spare = {},
): TrainingStep {
  // 1. Choose the documents and tokenize them.
  const batch = nextBatch(state, settings, encode);

  // 2. Forward, 3. mean loss, 4. backward. The gradient comes as a value; the engine clears its graph itself (7).
  const { loss, grads: unclipped } = engine.lossAndGrad(state, batch.tokens, spare.grads);
  const t = state.t + 1;
  const adam = adamAt(state, settings);
  const { learningRate } = adam;
  const gradNorm = gradientNorm(unclipped);
  const failureIn = (numbers: AdamState): RangeError =>
    failure({ ...batch, t, loss, learningRate, config: state.config, grads: unclipped, engine, state: numbers });
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw failureIn(state);
  const { grads } = clipGradient(unclipped, settings.clipNorm, gradNorm);

  // 5. Adam with bias correction, at a learning rate that decays.
  const { params, m, v } = spare.state
    ? adamStepInto(spare.state, state, grads, t, adam)
    : adamStep(state, grads, t, adam);
  const next = { ...state, params, m, v, t };
  if (!allFinite(params)) throw failureIn(next);

  // 6. The progress line is up to the caller.
  return { t, loss, learningRate, tokens: positions(state, batch.tokens), gradNorm, state: () => next };
}

type NamedBatch = { readonly documents: readonly TrainingDocument[]; readonly tokens: Batch };

/** Gives the tokens of a document. */
type Encode = (document: TrainingDocument) => readonly number[];

/** As many tokens as a run keeps of documents that it may come to again: some 10 MB. */
const KEPT_TOKENS = 2 ** 20;

/** Encodes each document once, as far as there is room. */
function rememberingEncode({ tokenizer, config }: TrainingState): Encode {
  const kept = new Map<TrainingDocument, readonly number[]>();
  let room = KEPT_TOKENS;
  return (document) => {
    let tokens = kept.get(document);
    if (tokens === undefined) {
      tokens = documentTokens(tokenizer, document, config.blockSize + 1);
      room -= tokens.length;
      if (room >= 0) kept.set(document, tokens);
    }
    return tokens;
  };
}

/** The documents that a state comes to next. */
function nextBatch({ t, documents }: TrainingState, { steps, batch }: Hyperparameters, encode: Encode): NamedBatch {
  inRange("step", t, { whole: true, from: 0, below: steps });
  const chosen = batchAt(documents, t, batch);
  return { documents: chosen, tokens: chosen.map(encode) };
}

/**
 * The steps of a run, from the state's own step number to the last. The caller pulls one at a time, and may log, plot,
 * save or stop in between.
 *
 * Every `evalEvery` steps, and after the last step if there are documents to validate with, the step comes with an
 * evaluation. After `patience` of them without a better validation loss there are no more steps.
 *
 * @param state The run so far: new, or resumed from a checkpoint.
 * @throws {RangeError} At the first step, if an option is out of range, a number of the state is not finite, or there is
 * patience with nothing to wait for; at any, if the loss, the gradient or a parameter is no longer finite.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names, trainSteps } from "@microgpt/microgpt";
 *
 * let state = initTraining(names);
 * for (const step of trainSteps(state, { steps: 3 })) state = step.state();
 * assertEquals(state.t, 3);
 * ```
 */
export function* trainSteps(state: TrainingState, options: StepOptions = {}): Generator<TrainingStep> {
  const settings = hyperparameters(options);
  const { patience, evalEvery } = settings;
  if (patience > 0 && (evalEvery === 0 || state.validation.length === 0)) {
    throw settingError((nameOf) =>
      `${nameOf("patience")} ${patience} has nothing to wait for: it needs ${nameOf("valFraction")} and ` +
      `${nameOf("evalEvery")} above 0`
    );
  }
  checkState(state);
  const chosen = options.engine ?? engine("array");
  const steps = chosen.stepper ? residentSteps(state, settings, chosen) : pureSteps(state, settings, chosen);
  if (evalEvery > 0 || state.validation.length > 0) yield* evaluatedSteps(steps, state, settings, chosen);
  else yield* steps;
}

/** The steps, with an evaluation where one is due; they end where patience does. */
function* evaluatedSteps(
  steps: Iterable<TrainingStep>,
  initial: TrainingState,
  settings: Hyperparameters,
  engine: Engine,
): Generator<TrainingStep> {
  let { selection } = initial;
  if (isExhausted(selection, settings.patience)) return;
  const first = (documents: readonly TrainingDocument[]): Batch =>
    documents.slice(0, settings.evalDocuments).map((document) =>
      documentTokens(initial.tokenizer, document, initial.config.blockSize + 1)
    );
  const training = first(initial.documents);
  const validation = first(initial.validation);
  for (const step of steps) {
    let evaluation: StepEvaluation | undefined;
    if (settings.evalEvery > 0 && step.t % settings.evalEvery === 0 || step.t === settings.steps) {
      const state = step.state();
      evaluation = { training: evaluateTokens(state, training, { engine }), improved: false };
      if (validation.length > 0) {
        const held = evaluateTokens(state, validation, { engine });
        selection = select(selection, step.t, held.loss);
        evaluation = { ...evaluation, validation: held, improved: selection.bestT === step.t };
      }
    }
    const now = selection;
    yield { ...step, evaluation, state: () => ({ ...step.state(), selection: now }) };
    if (isExhausted(selection, settings.patience)) return;
  }
}

/**
 * A step's `state`: what `take` gives, as long as it is there. Once taken it stays.
 */
function stateOf(t: number, isThere: () => boolean, take: () => TrainingState): () => TrainingState {
  let taken: TrainingState | undefined;
  return () => {
    if (taken === undefined && !isThere()) {
      throw new RangeError(`the state after step ${t} is gone: it must be asked for before the next step is taken`);
    }
    return taken ??= take();
  };
}

/** Every state a value of its own; the arrays of one that nobody asked for serve again two steps later. */
function* pureSteps(state: TrainingState, settings: Hyperparameters, engine: Engine): Generator<TrainingStep> {
  const grads = new Float64Array(state.params.length);
  const encode = rememberingEncode(state);
  let current = state;
  let currentIsHeld = true; // by the caller
  let spare: AdamState | undefined;
  while (current.t < settings.steps) {
    const step = pureStep(current, settings, engine, encode, { grads, state: spare });
    const next = step.state();
    let nextIsHeld = false;
    spare = currentIsHeld ? undefined : current;
    current = next;
    const take = (): TrainingState => {
      nextIsHeld = true;
      return next;
    };
    yield { ...step, state: stateOf(step.t, () => current === next, take) };
    currentIsHeld = nextIsHeld;
  }
}

/** The same steps where the engine keeps parameters and moments: a state is copied out when it is asked for. */
function* residentSteps(state: TrainingState, settings: Hyperparameters, engine: Engine): Generator<TrainingStep> {
  if (state.t >= settings.steps) return;
  const { clipNorm } = settings;
  const stepper = engine.stepper!(state);
  const encode = rememberingEncode(state);
  try {
    let current = state;
    while (current.t < settings.steps) {
      const batch = nextBatch(current, settings, encode);
      const adam = adamAt(current, settings);
      const { learningRate } = adam;
      const t = current.t + 1;
      const next = { ...state, t }; // all but the numbers
      current = next; // from here on the state before is gone, also if the step fails
      const { loss, gradNorm, finite } = stepper.step(batch.tokens, t, { ...adam, clipNorm });
      if (!Number.isFinite(loss) || !finite) {
        throw failure({ ...batch, t, loss, learningRate, config: state.config, state: stepper.read(), engine });
      }

      const take = (): TrainingState => ({ ...next, ...stepper.read() });
      const count = positions(state, batch.tokens);
      yield { t, loss, learningRate, tokens: count, gradNorm, state: stateOf(t, () => current === next, take) };
    }
  } finally {
    stepper.close();
  }
}

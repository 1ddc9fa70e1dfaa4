/**
 * Training: the loop, step by step.
 *
 * @module
 */

import type { TrainingDocument } from "../corpus/blocks.ts";
import { batchAt } from "../corpus/documents.ts";
import { documentTokens } from "../corpus/tokenizer.ts";
import { type Batch, type Engine, positionsOf, type Trainer } from "../engines/engine.ts";
import { engine } from "../engines/engines.ts";
import type { StepDropout } from "../model/dropout.ts";
import type { AdamState } from "../optim/adam.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { random } from "../random/mt19937.ts";
import { checkRange, settingError } from "../range.ts";
import { ALONE, type Communicator, shareOf } from "./communicator.ts";
import { type EvaluationSettings, isExhausted, select, type Selection } from "./early_stopping.ts";
import { evaluateTokens, type Evaluation } from "./evaluate.ts";
import { checkNumbers, failure } from "./finite.ts";
import { type Hyperparameters, hyperparameters, type TrainingSettings } from "./hyperparameters.ts";
import type { TrainingState } from "./state.ts";

/** How to step: the size of a batch, dropout, the schedule, Adam, clipping, when to evaluate and to stop, and the engine. */
export type StepOptions = Partial<TrainingSettings> & {
  /** What computes the loss and its gradient; by default a new array engine. */
  readonly engine?: Engine;
  /** The processes that share each step, of which every one takes all steps; by default there is one. */
  readonly communicator?: Communicator;
};

/** What a step did. */
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
   * The whole state after the step, ready to be sampled or saved. It never changes, and is not to be written to. Once the
   * next step has been taken it costs as much as the steps since the nearest state before it that was asked for: they are
   * taken again, to the same bits.
   */
  readonly state: () => TrainingState;
};

/** An evaluation in the course of training. */
export type StepEvaluation = {
  /** On the first documents that are trained on. */
  readonly training: Evaluation;
  /** On the first documents that are held back, if there are any. */
  readonly validation?: Evaluation;
  /** Whether the validation loss is lower than ever before. */
  readonly improved: boolean;
};

/**
 * The steps of a run, from the state's own step number to the last. The caller pulls one at a time, and may log, plot,
 * save or stop between two.
 *
 * Every `evalEvery` steps, and after the last step if there are documents to validate with, the step comes with an
 * evaluation. After `patience` of them without a better validation loss there are no more steps.
 *
 * Source: microgpt.py, training loop.
 *
 * @param state The run so far: new, or resumed from a checkpoint. Its step number says which document comes next and what
 * the learning rate is.
 * @param options How to step; what is missing is the reference's.
 * @throws {RangeError} At the first step, if an option is out of range, a number of the state is not finite, or patience is
 * set without held-back documents to evaluate; at any step, if a loss (evaluations included), the gradient or a parameter is
 * no longer finite.
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
  const { steps, batch: size, patience } = settings;
  checkPatience(state, settings);
  checkNumbers(state);
  let { selection } = state;
  if (state.t >= steps || isExhausted(selection, patience)) return;
  const { engine: chosen = engine("array"), communicator = ALONE } = options;
  checkShares(size, communicator);
  const encode = (document: TrainingDocument): number[] =>
    documentTokens(state.tokenizer, document, state.config.blockSize + 1);
  const evaluate = evaluator(state, settings, { engine: chosen, communicator }, encode);
  const trainer = chosen.trainer(state);
  const gradientOf = sharedGradient(trainer, communicator);
  const dropoutOf = stepDropout(state, settings);
  const numbersAfter = keepNumbers(state, trainer, { ...settings, engine: chosen, communicator });
  try {
    for (let t = state.t + 1; t <= steps; t++) {
      // 1. Choose the documents and tokenize them.
      const documents = batchAt(state.documents, t - 1, size);
      const batch = documents.map(encode);

      // 2. Forward, 3. mean loss, 4. backward.
      const dropout = dropoutOf(t);
      const loss = gradientOf(batch, dropout);

      // 5. Adam with bias correction, at a learning rate that decays.
      const learningRate = learningRateAt(t - 1, settings);
      const numbers = numbersAfter(t); // before the update: those of the step before are then gone
      const { gradNorm, finite } = update(trainer, t, loss, learningRate, settings);
      if (!finite) {
        const { config } = state;
        throw failure({
          t,
          loss,
          learningRate: settings.learningRate,
          documents,
          batch,
          dropout,
          config,
          trainer,
          engine: chosen,
        });
      }
      const evaluation = evaluate(t, numbers, selection);
      if (evaluation?.validation) selection = select(selection, t, evaluation.validation.loss);

      // 6. The progress line is the caller's.
      const now = selection;
      yield {
        ...{ t, loss, learningRate, tokens: countPositions(state, batch), gradNorm },
        ...(evaluation && { evaluation }),
        state: () => ({ ...state, ...numbers(), t, selection: now }),
      };
      if (isExhausted(selection, patience)) return;

      // 7. Nothing is left to clear: the gradient is a value, and an engine drops its graph itself.
    }
  } finally {
    trainer.dispose();
  }
}

/**
 * One step of training. The given state stays as it is.
 *
 * @param state The run so far.
 * @param options How to step; what is missing is the reference's.
 * @throws {RangeError} As {@linkcode trainSteps}, or if all steps have been taken.
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
  checkRange("step", state.t, { whole: true, from: 0, below: hyperparameters(options).steps });
  const [step] = trainSteps(state, { ...options, patience: 0 });
  return step;
}

/** Each process needs a document. */
function checkShares(batch: number, { size }: Communicator): void {
  if (batch >= size) return;
  throw settingError((nameOf) =>
    `${nameOf("batch")} ${batch} cannot be shared by ${size} processes: it must be ${size} at least`
  );
}

/** Gives the loss of a batch, whose gradient the trainer then has: that of its documents in all processes. */
function sharedGradient(
  trainer: Trainer,
  communicator: Communicator,
): (batch: Batch, dropout: StepDropout | undefined) => number {
  if (communicator.size === 1) return (batch, dropout) => trainer.gradient(batch, batch.length, dropout);
  return (batch, dropout) => {
    const [first, end] = shareOf(batch.length, communicator);
    const loss = Float64Array.of(
      trainer.gradient(batch.slice(first, end), batch.length, dropout && { ...dropout, first }),
    );
    communicator.sum(loss);
    trainer.reduceGradient(communicator.sum);
    return loss[0];
  };
}

/** Patience needs evaluations of held-back documents to wait for. */
function checkPatience({ validation }: TrainingState, { patience, evalEvery }: EvaluationSettings): void {
  if (patience === 0 || evalEvery > 0 && validation.length > 0) return;
  throw settingError((nameOf) =>
    `${nameOf("patience")} ${patience} has nothing to wait for: it needs ${nameOf("valFraction")} and ` +
    `${nameOf("evalEvery")} above 0`
  );
}

/** What each step drops. Its seed is the next number of the run's random stream, which no step moves on. */
function stepDropout(state: TrainingState, { dropout: rate }: Hyperparameters): (t: number) => StepDropout | undefined {
  if (rate === 0) return () => undefined;
  const seed = random(state.random)[0] * 2 ** 53;
  return (step) => ({ rate, seed, step });
}

/** The update of a step; from a loss that is not finite there is none. */
function update(trainer: Trainer, t: number, loss: number, learningRate: number, settings: Hyperparameters) {
  if (!Number.isFinite(loss)) return { gradNorm: NaN, finite: false };
  const { beta1, beta2, eps, weightDecay, clipNorm } = settings;
  return trainer.update(t, { learningRate, beta1, beta2, eps, weightDecay, clipNorm });
}

/**
 * Gives parameters and moments after each step, whenever they are asked for: in time, the trainer's own; late, those of the
 * same steps taken again from the last ones that somebody asked for.
 */
function keepNumbers(
  initial: TrainingState,
  trainer: Trainer,
  options: StepOptions,
): (t: number) => () => AdamState {
  let kept = initial; // the last state that was asked for in time
  let replayed = initial; // the last one that was asked for late
  let latest = initial.t;
  return (t) => {
    latest = t;
    const before = kept;
    let numbers: AdamState | undefined;
    return () => {
      if (numbers !== undefined) return numbers;
      if (latest === t) {
        numbers = trainer.state();
        kept = { ...initial, ...numbers, t };
      } else {
        // The other processes would not take those steps again.
        if (options.communicator !== undefined && options.communicator.size > 1) {
          throw new RangeError(
            `the state after step ${t} is gone: with several processes it must be asked for in time`,
          );
        }
        const from = replayed.t > before.t && replayed.t < t ? replayed : before;
        numbers = replay(from, t, options);
        replayed = { ...initial, ...numbers, t };
      }
      return numbers;
    };
  };
}

/** Parameters and moments after step t, by the steps from a state before it. */
function replay(from: TrainingState, t: number, options: StepOptions): AdamState {
  const steps = trainSteps({ ...from, validation: [] }, { ...options, evalEvery: 0, patience: 0 });
  const { params, m, v } = steps.find((step) => step.t === t)!.state();
  return { params, m, v };
}

/** The number of positions in a batch. */
function countPositions({ config }: TrainingState, batch: Batch): number {
  let count = 0;
  for (let i = 0; i < batch.length; i++) count += positionsOf(config, batch[i]);
  return count;
}

/** Evaluates after the steps where an evaluation is due, always on the same documents. */
function evaluator(
  { config, documents, validation }: TrainingState,
  { steps, evalEvery, evalDocuments }: Hyperparameters,
  options: { readonly engine: Engine; readonly communicator: Communicator },
  encode: (document: TrainingDocument) => number[],
): (t: number, numbers: () => AdamState, selection: Selection) => StepEvaluation | undefined {
  if (evalEvery === 0 && validation.length === 0) return () => undefined;
  const [trained, held] = [documents, validation].map((part) => part.slice(0, evalDocuments).map(encode));
  return (t, numbers, selection) => {
    if (!(evalEvery > 0 && t % evalEvery === 0) && t !== steps) return undefined;
    const parameters = { config, params: numbers().params };
    const evaluated = (part: Batch): Evaluation => {
      try {
        return evaluateTokens(parameters, part, options);
      } catch (error) {
        throw error instanceof RangeError ? new RangeError(`after step ${t} ${error.message}`) : error;
      }
    };
    const training = evaluated(trained);
    if (held.length === 0) return { training, improved: false };
    const validation = evaluated(held);
    return { training, validation, improved: select(selection, t, validation.loss).bestT === t };
  };
}

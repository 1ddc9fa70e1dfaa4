/**
 * Training: a state, and a function from one state to the next.
 *
 * @module
 */

import { batchAt } from "../corpus/dataset.ts";
import { createTokenizer, documentTokens, type Tokenizer } from "../corpus/tokenizer.ts";
import type { Batch, Engine } from "../engines/engine.ts";
import { engine } from "../engines/engines.ts";
import { modelConfig, type ModelShape } from "../model/config.ts";
import type { Model } from "../model/model.ts";
import { initParameters } from "../model/parameters.ts";
import { inRange } from "../range.ts";
import { type RandomState, seedRandom, shuffle } from "../random/mt19937.ts";
import { adamInit, type AdamState, adamStep, adamStepInto } from "./adam.ts";
import { type Hyperparameters, hyperparameters } from "./hyperparameters.ts";
import { linearDecay } from "./schedule.ts";

/**
 * A run between two steps. It is a {@linkcode Model} and an {@linkcode AdamState} at once, so that it can be sampled,
 * differentiated and stepped as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names, type TrainingState } from "@microgpt/microgpt";
 *
 * const state: TrainingState = initTraining(names);
 * assertEquals([state.t, state.params.length], [0, 4192]);
 * ```
 */
export type TrainingState = Model & AdamState & {
  /** Number of steps taken. */
  readonly t: number;
  /** The random stream: it has shuffled the documents and drawn the parameters, and goes on with the samples. */
  readonly random: RandomState;
  /** The documents in the order in which they are trained on. */
  readonly documents: readonly string[];
};

/**
 * A run before its first step: documents shuffled, vocabulary collected, parameters drawn, all from one random stream.
 *
 * Source: microgpt.py, from `random.seed(42)` to `params`.
 *
 * @param documents At least one; their order matters only to the shuffle.
 * @param options The shape, `seed` and `initStd`, where they differ from the reference's.
 * @throws {RangeError} If there is no document or no character, a document has half of a surrogate pair, or an option is
 * out of range.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, names } from "@microgpt/microgpt";
 *
 * const { documents, config } = initTraining(names, { seed: 42, nLayer: 2 });
 * assertEquals([documents[0], config.vocabSize], ["hugibert", 27]);
 * ```
 */
export function initTraining(
  documents: readonly string[],
  options: Partial<ModelShape & Pick<Hyperparameters, "seed" | "initStd">> = {},
): TrainingState {
  if (documents.length === 0) throw new RangeError("0 documents cannot be trained on: there must be at least 1");
  const { seed, initStd } = hyperparameters(options);
  const tokenizer = createTokenizer(documents);
  const config = modelConfig(tokenizer.bos + 1, options);
  const [shuffled, afterShuffle] = shuffle(seedRandom(seed), documents);
  const [{ params }, random] = initParameters(config, afterShuffle, initStd);
  return { config, tokenizer, ...adamInit(params), t: 0, random, documents: shuffled };
}

/**
 * How to step: the size of a batch, the schedule, Adam's hyperparameters, and the engine.
 *
 * @example
 * ```ts
 * import { engine, initTraining, type StepOptions, trainStep } from "@microgpt/microgpt";
 *
 * const options: StepOptions = { steps: 10, engine: engine("scalar") };
 * const { loss } = trainStep(initTraining(["anna", "bob"]), options);
 * ```
 */
export type StepOptions = Partial<Omit<Hyperparameters, "seed" | "initStd" | "temperature" | "samples">> & {
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
  /**
   * The whole state after the step, ready to be sampled or saved; it never changes. It is to be asked for before the next
   * step is pulled from `trainSteps`, which keeps no state that nobody asked for.
   *
   * @throws {RangeError} If it was not, and is gone.
   */
  readonly state: () => TrainingState;
};

/**
 * One step of training. The state it is given stays as it is.
 *
 * Source: microgpt.py, training loop.
 *
 * @param state The run so far; its step number says which document comes next and what the learning rate is.
 * @throws {RangeError} If an option is out of range, all steps are taken, or the loss or a parameter is no longer finite.
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
  const encode = (document: string): number[] => documentTokens(state.tokenizer, document);
  return pureStep(state, hyperparameters(options), options.engine ?? engine("array"), encode);
}

/** Arrays that nobody holds any more, to be written over. */
type Spare = { readonly grads?: Float64Array; readonly state?: AdamState };

/** The step that {@linkcode trainStep} describes. */
function pureStep(
  state: TrainingState,
  settings: Hyperparameters,
  { lossAndGrad }: Engine,
  encode: Encode,
  spare: Spare = {},
): TrainingStep {
  // 1. Choose the documents and tokenize them.
  const batch = nextBatch(state, settings, encode);

  // 2. Forward, 3. mean loss, 4. backward. The gradient comes as a value; the engine clears its graph itself (7).
  const { loss, grads } = lossAndGrad(state, batch.tokens, spare.grads);
  const t = state.t + 1;
  checkFinite({ loss, t, batch, settings });

  // 5. Adam with bias correction, at a learning rate that decays.
  const { beta1, beta2, eps } = settings;
  const learningRate = linearDecay(state.t, settings);
  const adam = { learningRate, beta1, beta2, eps };
  const { params, m, v } = spare.state
    ? adamStepInto(spare.state, state, grads, t, adam)
    : adamStep(state, grads, t, adam);
  const next = { ...state, params, m, v, t };
  checkFinite({ loss, t, batch, settings, parametersFinite: allFinite(next.params) });

  // 6. The progress line is up to the caller.
  return { t, loss, learningRate, state: () => next };
}

type NamedBatch = { readonly documents: readonly string[]; readonly tokens: Batch };

/** Gives the tokens of a document. */
type Encode = (document: string) => readonly number[];

/** As many tokens as a run keeps of documents that it may come to again: some 10 MB. */
const KEPT_TOKENS = 2 ** 20;

/** Encodes each document once, as far as there is room. */
function rememberingEncode(tokenizer: Tokenizer): Encode {
  const kept = new Map<string, readonly number[]>();
  let room = KEPT_TOKENS;
  return (document) => {
    let tokens = kept.get(document);
    if (tokens === undefined) {
      tokens = documentTokens(tokenizer, document);
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

/** Stops a run whose numbers are no longer numbers. */
function checkFinite(step: {
  readonly loss: number;
  readonly t: number;
  readonly batch: NamedBatch;
  readonly settings: Hyperparameters;
  readonly parametersFinite?: boolean;
}): void {
  const { loss, t, batch: { documents }, settings: { learningRate }, parametersFinite = true } = step;
  if (Number.isFinite(loss) && parametersFinite) return;
  const more = documents.length > 1 ? ` and ${documents.length - 1} more` : "";
  const where = `step ${t}, on ${JSON.stringify(documents[0])}${more}`;
  if (!Number.isFinite(loss)) {
    const advice = t === 1 ? "smaller initial parameters" : `a lower learning rate than ${learningRate}`;
    throw new RangeError(`the loss is ${loss} at ${where}: it must be finite; ${advice} may help`);
  }
  throw new RangeError(`a parameter is no longer finite after ${where}: try another eps`);
}

/** Whether all are finite: 0 times a number is 0, but for infinities and NaN. Four sums do not wait for each other. */
function allFinite(values: Float64Array): boolean {
  const { length } = values;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

/**
 * The steps of a run, from the state's own step number to the last. The caller pulls one at a time, and may log, plot,
 * save or stop in between.
 *
 * @param state The run so far: new, or resumed from a checkpoint.
 * @throws {RangeError} At the first step, if an option is out of range; at any, if the loss or a parameter is no longer
 * finite.
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
  const chosen = options.engine ?? engine("array");
  if (chosen.stepper) yield* residentSteps(state, settings, chosen.stepper);
  else yield* pureSteps(state, settings, chosen);
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
  const encode = rememberingEncode(state.tokenizer);
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
function* residentSteps(
  state: TrainingState,
  settings: Hyperparameters,
  createStepper: NonNullable<Engine["stepper"]>,
): Generator<TrainingStep> {
  if (state.t >= settings.steps) return;
  const { beta1, beta2, eps } = settings;
  const stepper = createStepper(state);
  const encode = rememberingEncode(state.tokenizer);
  try {
    let current = state;
    while (current.t < settings.steps) {
      const batch = nextBatch(current, settings, encode);
      const learningRate = linearDecay(current.t, settings);
      const t = current.t + 1;
      const next = { ...state, t }; // all but the numbers
      current = next; // from here on the state before is gone, also if the step fails
      const { loss, finite } = stepper.step(batch.tokens, t, { learningRate, beta1, beta2, eps });
      checkFinite({ loss, t, batch, settings, parametersFinite: finite });

      const take = (): TrainingState => ({ ...next, ...stepper.read() });
      yield { t, loss, learningRate, state: stateOf(t, () => current === next, take) };
    }
  } finally {
    stepper.close();
  }
}

/**
 * A run that goes on from a saved state, on the documents it was trained on.
 *
 * @param saved The state without its documents, such as a checkpoint holds it.
 * @param documents The data set, in the order in which it was given to {@linkcode initTraining}.
 * @param seed The seed of the run, which orders the documents.
 * @throws {RangeError} If the documents do not have the vocabulary that the state was trained on, or the seed is wrong.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining, resumeTraining, trainStep } from "@microgpt/microgpt";
 *
 * const { documents: _, ...saved } = trainStep(initTraining(["anna", "bob"])).state();
 * assertEquals(resumeTraining(saved, ["anna", "bob"], 42).t, 1);
 * ```
 */
export function resumeTraining(
  saved: Omit<TrainingState, "documents">,
  documents: readonly string[],
  seed: number,
): TrainingState {
  const { vocabulary } = createTokenizer(documents);
  if (vocabulary.join("") !== saved.tokenizer.vocabulary.join("")) {
    throw new RangeError(
      `documents with the characters ${JSON.stringify(vocabulary.join(""))} do not fit: the model was trained on ` +
        JSON.stringify(saved.tokenizer.vocabulary.join("")),
    );
  }
  return { ...saved, documents: shuffle(seedRandom(seed), documents)[0] };
}

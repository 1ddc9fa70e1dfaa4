/**
 * microgpt: a GPT trained from scratch, in pure functions.
 *
 * What most programs need stands here by name. Everything else is in rooms, each a namespace of this module and a module of
 * its own: `random.gauss(stream, 0, 1)` here, or `import { gauss } from "@microgpt/microgpt/random"`.
 *
 * @example Train ten steps on the names that come with the library, and make one up
 * ```ts
 * import { initTraining, names, sampleText, trainSteps } from "@microgpt/microgpt";
 *
 * let state = initTraining(names, { seed: 42 });
 * for (const step of trainSteps(state, { steps: 10 })) {
 *   console.log(step.t, step.loss, step.learningRate);
 *   state = step.state();
 * }
 * const [name] = sampleText(state, state.random);
 * console.log(name);
 * ```
 *
 * @module
 */

// Data: text to documents, documents to tokens.
export type { ArrangeSettings } from "./src/corpus/arrange.ts";
export type { Block, TrainingDocument } from "./src/corpus/blocks.ts";
export { type DocumentKind, parseDocuments } from "./src/corpus/documents.ts";
export type { Documents } from "./src/corpus/lazy.ts";
export { type Normalization, normalizeText } from "./src/corpus/normalize.ts";
export { names } from "./src/corpus/names.ts";
export { createTokenizer, decode, documentTokens, encode, type Tokenizer } from "./src/corpus/tokenizer.ts";

// The model: a shape and its parameters.
export { DEFAULT_SHAPE, type ModelConfig, modelConfig, type ModelShape } from "./src/model/config.ts";
export type { DropoutSettings, StepDropout } from "./src/model/dropout.ts";
export type { Model } from "./src/model/model.ts";
export { initParameters, type InitSettings, type Parameters } from "./src/model/parameters.ts";
export type { RandomState } from "./src/random/mt19937.ts";

// Gradients and their use.
export type {
  Batch,
  Engine,
  GradientOptions,
  LossAndGrad,
  TrainableParameters,
  Trainer,
  UpdateOptions,
} from "./src/engines/engine.ts";
export { engine, ENGINE_NAMES, type EngineName, type EngineOptions } from "./src/engines/engines.ts";
export { adamInit, type AdamOptions, type AdamSettings, type AdamState, adamStep } from "./src/optim/adam.ts";
export { clipGradient, type ClipSettings } from "./src/optim/clip.ts";
export { learningRateAt, type Schedule, type ScheduleOptions, type ScheduleSettings } from "./src/optim/schedule.ts";

// Training.
export type { Communicator } from "./src/train/communicator.ts";
export type { EvaluationSettings, Selection } from "./src/train/early_stopping.ts";
export { type Baselines, evaluate, evaluateBaselines, type Evaluation } from "./src/train/evaluate.ts";
export {
  type BatchSettings,
  DEFAULT_HYPERPARAMETERS,
  type Hyperparameters,
  hyperparameters,
  type TrainingSettings,
} from "./src/train/hyperparameters.ts";
export {
  type InitOptions,
  initTraining,
  resumeTraining,
  type SavedTraining,
  type TrainingState,
} from "./src/train/state.ts";
export { type StepEvaluation, type StepOptions, type TrainingStep, trainStep, trainSteps } from "./src/train/train.ts";

// Sampling.
export { type Alternative, type ExplainedPosition, explainText } from "./src/sample/explain.ts";
export type { FilterOptions } from "./src/sample/filter.ts";
export {
  type SampleOptions,
  type SampleStep,
  sampleSteps,
  sampleText,
  type SamplingSettings,
} from "./src/sample/sample.ts";

// Ranges of settings.
export { checkRange, messageWith, type Range, settingError } from "./src/range.ts";

// Checkpoints and logs.
export {
  type Checkpoint,
  type DataSource,
  decodeCheckpoint,
  encodeCheckpoint,
  type EngineSetting,
} from "./src/formats/checkpoint.ts";
export {
  formatLogEntry,
  type LogEnd,
  type LogEntry,
  type LogEvaluation,
  type LogHeader,
  type LogSnapshot,
  type LogStep,
  parseRunLog,
} from "./src/formats/run_log.ts";

// The rooms.
export * as random from "./src/random/mod.ts";
export * as corpus from "./src/corpus/mod.ts";
export * as model from "./src/model/mod.ts";
export * as optim from "./src/optim/mod.ts";
export * as engines from "./src/engines/mod.ts";
export * as graph from "./src/engines/scalar/mod.ts";
export * as blocks from "./src/engines/array/mod.ts";
export * as sample from "./src/sample/mod.ts";
export * as train from "./src/train/mod.ts";
export * as formats from "./src/formats/mod.ts";
export * as view from "./src/view/mod.ts";

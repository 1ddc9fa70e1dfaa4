/**
 * What the page and its workers tell each other.
 *
 * @module
 */

import type {
  Baselines,
  EngineName,
  Evaluation,
  Hyperparameters,
  LogSnapshot,
  ModelConfig,
  ModelShape,
  Tokenizer,
} from "../../mod.ts";
import type { Moment, TracedDocument } from "../../src/view/mod.ts";

/** A text to train on. */
export type DataText = {
  /** What it is called. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of its bytes; null where the browser does not compute it. */
  readonly hash: string | null;
};

/** A model that a run begins with: one that was loaded, or an earlier moment of another run. */
export type Beginning = Moment & { readonly config: ModelConfig; readonly tokenizer: Tokenizer };

/** All that decides a run. */
export type RunSpec = {
  readonly data: DataText;
  readonly shape: ModelShape;
  readonly settings: Hyperparameters;
  readonly engine: EngineName;
  readonly beginning?: Beginning;
};

/** What the page asks of the trainer. */
export type ToTrainer =
  | { readonly kind: "begin"; readonly spec: RunSpec }
  /** Takes steps until this one has been taken, at so many a second. */
  | { readonly kind: "run"; readonly to: number; readonly pace: number }
  | { readonly kind: "pause" };

/** What a run has when it has begun. */
export type About = {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly documents: number;
  readonly validation: number;
  readonly parameters: number;
  readonly build: string | undefined;
};

/** Steps that were taken. */
export type Steps = {
  readonly first: number;
  readonly loss: Float64Array;
  readonly gradNorm: Float64Array;
  /** Of the time that they took, pauses left out. */
  readonly tokensPerSecond: number;
};

/** What the trainer tells the page. */
export type FromTrainer =
  | ({ readonly kind: "begun"; readonly moment: Moment } & About)
  | { readonly kind: "baselines"; readonly baselines: Baselines }
  | ({ readonly kind: "steps" } & Steps)
  | {
    readonly kind: "evaluation";
    readonly t: number;
    readonly training: Evaluation;
    readonly validation?: Evaluation;
  }
  /** A state to go back to, every so often with what its model does. */
  | { readonly kind: "moment"; readonly moment: Moment; readonly snapshot?: LogSnapshot }
  | { readonly kind: "paused"; readonly t: number; readonly ended: boolean }
  | { readonly kind: "failed"; readonly message: string };

/** A step that the page wants to see as it was. */
export type ToReplayer = { readonly id: number; readonly spec: RunSpec; readonly from: Moment; readonly t: number };

/** The step as it was, or how far the replay has come. */
export type FromReplayer =
  | { readonly kind: "progress"; readonly id: number; readonly share: number }
  | {
    readonly kind: "seen";
    readonly id: number;
    readonly t: number;
    /** What the step was trained on, before it had learned from it; after the last step, what would come next. */
    readonly documents: readonly TracedDocument[];
    /** The state after the step, and what its model does. */
    readonly moment: Moment;
    readonly snapshot: LogSnapshot;
    /** The step's loss, when it was taken again. */
    readonly loss: number | null;
  }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

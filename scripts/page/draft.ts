/**
 * The settings as they stand in the form: text that may be wrong, and what is wrong with it.
 *
 * @module
 */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  checkRange,
  DEFAULT_HYPERPARAMETERS,
  DEFAULT_SHAPE,
  ENGINE_NAMES,
  type EngineName,
  type Hyperparameters,
  hyperparameters,
  messageWith,
  modelConfig,
  type ModelShape,
} from "../../mod.ts";
import { DOCUMENT_KINDS, NORMALIZATIONS } from "../../src/corpus/mod.ts";
import { SHAPE_RANGES } from "../../src/model/mod.ts";
import { SCHEDULES } from "../../src/optim/mod.ts";
import { HYPERPARAMETER_RANGES } from "../../src/train/mod.ts";
import { labelOf } from "./words.ts";

const RANGES = { ...SHAPE_RANGES, ...HYPERPARAMETER_RANGES };

/** Settings that are one of a few words. */
export const CHOICES = {
  schedule: SCHEDULES,
  documentKind: DOCUMENT_KINDS,
  normalize: NORMALIZATIONS,
  engine: ENGINE_NAMES,
} as const satisfies Record<string, readonly string[]>;

/** The form, part by part; what is not here has its default. */
export const GROUPS = {
  model: ["nLayer", "nEmbd", "nHead", "blockSize", "initStd"],
  optimizer: [
    ...["steps", "batch", "learningRate", "schedule", "warmup", "minLearningRate", "beta1", "beta2", "eps"],
    ...["weightDecay", "clipNorm", "dropout"],
  ],
  documents: ["documentKind", "normalize", "valFraction", "seed"],
  evaluation: ["evalEvery", "evalDocuments", "patience"],
  sampling: ["temperature"],
} as const;
/** What stands above the others, since everyone changes it. */
export const FIRST = ["steps", "batch", "learningRate", "nEmbd", "nLayer", "engine"] as const;

export type Setting = keyof ModelShape | keyof Hyperparameters | "engine";

const usual = { ...DEFAULT_SHAPE, ...DEFAULT_HYPERPARAMETERS, engine: "array" };

/** What stands in the form. */
export const draft: Signal<Readonly<Record<string, string>>> = signal(textsOf(usual));

function textsOf(settings: object): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

/** Puts the settings of a run into the form. */
export function fill(settings: Hyperparameters, shape: ModelShape, engine: EngineName): void {
  draft.value = textsOf({ ...settings, ...shape, engine });
}

/** What the form says: settings, or what is wrong, by the name of the field; what concerns several is at "". */
export type Reading =
  & { readonly errors: Readonly<Record<string, string>> }
  & Partial<{ readonly settings: Hyperparameters; readonly shape: ModelShape; readonly engine: EngineName }>;

export const reading: ReadonlySignal<Reading> = computed(() => read(draft.value));

/** Reads a form, by the checks of the command line. */
export function read(texts: Readonly<Record<string, string>>): Reading {
  const errors: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (!(name in RANGES)) {
      values[name] = text;
      continue;
    }
    const number = text.trim() === "" ? NaN : Number(text);
    attempt(
      errors,
      name,
      () => values[name] = checkRange(name, number, RANGES[name as keyof typeof RANGES], text || "“”"),
    );
  }
  if (Object.keys(errors).length > 0) return { errors };
  const shape = Object.fromEntries(Object.keys(DEFAULT_SHAPE).map((name) => [name, values[name]])) as ModelShape;
  let settings: Hyperparameters | undefined;
  attempt(errors, "", () => {
    settings = hyperparameters(values as Partial<Hyperparameters>);
    modelConfig(2, shape); // the vocabulary is the data's
  });
  return settings && Object.keys(errors).length === 0
    ? { errors, settings, shape, engine: values.engine as EngineName }
    : { errors };
}

function attempt(errors: Record<string, string>, name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    errors[name] = messageWith(error as Error, labelOf);
  }
}

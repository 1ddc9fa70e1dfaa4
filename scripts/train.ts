/**
 * `deno task train`: trains a model on a text file, saves it, and prints new documents.
 *
 * @module
 */

import {
  DEFAULT_HYPERPARAMETERS,
  DEFAULT_SHAPE,
  type Engine,
  engine,
  ENGINE_NAMES,
  HYPERPARAMETER_RANGES,
  type Hyperparameters,
  hyperparameters,
  initTraining,
  modelConfig,
  type ModelShape,
  SHAPE_RANGES,
  type TrainingState,
  trainSteps,
} from "../mod.ts";
import { checkWritable, DEFAULT_MODEL, readDocuments, writeCheckpoint } from "./files.ts";
import { choice, file, type Flag, number, toggle, type Values } from "./flags.ts";
import { plainProgress, say, stdoutTerminal, terminalProgress } from "./progress.ts";
import { drawSamples, printSamples } from "./samples.ts";
import { runTask } from "./task.ts";

const shape = (name: keyof ModelShape, help: string): Flag<number> =>
  number(SHAPE_RANGES[name], DEFAULT_SHAPE[name], help);
const hyper = (name: keyof Hyperparameters, help: string): Flag<number> =>
  number(HYPERPARAMETER_RANGES[name], DEFAULT_HYPERPARAMETERS[name], help);

const FLAGS = {
  "data": file("data/names.txt", "text to train on: UTF-8, one document a line, at least two"),
  "out": file(DEFAULT_MODEL, "where to save the model"),
  "steps": hyper("steps", "number of training steps"),
  "batch": hyper("batch", "documents in a step"),
  "engine": choice(ENGINE_NAMES, "array", "what computes the gradients: see the README"),
  "threads": number(
    { whole: true, from: 1, to: navigator.hardwareConcurrency },
    1,
    "threads that share each step, with --engine simd",
  ),
  "n-layer": shape("nLayer", "transformer layers"),
  "n-embd": shape("nEmbd", "width of the embeddings, a multiple of --n-head"),
  "n-head": shape("nHead", "attention heads"),
  "block-size": shape("blockSize", "longest document, in characters; of longer ones the beginning is used"),
  "learning-rate": hyper("learningRate", "learning rate of the first step, from where it decays to 0"),
  "beta1": hyper("beta1", "decay of Adam's first moment"),
  "beta2": hyper("beta2", "decay of Adam's second moment"),
  "eps": hyper("eps", "Adam's eps"),
  "init-std": hyper("initStd", "standard deviation of the initial parameters"),
  "seed": hyper("seed", "seed of all that is random"),
  "temperature": hyper("temperature", "of the samples: 0 takes the likeliest, 1 is as trained"),
  "samples": hyper("samples", "samples to print after training, 0 for none"),
  "log-every": number(
    { whole: true, from: 1 },
    undefined,
    "print each N-th step, the first and the last as lines of their own (default: a tenth of the steps, where there is no terminal)",
  ),
  "quiet": toggle("print errors only"),
};

function shapeOf(values: Values<typeof FLAGS>): ModelShape {
  return {
    nLayer: values["n-layer"],
    nEmbd: values["n-embd"],
    nHead: values["n-head"],
    blockSize: values["block-size"],
  };
}

function hyperparametersOf(values: Values<typeof FLAGS>): Hyperparameters {
  const { steps, batch, beta1, beta2, eps, seed, temperature, samples } = values;
  const initStd = values["init-std"];
  const learningRate = values["learning-rate"];
  return hyperparameters({ steps, batch, beta1, beta2, eps, seed, temperature, samples, initStd, learningRate });
}

function check(values: Values<typeof FLAGS>): void {
  modelConfig(2, shapeOf(values));
  const { threads, engine } = values;
  if (threads > 1 && engine !== "simd") {
    throw new RangeError(`--threads ${threads} cannot be used with --engine ${engine}: it needs --engine simd`);
  }
}

function train(values: Values<typeof FLAGS>): void {
  const { data, out, quiet } = values;
  const settings = hyperparametersOf(values);
  const { samples, temperature, batch } = settings;
  const chosen = engine(values.engine, { threads: values.threads });

  const documents = readDocuments(data);
  if (batch > documents.length) {
    throw new RangeError(
      `--batch ${batch} cannot be used: ${data} has ${documents.length} documents, and it must be that many at most`,
    );
  }
  const initial = initTraining(documents, { ...shapeOf(values), ...settings });
  checkWritable(out);
  if (!quiet) {
    say(`num docs: ${initial.documents.length}`);
    say(`vocab size: ${initial.config.vocabSize}`);
    say(`num params: ${initial.params.length}`);
    say(`engine: ${chosen.name} (${chosen.about})`);
  }

  const state = runSteps(initial, settings, chosen, values);
  writeCheckpoint(out, { ...state, hyperparameters: settings });
  if (quiet) return;
  if (samples > 0) {
    say("--- inference (new, hallucinated names) ---");
    printSamples(drawSamples(state, state.random, { samples, temperature }));
  }
  say(`saved: ${out}`);
}

/** Trains to the last step and shows how it goes. */
function runSteps(
  initial: TrainingState,
  settings: Hyperparameters,
  engine: Engine,
  values: Values<typeof FLAGS>,
): TrainingState {
  const { quiet, "log-every": every } = values;
  const rewrites = !quiet && every === undefined && Deno.stdout.isTerminal();
  const progress = rewrites
    ? terminalProgress(settings.steps, stdoutTerminal())
    : plainProgress(settings.steps, every ?? Math.ceil(settings.steps / 10));
  let state = initial;
  try {
    for (const step of trainSteps(initial, { ...settings, engine })) {
      if (!quiet) progress.show(step);
      if (step.t === settings.steps) state = step.state();
    }
  } finally {
    progress.end();
  }
  return state;
}

if (import.meta.main) {
  await runTask({
    name: "train",
    summary: "Trains a GPT on a text file, saves it, and prints documents drawn from it.",
    flags: FLAGS,
    check,
    run: train,
  });
}

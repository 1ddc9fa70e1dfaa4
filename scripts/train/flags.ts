/**
 * The flags of `deno task train`, and the settings they stand for.
 *
 * @module
 */

import {
  DEFAULT_HYPERPARAMETERS,
  DEFAULT_SHAPE,
  ENGINE_NAMES,
  type Hyperparameters,
  hyperparameters,
  modelConfig,
  type ModelShape,
} from "../../mod.ts";
import { DOCUMENT_KINDS, NORMALIZATIONS } from "../../src/corpus/mod.ts";
import { MAX_THREADS } from "../../src/engines/mod.ts";
import { SHAPE_RANGES } from "../../src/model/mod.ts";
import { SCHEDULES } from "../../src/optim/mod.ts";
import { HYPERPARAMETER_RANGES, type NumericHyperparameter } from "../../src/train/mod.ts";
import { bestPath, milestoneIn, milestonePath, previousPath } from "../files/beside.ts";
import { DEFAULT_MODEL } from "../files/checkpoints.ts";
import { isUrl } from "../files/cache.ts";
import { isSameFile } from "../files/paths.ts";
import type { FlagGroup } from "../cli/help.ts";
import { shellWord } from "../cli/shell.ts";
import {
  choice,
  encoding,
  file,
  type Flag,
  flagOf,
  library,
  number,
  optionalFile,
  toggle,
  type Values,
} from "../cli/flags.ts";

const shape = (name: keyof ModelShape, help: string): Flag<number> =>
  number(SHAPE_RANGES[name], DEFAULT_SHAPE[name], help);
const hyper = (name: NumericHyperparameter, help: string): Flag<number> =>
  number(HYPERPARAMETER_RANGES[name], DEFAULT_HYPERPARAMETERS[name], help);

/** What `--blas` says without a file: any of the usual ones. */
export const ANY_BLAS = "any";

export const FLAGS = {
  "data": file("data/names.txt", 'text to train on, "-" for standard input; with deno task train:url an https address'),
  "encoding": encoding("utf-8", "what the text is written in, such as windows-1252"),
  "refresh": toggle("fetch an https address again, although it is kept"),
  "documents": choice(
    DOCUMENT_KINDS,
    DEFAULT_HYPERPARAMETERS.documentKind,
    "what a document is; long prose is cut into blocks",
  ),
  "normalize": choice(
    NORMALIZATIONS,
    DEFAULT_HYPERPARAMETERS.normalize,
    "bring data and prompts to a form of Unicode's, in which what looks the same is the same",
  ),
  "out": file(DEFAULT_MODEL, "where to save the model; with --resume by default where it was"),
  "steps": hyper("steps", "number of training steps"),
  "batch": hyper("batch", "documents in a step"),
  "engine": choice(ENGINE_NAMES, "array", "what computes the gradients: see docs/engines.md"),
  "threads": number(
    { whole: true, from: 1, to: MAX_THREADS },
    1,
    "threads that share each step, with --engine simd; more than the machine has cores give the same bits, more slowly",
  ),
  "blas": optionalFile(
    ANY_BLAS,
    "with deno task train:native and --engine simd: matrix products of the system's BLAS, or this one",
  ),
  "mpi": toggle("with mpirun -n N deno task train:native: N processes share each step"),
  "mpi-library": library("the library of --mpi, MPICH's, if it has an unusual name"),
  "n-layer": shape("nLayer", "transformer layers"),
  "n-embd": shape("nEmbd", "width of the embeddings, a multiple of --n-head"),
  "n-head": shape("nHead", "attention heads"),
  "block-size": shape("blockSize", "how many characters the model looks at; longer lines are cut to this length"),
  "learning-rate": hyper("learningRate", "the highest learning rate"),
  "schedule": choice(SCHEDULES, DEFAULT_HYPERPARAMETERS.schedule, "how the learning rate decays from there"),
  "warmup": hyper("warmup", "steps over which the learning rate first rises"),
  "min-learning-rate": hyper("minLearningRate", "the learning rate before it rises and after it has decayed"),
  "beta1": hyper("beta1", "decay of Adam's first moment"),
  "beta2": hyper("beta2", "decay of Adam's second moment"),
  "eps": hyper("eps", "Adam's eps"),
  "weight-decay": hyper("weightDecay", "decoupled weight decay (AdamW), 0 for none"),
  "clip-norm": hyper("clipNorm", "clip the gradient to this norm, 0 for no clipping"),
  "dropout": hyper("dropout", "share of units that each step drops, 0 for none"),
  "init-std": hyper("initStd", "standard deviation of the initial parameters"),
  "val-fraction": hyper("valFraction", "share of the different documents to hold back for validation"),
  "eval-every": hyper("evalEvery", "evaluate after every N steps, 0 for the end only"),
  "eval-documents": hyper("evalDocuments", "evaluate on at most N documents of each part"),
  "patience": hyper("patience", "stop after N evaluations without a better validation loss, 0 to take all steps"),
  "seed": hyper("seed", "seed of everything random"),
  "temperature": hyper("temperature", "of the samples: 0 takes the likeliest, 1 is as trained"),
  "samples": hyper("samples", "samples to print after training, 0 for none"),
  "resume": file("", "continue a saved run as if it had never stopped; it brings its own settings"),
  "init-from": file("", "begin a new run with the parameters of a saved model, which also gives the shape"),
  "allow-other-data": toggle("with --resume: continue on other data than the run began with"),
  "skip-unknown": toggle("with --resume: leave out documents with characters that the model does not know"),
  "checkpoint-every": number({ whole: true, from: 0 }, 1000, "save after every N steps, 0 for the end only"),
  "checkpoint-seconds": number({ from: 0 }, 30, "save after so many seconds too, 0 for never"),
  "keep-every": number({ whole: true, from: 0 }, 0, "keep the model after every N steps, 0 for none"),
  "log-every": number(
    { whole: true, from: 1 },
    undefined,
    "print a line for the first, every N-th and the last step (default: a tenth of the steps; on a terminal one line that moves)",
  ),
  "log": file("", "write a log of the run, one JSON object a line"),
  "snapshot-every": number({ whole: true, from: 0 }, 0, "log samples and attention after every N steps, with --log"),
  "quiet": toggle("print errors only"),
  "end-with-stdin": toggle("stop and save when standard input ends, as it does with the program that started this one"),
};

/** How the help groups them. */
export const GROUPS: readonly FlagGroup[] = [
  ["data", ["data", "encoding", "refresh", "documents", "normalize"]],
  ["model", ["n-layer", "n-embd", "n-head", "block-size", "init-std", "init-from"]],
  ["optimizer", [
    ...["steps", "batch", "learning-rate", "schedule", "warmup", "min-learning-rate", "beta1", "beta2", "eps"],
    ...["weight-decay", "clip-norm", "dropout", "seed"],
  ]],
  ["evaluation and samples", [
    ...["val-fraction", "eval-every", "eval-documents", "patience", "samples", "temperature"],
  ]],
  ["saving and going on", [
    ...["out", "checkpoint-every", "checkpoint-seconds", "keep-every", "log", "snapshot-every"],
    ...["resume", "allow-other-data", "skip-unknown", "end-with-stdin"],
  ]],
  ["what computes, and what is shown", ["engine", "threads", "blas", "mpi", "mpi-library", "log-every", "quiet"]],
];

/** The values of the flags. */
export type TrainFlags = Values<typeof FLAGS>;

/** What may be changed with --resume: everything else stays as the run began. */
const CHANGEABLE: readonly (keyof Hyperparameters)[] = ["steps", "patience", "temperature", "samples"];

/** The model's shape as the flags give it. */
export function shapeOf(values: TrainFlags): ModelShape {
  return {
    nLayer: values["n-layer"],
    nEmbd: values["n-embd"],
    nHead: values["n-head"],
    blockSize: values["block-size"],
  };
}

/** As much of the shape as was given. */
export function givenShape(values: TrainFlags, given: ReadonlySet<string>): Partial<ModelShape> {
  return Object.fromEntries(Object.entries(shapeOf(values)).filter(([name]) => given.has(flagOf(name))));
}

const NAMES = Object.keys(DEFAULT_HYPERPARAMETERS) as (keyof Hyperparameters)[];

/** The hyperparameters as the flags give them. */
export function hyperparametersOf(values: TrainFlags): Hyperparameters {
  const given = Object.fromEntries(NAMES.map((name) => [name, values[flagOf(name) as keyof TrainFlags]]));
  return hyperparameters(given);
}

/** The hyperparameters of a resumed run: its own, except for what may be changed and was given. */
export function resumedHyperparameters(
  saved: Hyperparameters,
  values: TrainFlags,
  given: ReadonlySet<string>,
): Hyperparameters {
  const changes = CHANGEABLE.filter((name) => given.has(flagOf(name)))
    .map((name) => [name, values[flagOf(name) as keyof TrainFlags]]);
  return hyperparameters({ ...saved, ...Object.fromEntries(changes) });
}

/** Refuses flags that would change what a resumed run must keep. */
export function checkUnchanged(
  saved: { readonly config: ModelShape; readonly hyperparameters: Hyperparameters },
  values: TrainFlags,
  given: ReadonlySet<string>,
): void {
  const settings = { ...saved.config, ...saved.hyperparameters };
  const fixed = [...Object.keys(DEFAULT_SHAPE) as (keyof ModelShape)[], ...NAMES]
    .filter((name) => !(CHANGEABLE as readonly string[]).includes(name));
  for (const name of fixed) {
    const flag = flagOf(name);
    const value = values[flag as keyof TrainFlags];
    if (given.has(flag) && value !== settings[name]) {
      throw new RangeError(
        `--${flag} ${value} cannot be used with --resume: the run has ${settings[name]}, and goes on with it`,
      );
    }
  }
}

/** Checks the flags against each other. */
export function checkFlags(values: TrainFlags, given: ReadonlySet<string>): void {
  const { threads, engine, resume, "init-from": from } = values;
  if (resume !== "" && from !== "") {
    throw new RangeError(
      `--init-from ${from} cannot be used with --resume: a resumed run goes on with its own parameters`,
    );
  }
  if (threads > 1 && engine !== "simd" && (resume === "" || given.has("engine"))) {
    throw new RangeError(`--threads ${threads} cannot be used with --engine ${engine}: it needs --engine simd`);
  }
  if (values["end-with-stdin"] && values.data === "-") {
    throw new RangeError("--end-with-stdin cannot be used with --data -: the data ends, and the run would with it");
  }
  if (values.blas !== undefined && engine !== "simd" && (resume === "" || given.has("engine"))) {
    throw new RangeError(`--blas cannot be used with --engine ${engine}: it needs --engine simd`);
  }
  if (values["mpi-library"] !== undefined && !values.mpi) {
    throw new RangeError("--mpi-library cannot be used without --mpi: it names the library of that");
  }
  const out = resume !== "" && !given.has("out") ? resume : values.out;
  const kept = milestoneIn(resume);
  if (kept !== undefined && !given.has("out")) {
    throw new RangeError(
      `--resume ${resume} was kept after step ${kept}, and stays: name with --out where to save the run`,
    );
  }
  const taken = {
    ...{ "--out": out, "--resume": resume, "--init-from": from, "--data": values.data },
    ...{ "the best model": bestPath(out), "the model before": previousPath(out) },
    ...(values["keep-every"] > 0 && { "a kept model": milestonePath(out, milestoneIn(values.log) ?? 0) }),
  };
  const same = Object.entries(taken).find(([, path]) =>
    values.log !== "" && path !== "" && isSameFile(values.log, path)
  );
  if (same) throw new RangeError(`--log ${values.log} cannot be used: it is the same file as ${same[0]}`);
  if (values["snapshot-every"] > 0 && values.log === "") {
    throw new RangeError(`--snapshot-every ${values["snapshot-every"]} has no effect without --log`);
  }
  if (values.refresh && !isUrl(values.data)) {
    throw new RangeError(`--refresh has no effect on --data ${values.data}: it must begin with https://`);
  }
  if (resume !== "") return;
  if (values["allow-other-data"]) throw new RangeError("--allow-other-data has no effect without --resume");
  if (values["skip-unknown"]) throw new RangeError("--skip-unknown has no effect without --resume");
  if (from === "") modelConfig(2, shapeOf(values));
  const { patience, evalEvery, valFraction } = hyperparametersOf(values);
  if (patience > 0 && (evalEvery === 0 || valFraction === 0)) {
    throw new RangeError(
      `--patience ${patience} cannot be used: it needs --eval-every and --val-fraction above 0, to have something to wait for`,
    );
  }
}

/** Flags that need not be given again: what a checkpoint remembers, and what says where it was and where it is. */
const REMEMBERED: readonly string[] = [
  ...[...Object.keys(DEFAULT_SHAPE), ...NAMES].map(flagOf),
  ...["engine", "threads", "out", "resume", "init-from", "allow-other-data", "encoding", "refresh"],
];

/** The command that continues a run saved in `out`. */
export function resumeCommand(out: string, values: TrainFlags, given: ReadonlySet<string>, ranks = 1): string {
  const forgotten = Object.entries<unknown>(values).filter(([flag]) => given.has(flag) && !REMEMBERED.includes(flag));
  const flags = forgotten.map(([flag, value]) => value === true ? `--${flag}` : argument(flag, String(value)));
  const native = values.blas === undefined && !values.mpi ? "deno task train" : "deno task train:native";
  const task = values.mpi ? `mpirun -n ${ranks} ${native}` : native;
  return [task, argument("resume", out), ...flags].join(" ");
}

/** A flag with its value, for a shell. */
function argument(flag: string, value: string): string {
  // What begins as a flag does is a value only after a "=".
  return `--${flag}${value.startsWith("--") ? "=" : " "}${shellWord(value)}`;
}

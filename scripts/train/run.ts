/**
 * A run from the command line before its first step: new, or resumed.
 *
 * @module
 */

import {
  type Checkpoint,
  type Engine,
  type EngineSetting,
  type Hyperparameters,
  type InitOptions,
  initTraining,
  resumeTraining,
  type TrainingState,
} from "../../mod.ts";
import { fetchData, isUrl } from "../files/cache.ts";
import { readCheckpoint } from "../files/checkpoints.ts";
import { type Data, readData, type Reading } from "../files/data.ts";
import { dataOf, encodingOf, lostData, otherData } from "../files/provenance.ts";
import { knownData } from "../files/unknown.ts";
import {
  checkUnchanged,
  givenShape,
  hyperparametersOf,
  resumedHyperparameters,
  shapeOf,
  type TrainFlags,
} from "./flags.ts";

/** What is needed to take the steps, and to save them. */
export type Run = {
  readonly state: TrainingState;
  readonly data: Data;
  readonly settings: Hyperparameters;
  readonly engine: EngineSetting;
  /** What a new run began from, if not from nothing. */
  readonly from?: Beginning;
  /** What has computed a resumed run so far, if that is known. */
  readonly before?: EngineSetting;
  /** How a resumed run was set before. */
  readonly savedSettings?: Hyperparameters;
  /** The number of processes that share its steps, if there are several. */
  readonly ranks?: number;
  /** Where the model is saved. */
  readonly out: string;
};

/** A saved model that a run began from. */
export type Beginning = {
  readonly path: string;
  /** Number of steps that it had taken. */
  readonly t: number;
  /** The characters of the run that it did not know. */
  readonly newCharacters: readonly string[];
};

/** The run that the flags ask for. */
export function prepareRun(values: TrainFlags, given: ReadonlySet<string>): Promise<Run> {
  return values.resume === "" ? newRun(values, given) : resumedRun(values, given);
}

async function newRun(given: TrainFlags, names: ReadonlySet<string>): Promise<Run> {
  const path = given["init-from"];
  const from = path === "" ? undefined : readCheckpoint(path, "--init-from");
  const values = from === undefined ? given : withForm(given, names, from);
  const { documents: kind, encoding, normalize } = values;
  const data = await namedData(values, { kind, encoding, normalize });
  if (from === undefined) return beginRun(values, data);
  const run = beginRun(values, data, { ...givenShape(values, names), from });
  const newCharacters = run.state.tokenizer.vocabulary.filter((character) => !from.tokenizer.ids.has(character));
  return { ...run, from: { path, t: from.t, newCharacters } };
}

/** The flags with the form of text that a model knows, unless one is given. */
function withForm(values: TrainFlags, given: ReadonlySet<string>, { hyperparameters }: Checkpoint): TrainFlags {
  return given.has("normalize") ? values : { ...values, normalize: hyperparameters.normalize };
}

/** A new run on this data, with parameters of this shape or of a model. */
export function beginRun(values: TrainFlags, data: Data, parameters: InitOptions = shapeOf(values)): Run {
  const settings = hyperparametersOf(values);
  if (settings.documentKind === "line") checkBatch(settings, values.data, data.documents.length);
  const state = initTraining(data.documents, { ...parameters, ...settings, dataHash: data.hash });
  checkBatch(settings, `the training part of ${values.data}`, state.documents.length);
  const engine = { name: values.engine, threads: values.threads };
  return { state, data, settings, engine, out: values.out };
}

async function resumedRun(values: TrainFlags, given: ReadonlySet<string>): Promise<Run> {
  const saved = readCheckpoint(values.resume, "--resume");
  checkUnchanged(saved, values, given);
  checkContinuable(saved, resumedHyperparameters(saved.hyperparameters, values, given), values.resume);
  return continueRun(saved, await resumedData(saved, values, given), values, given);
}

/** A saved run that goes on with this data. */
export function continueRun(
  saved: Checkpoint,
  data: Data,
  values: TrainFlags,
  given: ReadonlySet<string>,
): Run {
  return {
    state: resumedState(saved, data),
    data,
    settings: resumedHyperparameters(saved.hyperparameters, values, given),
    savedSettings: saved.hyperparameters,
    engine: resumedEngine(saved.engine ?? { name: "array", threads: 1 }, values, given),
    ...(saved.engine && { before: saved.engine }),
    out: given.has("out") ? values.out : values.resume,
  };
}

/** The state of a saved run that goes on with its own data or other data, whose hash it then has. */
export function resumedState(saved: Checkpoint, { documents, hash }: Pick<Data, "documents" | "hash">): TrainingState {
  const isOther = saved.dataHash !== null && hash !== saved.dataHash;
  return { ...resumeTraining(saved, documents, isOther ? {} : { dataHash: hash }), dataHash: hash };
}

/** Refuses settings that a saved run cannot continue with. */
export function checkContinuable({ t }: Checkpoint, settings: Hyperparameters, resume: string): void {
  const { steps, patience, evalEvery, valFraction } = settings;
  if (steps < t) {
    throw new RangeError(`--steps ${steps} cannot be used: the run in ${resume} has already taken ${t}`);
  }
  if (patience > 0 && (evalEvery === 0 || valFraction === 0)) {
    throw new RangeError(
      `--patience ${patience} cannot be used: the run in ${resume} began without --eval-every or --val-fraction, and has ` +
        "nothing to wait for",
    );
  }
}

/** The data that a saved run goes on with: its own, unless other data is named and allowed. */
async function resumedData(saved: Checkpoint, values: TrainFlags, given: ReadonlySet<string>): Promise<Data> {
  const { resume, "allow-other-data": allowsOther, "skip-unknown": skips } = values;
  const isNamed = given.has("data") || saved.dataHash === null;
  const found = isNamed ? undefined : await dataOf(saved, "");
  if (found) return await knownData(saved, found, skips);
  if (!isNamed && !allowsOther) {
    throw new Error(
      `the data that the run in ${resume} was trained on is not at hand (${lostData(saved)}): name it with --data`,
    );
  }
  const encoding = resumedEncoding(saved, values, given);
  const { documentKind: kind, normalize } = saved.hyperparameters;
  const data = await namedData(values, { kind, encoding, normalize });
  if (saved.dataHash !== null && data.hash !== saved.dataHash && !allowsOther) {
    throw new RangeError(
      `${
        otherData(values.data, data, saved, `the run in ${resume}`)
      }; name the right one with --data, or allow this one ` +
        "with --allow-other-data",
    );
  }
  return await knownData(saved, data, skips);
}

/** The run's own engine, except for what was given. */
export function resumedEngine(saved: EngineSetting, values: TrainFlags, given: ReadonlySet<string>): EngineSetting {
  const name = given.has("engine") ? values.engine : saved.name;
  const own = name === saved.name ? saved.threads : 1;
  const threads = given.has("threads") ? values.threads : own;
  if (threads > 1 && name !== "simd") {
    throw new RangeError(`--threads ${threads} cannot be used with the engine ${name}: it needs --engine simd`);
  }
  return { name, threads };
}

/** The encoding of the run's data, unless one was given. */
export function resumedEncoding(saved: Checkpoint, values: TrainFlags, given: ReadonlySet<string>): string {
  return given.has("encoding") ? values.encoding : encodingOf(saved);
}

/** Documents times parameters that take the array engine a seventh of a second; the scalar engine is four times as slow. */
const SOON = 10_000_000;
const SCALAR_TIMES = 4;

/** Whether a run is over in a moment, as a default run is. */
export function isOverSoon({ state, settings, engine }: Pick<Run, "state" | "settings" | "engine">): boolean {
  const { steps, batch, evalEvery, evalDocuments } = settings;
  const left = steps - state.t;
  const evaluated = evalEvery === 0 ? 0 : 2 * Math.ceil(left / evalEvery) * evalDocuments;
  const work = (left * batch + evaluated) * state.params.length * (engine.name === "scalar" ? SCALAR_TIMES : 1);
  return work <= SOON && state.config.blockSize <= 32;
}

/** The run as this engine computes it. */
export function withEngine(run: Run, { threads, build, fused }: Engine): Run {
  const engine = {
    ...{ name: run.engine.name, threads },
    ...(build !== undefined && { build }),
    ...(fused !== undefined && { fused }),
  };
  return { ...run, engine };
}

/** Whether two engines give the same bits, as far as is known. */
export function computesAlike(a: EngineSetting, b: EngineSetting): boolean {
  const mayBe = (x: unknown, y: unknown): boolean => x === y || x === undefined || y === undefined;
  return a.name === b.name && a.threads === b.threads && mayBe(a.build, b.build) && mayBe(a.fused, b.fused);
}

/** The data that is named, which may have to be fetched. */
async function namedData({ data: named, refresh }: TrainFlags, reading: Reading): Promise<Data> {
  const read = (path: string, name?: string): Promise<Data> => readData(path, reading, name);
  return isUrl(named) ? await fetchData(named, read, refresh) : await read(named);
}

function checkBatch({ batch }: Hyperparameters, what: string, documents: number): void {
  if (batch > documents) {
    throw new RangeError(
      `--batch ${batch} cannot be used: ${what} has ${documents} documents, and it must be at most that many`,
    );
  }
}

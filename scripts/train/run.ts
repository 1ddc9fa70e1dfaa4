/**
 * A run from the command line before its first step: new, or resumed.
 *
 * @module
 */

import {
  type Checkpoint,
  type EngineSetting,
  type Hyperparameters,
  initTraining,
  resumeTraining,
  type TrainingState,
} from "../../mod.ts";
import { fetchData, findData, isUrl } from "../cache.ts";
import { type Data, readData } from "../data.ts";
import { readCheckpoint } from "../files.ts";
import { checkUnchanged, hyperparametersOf, resumedHyperparameters, shapeOf, type TrainFlags } from "./flags.ts";

/** What is needed to take the steps, and to save them. */
export type Run = {
  readonly state: TrainingState;
  readonly data: Data;
  readonly settings: Hyperparameters;
  readonly engine: EngineSetting;
  /** Where the model is saved. */
  readonly out: string;
};

/** The run that the flags ask for. */
export function prepareRun(values: TrainFlags, given: ReadonlySet<string>): Promise<Run> {
  return values.resume === "" ? newRun(values) : resumedRun(values, given);
}

async function newRun(values: TrainFlags): Promise<Run> {
  const settings = hyperparametersOf(values);
  const data = await readData(await pathOf(values.data), settings.documents);
  if (settings.documents === "line") checkBatch(settings, values.data, data.documents.length);
  const state = initTraining(data.documents, { ...shapeOf(values), ...settings, dataHash: data.hash });
  checkBatch(settings, `the training part of ${values.data}`, state.documents.length);
  return { state, data, settings, engine: { name: values.engine, threads: values.threads }, out: values.out };
}

async function resumedRun(values: TrainFlags, given: ReadonlySet<string>): Promise<Run> {
  const { resume } = values;
  const saved = readCheckpoint(resume, "--resume");
  const { engine: savedEngine = { name: "array", threads: 1 }, ...checkpoint } = saved;
  checkUnchanged(saved, values, given);
  const settings = resumedHyperparameters(saved.hyperparameters, values, given);
  if (settings.steps < saved.t) {
    throw new RangeError(`--steps ${settings.steps} cannot be used: the run in ${resume} has taken ${saved.t} already`);
  }
  const { seed, valFraction, documents } = settings;
  const found = given.has("data") || saved.dataHash === null ? undefined : await findData(saved.dataHash);
  const data = await readData(found ?? await pathOf(values.data), documents);
  const dataHash = allowedHash(saved, data, values);
  const { hyperparameters: _, ...state } = checkpoint;
  return {
    state: resumeTraining({ ...state, dataHash: null }, data.documents, { seed, valFraction, documents, dataHash }),
    data,
    settings,
    engine: {
      name: given.has("engine") ? values.engine : savedEngine.name,
      threads: given.has("threads") || given.has("engine") ? values.threads : savedEngine.threads,
    },
    out: given.has("out") ? values.out : resume,
  };
}

/** The hash of the data, if it is the run's or may be another. */
function allowedHash({ dataHash }: Checkpoint, data: Data, values: TrainFlags): string {
  if (dataHash !== null && data.hash !== dataHash && !values["allow-other-data"]) {
    throw new RangeError(
      `data file ${values.data} is not what the run in ${values.resume} was trained on: its SHA-256 is ${data.hash}, ` +
        `not ${dataHash}; name the right one with --data, or allow this one with --allow-other-data`,
    );
  }
  return data.hash;
}

/** The file of a data set, which may have to be fetched. */
async function pathOf(data: string): Promise<string> {
  return isUrl(data) ? await fetchData(data) : data;
}

function checkBatch({ batch }: Hyperparameters, what: string, documents: number): void {
  if (batch > documents) {
    throw new RangeError(
      `--batch ${batch} cannot be used: ${what} has ${documents} documents, and it must be that many at most`,
    );
  }
}

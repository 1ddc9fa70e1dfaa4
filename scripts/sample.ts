/**
 * `deno task sample`: generates documents with a saved model, and says which of them are new.
 *
 * @module
 */

import {
  arrangeDocuments,
  type Checkpoint,
  DEFAULT_HYPERPARAMETERS,
  FILTER_RANGES,
  HYPERPARAMETER_RANGES,
  type Mark,
  nearestDocument,
  sampleMarker,
  type SampleOptions,
  trainedTexts,
  type TrainingDocument,
} from "../mod.ts";
import { findData } from "./files/cache.ts";
import { readData } from "./files/data.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { file, number, text, toggle, type Values, withFlagNames } from "./cli/flags.ts";
import { drawSamples, drawSeeded, drawUnique, printJson, printSamples, type Sample } from "./terminal/samples.ts";
import { runTask } from "./cli/task.ts";

const { samples, temperature, seed } = HYPERPARAMETER_RANGES;

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file(
    "",
    "what it was trained on, to tell new samples (default: what has its hash in data/ and the cache)",
  ),
  "samples": number(samples, undefined, "how many (default: as many as after training, or 20)"),
  "temperature": number(temperature, undefined, "0 takes the likeliest, 1 is as trained (default: as after training)"),
  "top-k": number(FILTER_RANGES.topK, undefined, "draw from the N likeliest characters only"),
  "top-p": number(FILTER_RANGES.topP, undefined, "draw from the fewest characters that have this share of probability"),
  "min-p": number(FILTER_RANGES.minP, undefined, "leave out what is less than this share as likely as the likeliest"),
  "max-length": number(
    { whole: true, from: 1 },
    undefined,
    "most characters in a sample (default: as the block allows)",
  ),
  "seed": number(seed, undefined, "sample i depends on it and on i alone (default: go on with the training's stream)"),
  "prompt": text("", "what each sample begins with"),
  "unique": toggle("draw again what was drawn before"),
  "nearest": toggle("name the nearest training document and its edit distance"),
  "json": toggle("print a JSON array, with log-probabilities"),
};

/** What was trained on, if it is at hand; else why not. */
async function trainingData(
  { dataHash, hyperparameters, config }: Checkpoint,
  given: string,
): Promise<{ texts: readonly string[]; documents: readonly TrainingDocument[] } | string> {
  if (dataHash === null) return "the model does not say what data it was trained on";
  const path = given !== "" ? given : await findData(dataHash);
  if (path === undefined) {
    return `the model was trained on data with the SHA-256 ${dataHash}, which is neither in data/ nor in out/data: --data names it`;
  }
  const { documents, hash } = await readData(path, hyperparameters.documents);
  if (hash !== dataHash) {
    return `the model was trained on data with the SHA-256 ${dataHash}, and ${path} is other data: --data names it`;
  }
  const options = { ...hyperparameters, blockSize: config.blockSize };
  const texts = trainedTexts(documents, options);
  return {
    texts,
    documents: hyperparameters.documents === "line" ? texts : arrangeDocuments(documents, options).documents,
  };
}

async function sample(values: Values<typeof FLAGS>): Promise<void> {
  const checkpoint = readCheckpoint(values.model);
  const { hyperparameters, random } = checkpoint;
  const options: SampleOptions & { samples: number } = {
    samples: values.samples ?? (hyperparameters.samples || DEFAULT_HYPERPARAMETERS.samples),
    temperature: values.temperature ?? hyperparameters.temperature,
    topK: values["top-k"],
    topP: values["top-p"],
    minP: values["min-p"],
    maxLength: values["max-length"],
    prompt: values.prompt,
    logProbabilities: values.json,
  };
  const drawn = inFlagWords(() =>
    values.unique
      ? [...drawUnique(checkpoint, random, values.seed, options)] // it may fail, which half of the samples must not hide
      : values.seed === undefined
      ? drawSamples(checkpoint, random, options)
      : drawSeeded(checkpoint, values.seed, options)
  );

  const data = await trainingData(checkpoint, values.data);
  if (typeof data === "string") {
    inFlagWords(() => values.json ? printJson(drawn) : printSamples(drawn));
    console.error(`without marks: ${data}`);
    return;
  }
  const counts: Record<Mark, number> = { "new": 0, "in training data": 0, "repeat": 0 };
  const mark = sampleMarker(data.texts, hyperparameters.documents);
  const marked = Iterator.from(drawn).map((each): Sample => {
    const known = mark(each.text);
    counts[known]++;
    return { ...each, mark: known, ...(values.nearest && { nearest: nearestDocument(each.text, data.documents) }) };
  });
  inFlagWords(() => values.json ? printJson(marked) : printSamples(marked));
  if (!values.json) console.log(summary(counts));
}

const inFlagWords = <T>(work: () => T): T => withFlagNames(["maxLength"], work);

/** What share of the samples is new. */
function summary(counts: Record<Mark, number>): string {
  const all = counts.new + counts["in training data"] + counts.repeat;
  const share = all === 0 ? 0 : Math.round(100 * counts.new / all);
  return `${counts.new} of ${all} new (${share}%), ${
    counts["in training data"]
  } in training data, ${counts.repeat} repeated`;
}

if (import.meta.main) {
  await runTask({
    name: "sample",
    summary: "Prints documents that a saved model generates, and says which of them are new.",
    flags: FLAGS,
    run: sample,
  });
}

/**
 * `deno task sample`: generates documents with a saved model.
 *
 * @module
 */

import { DEFAULT_HYPERPARAMETERS, HYPERPARAMETER_RANGES, seedRandom } from "../mod.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files.ts";
import { file, number, text, toggle, type Values } from "./flags.ts";
import { drawSamples, printJson, printSamples } from "./samples.ts";
import { runTask } from "./task.ts";

const { samples, temperature, seed } = HYPERPARAMETER_RANGES;

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "samples": number(samples, undefined, "how many (default: as many as after training, or 20)"),
  "temperature": number(temperature, undefined, "0 takes the likeliest, 1 is as trained (default: as after training)"),
  "seed": number(seed, undefined, "seed of the draws (default: go on with the stream saved at the end of training)"),
  "prompt": text("", "what each sample begins with"),
  "json": toggle("print a JSON array of objects with sample and text"),
};

function sample(values: Values<typeof FLAGS>): void {
  const checkpoint = readCheckpoint(values.model);
  const random = values.seed === undefined ? checkpoint.random : seedRandom(values.seed);
  const texts = drawSamples(checkpoint, random, {
    samples: values.samples ?? (checkpoint.hyperparameters.samples || DEFAULT_HYPERPARAMETERS.samples),
    temperature: values.temperature ?? checkpoint.hyperparameters.temperature,
    prompt: values.prompt,
  });
  if (values.json) printJson(texts);
  else printSamples(texts);
}

if (import.meta.main) {
  await runTask({
    name: "sample",
    summary: "Prints documents that a saved model generates.",
    flags: FLAGS,
    run: sample,
  });
}

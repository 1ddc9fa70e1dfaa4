/**
 * `deno task sample`: generates documents with a saved model, and says which of them are new.
 *
 * @module
 */

import { type Checkpoint, DEFAULT_HYPERPARAMETERS, normalizeText } from "../mod.ts";
import { arrangeDocuments, type Documents, type Texts, trainedTexts } from "../src/corpus/mod.ts";
import {
  type DrawOptions,
  drawSamples,
  drawSeeded,
  drawUnique,
  FILTER_RANGES,
  type Mark,
  nearestDocument,
  type Sample,
  type SampleEnd,
  sampleMarker,
} from "../src/sample/mod.ts";
import { HYPERPARAMETER_RANGES } from "../src/train/mod.ts";
import { file, type Flag, number, text, toggle, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { promptInFile, promptInStdin } from "./files/prompt.ts";
import { dataOf, lostData, otherData } from "./files/provenance.ts";
import { type KnownSample, liveSamples, printJson, printSamples } from "./terminal/samples.ts";
import { print, tell } from "./cli/printable.ts";

const { samples, temperature, seed } = HYPERPARAMETER_RANGES;

/** Not given is not the same as empty, which is refused. */
const stop: Flag<string | undefined> = {
  ...text("", "end a sample where TEXT comes up after the prompt, and leave TEXT out"),
  fallback: undefined,
};

export const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file(
    "",
    "what it was trained on, to tell which samples are new (default: found by its hash where it was, in data/ or the cache)",
  ),
  "samples": number(samples, undefined, "how many (default: as many as after training, or 20)"),
  "temperature": number(temperature, undefined, "0 takes the likeliest, 1 is as trained (default: as after training)"),
  "top-k": number(FILTER_RANGES.topK, undefined, "draw from the N likeliest characters only"),
  "top-p": number(FILTER_RANGES.topP, undefined, "draw from the fewest characters that have this share of probability"),
  "min-p": number(FILTER_RANGES.minP, undefined, "leave out what is less than this share as likely as the likeliest"),
  "max-length": number(
    { whole: true, from: 1 },
    undefined,
    "most characters in a sample; past the block the model sees the last (default: as many as the block has room for)",
  ),
  "stop": stop,
  "seed": number(seed, undefined, "sample i depends on it and i alone (default: continue the stream of the training)"),
  "prompt": text("", 'what each sample begins with; "-" reads it from standard input'),
  "prompt-file": file("", "read it from a file in UTF-8; a line end at its end does not count"),
  "unique": toggle("draw again what was drawn before"),
  "nearest": toggle("name the nearest training document and its edit distance"),
  "json": toggle("print a JSON array, with what ended each sample, and log-probabilities"),
};

/** The values of the flags. */
export type SampleFlags = Values<typeof FLAGS>;

/** Refuses two prompts. */
export function checkPrompt(_: SampleFlags, given: ReadonlySet<string>): void {
  if (given.has("prompt") && given.has("prompt-file")) {
    throw new Error("--prompt and --prompt-file cannot be used together: both say what each sample begins with");
  }
}

/** The values with the prompt that they name. */
function withPrompt(values: SampleFlags): SampleFlags {
  const path = values["prompt-file"];
  if (path !== "") return { ...values, prompt: promptInFile(path) };
  return values.prompt === "-" ? { ...values, prompt: promptInStdin() } : values;
}

/** The samples that the flags ask for, as they are pulled; each one's text, unless it may be drawn again, as it is drawn. */
export function draw(
  checkpoint: Checkpoint,
  values: SampleFlags,
  onText?: (text: string) => void,
): Iterable<Sample> {
  const { hyperparameters, random } = checkpoint;
  const { seed } = values;
  const normalized = (text: string): string => normalizeText(text, hyperparameters.normalize);
  const options: DrawOptions = {
    samples: values.samples ?? (hyperparameters.samples || DEFAULT_HYPERPARAMETERS.samples),
    temperature: values.temperature ?? hyperparameters.temperature,
    topK: values["top-k"],
    topP: values["top-p"],
    minP: values["min-p"],
    maxLength: values["max-length"],
    stop: values.stop === undefined ? undefined : normalized(values.stop),
    prompt: normalized(values.prompt),
    logProbabilities: values.json,
    onText,
  };
  // All at once: it may fail, and then should not have printed some of them.
  if (values.unique) return [...drawUnique(checkpoint, random, seed, options)];
  return seed === undefined ? drawSamples(checkpoint, random, options) : drawSeeded(checkpoint, seed, options);
}

/** What a model was trained on. */
type Trained = {
  /** As samples are compared with it for equality. */
  readonly texts: Texts;
  /** As it is searched for the nearest. */
  readonly documents: Documents;
};

/** What was trained on, if it is at hand; otherwise why it is not. */
async function trainedOn(checkpoint: Checkpoint, named: string): Promise<Trained | string> {
  const { dataHash } = checkpoint;
  if (dataHash === null) return "the model does not say what data it was trained on";
  const data = await dataOf(checkpoint, named);
  if (data === undefined) {
    return `what the model was trained on is not at hand (${lostData(checkpoint)}): name it with --data`;
  }
  if (!data.isOwn) return `${otherData(named, data, checkpoint, "the model")}: name the right one with --data`;
  return trainedPart(checkpoint, data.documents);
}

/** The part of its data that a model was trained on: without what was held back. */
export function trainedPart({ hyperparameters, config }: Checkpoint, all: Texts): Trained {
  const options = { ...hyperparameters, blockSize: config.blockSize };
  const texts = trainedTexts(all, options);
  const isLines = hyperparameters.documentKind === "line";
  return { texts, documents: isLines ? texts : arrangeDocuments(all, options).documents };
}

async function sample(flags: SampleFlags): Promise<void> {
  const checkpoint = readCheckpoint(flags.model);
  const values = withPrompt(flags);
  const live = !values.json && Deno.stdout.isTerminal() ? liveSamples() : undefined;
  const printAll = values.json ? printJson : live?.print ?? printSamples;
  const ends: Record<SampleEnd, number> = { model: 0, stop: 0, length: 0 };
  const drawn = Iterator.from(draw(checkpoint, values, live?.onText)).map((each) => {
    ends[each.end]++;
    return each;
  });
  const trained = await trainedOn(checkpoint, values.data);
  if (typeof trained === "string") {
    printAll(drawn);
  } else {
    const counts: Record<Mark, number> = { "new": 0, "in training data": 0, "repeat": 0 };
    const markOf = sampleMarker(trained.texts, checkpoint.hyperparameters.documentKind);
    printAll(drawn.map((each): KnownSample => {
      const mark = markOf(each.text);
      counts[mark]++;
      return { ...each, mark, ...(values.nearest && { nearest: nearestDocument(each.text, trained.documents) }) };
    }));
    if (!values.json) print(summary(counts));
  }
  if (!values.json) remarks(values, ends).forEach((line) => print(line));
  if (typeof trained === "string") tell(`without marks: ${trained}`);
}

/** What may seem odd about samples: that the block has cut some of them off, and that they are the same every time. */
export function remarks({ seed, "max-length": maxLength }: SampleFlags, ends: Record<SampleEnd, number>): string[] {
  const all = ends.model + ends.stop + ends.length;
  const cut = `(${ends.length} of ${all} were cut off by the block, not ended by the model: --max-length N goes on)`;
  const stream = seed === undefined
    ? "(drawn from the random stream that training left, so the same every time: --seed N takes another)"
    : `(drawn from the random streams of --seed ${seed}, one for each sample, so the same every time)`;
  return maxLength === undefined && ends.length > 0 ? [cut, stream] : [stream];
}

/** What share of the samples is new. */
export function summary(counts: Record<Mark, number>): string {
  const { "new": fresh, "in training data": trained, repeat } = counts;
  const all = fresh + trained + repeat;
  const share = all === 0 ? 0 : Math.round(100 * fresh / all);
  return `${fresh} of ${all} new (${share}%), ${trained} in training data, ${repeat} repeated`;
}

if (import.meta.main) {
  await runTask({
    name: "sample",
    summary: "Prints documents that a saved model generates, and says which of them are new.",
    examples: [
      "deno task sample --samples 10 --temperature 0.8",
      "deno task sample --prompt an --top-k 5",
      "deno task sample --seed 7 --json",
    ],
    flags: FLAGS,
    check: checkPrompt,
    run: sample,
  });
}

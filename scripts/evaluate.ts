/**
 * `deno task evaluate`: how well a saved model predicts a text file, beside what counting achieves.
 *
 * @module
 */

import { type Checkpoint, type Engine, engine, ENGINE_NAMES, evaluate, evaluateBaselines } from "../mod.ts";
import { arrangeDocuments, countSeen, type Documents, type LeftOut, leftOut } from "../src/corpus/mod.ts";
import { choice, encoding, file, toggle, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { type Data, nameOf } from "./files/data.ts";
import { formatAdvice } from "./files/format.ts";
import { type CheckpointData, dataOf, lostData, otherData } from "./files/provenance.ts";
import { knownData, skippedLine } from "./files/unknown.ts";
import { baselineRows, type EvaluationRow, evaluationTable } from "./terminal/evaluation.ts";
import { leftOutLine, seenLine } from "./terminal/left_out.ts";
import { terminalColumns } from "./terminal/stdout.ts";
import { print, tell } from "./cli/printable.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file("", "text to evaluate on (default: what the model was trained on, found by its hash)"),
  "encoding": encoding(undefined, "what --data is written in (default: as what the model was trained on)"),
  "train-data": file("", "what the model was trained on, for the baselines (default: found by its hash)"),
  "engine": choice(["auto", ...ENGINE_NAMES], "auto", "what computes the loss (auto: simd for much of it, else array)"),
  "skip-unknown": toggle("leave out documents with characters that the model does not know"),
  "json": toggle("print JSON"),
};

type EvaluateFlags = Values<typeof FLAGS>;

/** The data to evaluate on. */
async function evaluatedData(
  model: Checkpoint,
  { model: path, data: named, encoding, "skip-unknown": skips }: EvaluateFlags,
): Promise<CheckpointData> {
  const data = await dataOf(model, named, encoding);
  if (data === undefined) {
    throw new Error(`the data that ${path} was trained on is not at hand (${lostData(model)}): name some with --data`);
  }
  return await knownData(model, data, skips);
}

/** What the model was trained on: the file that is named, or the one that is found by its hash. */
async function trainingData(model: Checkpoint, path: string): Promise<CheckpointData | undefined> {
  const data = await dataOf(model, path);
  if (path !== "" && data !== undefined && model.dataHash !== null && !data.isOwn) {
    throw new RangeError(otherData(path, data, model, "the model"));
  }
  return data;
}

/** The documents as the model's run takes them. */
function arrange(
  { hyperparameters, config }: Checkpoint,
  { documents }: Data,
  valFraction: number = hyperparameters.valFraction,
) {
  return arrangeDocuments(documents, { ...hyperparameters, valFraction, blockSize: config.blockSize });
}

/** Parameters times characters from which simd is faster, which first has to be compiled; it agrees to six digits. */
const MUCH = 50_000_000;

/** The engine that the flag asks for, or the fastest for so many characters. */
export function evaluationEngine(name: EvaluateFlags["engine"], model: Checkpoint, { documents }: Data): Engine {
  if (name !== "auto") return engine(name);
  let characters = 0;
  for (const document of documents) characters += document.length + 1;
  try {
    return engine(characters * model.params.length < MUCH ? "array" : "simd");
  } catch {
    return engine("array"); // no WebAssembly SIMD here
  }
}

/** Figures, and what they speak of. */
type Figures = {
  readonly rows: EvaluationRow[];
  /** Whether there are those of counting. */
  readonly isFitted: boolean;
  /** What the block leaves out of the documents that were evaluated. */
  readonly leftOut: LeftOut;
  /** How many held-back lines begin like one that was trained on; undefined if none are held back. */
  readonly seen?: number;
};

/**
 * The figures of a model on its own data, each part by itself, or on other data; then those of counting, fitted to what the
 * model was trained on and measured where the model is judged: on held-back documents where there are any.
 *
 * @param fitted What the model was trained on, if that is at hand.
 */
export function evaluationRows(
  model: Checkpoint,
  data: Data & Pick<CheckpointData, "isOwn">,
  fitted: Documents | undefined,
  options: { readonly engine?: Engine } = {},
): Figures {
  const parts = data.isOwn ? arrange(model, data) : { documents: arrange(model, data, 0).documents, validation: [] };
  const { documents, validation } = parts;
  const compared = validation.length > 0 ? validation : documents;
  const name = data.isOwn ? "training" : model.dataHash === null ? "data" : "other data";
  const rows: EvaluationRow[] = [[name, evaluate(model, documents, options)]];
  if (validation.length > 0) rows.push(["validation", evaluate(model, validation, options)]);
  const trained = fitted ?? (data.isOwn ? documents : undefined);
  // Without the data the model was trained on there is nothing to count; the uniform distribution needs none.
  const baselines = baselineRows(evaluateBaselines(model, trained ?? [], compared));
  rows.push(...(trained ? baselines : baselines.filter(([name]) => name === "uniform")));
  const { blockSize } = model.config;
  const isLines = model.hyperparameters.documentKind === "line";
  return {
    rows,
    isFitted: trained !== undefined,
    leftOut: leftOut([documents, validation].values().flatMap((part) => part), blockSize),
    ...(validation.length > 0 && { seen: isLines ? countSeen({ training: documents, validation }, blockSize) : 0 }),
  };
}

async function run(values: EvaluateFlags): Promise<void> {
  const model = readCheckpoint(values.model);
  const data = await evaluatedData(model, values);
  const advice = data.isOwn ? undefined : formatAdvice(data.documents);
  if (advice !== undefined) tell(`note: ${nameOf(data.path)}: ${advice}`);
  const isNeeded = !data.isOwn || values["train-data"] !== "";
  const trained = isNeeded ? await trainingData(model, values["train-data"]) : undefined;
  const fitted = trained && arrange(model, trained).documents;
  const figures = evaluationRows(model, data, fitted, { engine: evaluationEngine(values.engine, model, data) });
  const { rows, isFitted, leftOut, seen } = figures;
  if (values.json) {
    const skipped = data.skipped && { skipped: data.skipped };
    console.log(JSON.stringify({ ...Object.fromEntries(rows), leftOut, seen, ...skipped }, null, 2));
    return;
  }
  print(`model: ${values.model}, after step ${model.t}`);
  print(`data: ${data.path}, ${relation(model, data)}`);
  if (data.skipped) print(skippedLine(data.skipped));
  if (leftOut.documents > 0) {
    const rest = leftOut.total - leftOut.characters;
    print(`${leftOutLine(leftOut, model.config.blockSize)}: the figures are of the other ${rest}`);
  }
  if (seen) print(seenLine(seen));
  print(evaluationTable(rows, terminalColumns()));
  if (trained) print(`baselines: counted on ${trained.path}, which the model was trained on`);
  if (!isFitted) print("for the other baselines, name what the model was trained on with --train-data");
}

/** What data has to do with a model. */
function relation({ dataHash }: Checkpoint, { isOwn }: CheckpointData): string {
  if (isOwn) return "which it was trained on";
  return dataHash === null
    ? "and the model does not say what it was trained on"
    : "another file than it was trained on";
}

if (import.meta.main) {
  await runTask({
    name: "evaluate",
    summary: "Measures how well a saved model predicts a text file, beside n-gram models.",
    examples: [
      "deno task evaluate",
      "deno task evaluate --data other.txt",
      "deno task evaluate --model out/model.best.safetensors --json",
    ],
    flags: FLAGS,
    run,
  });
}

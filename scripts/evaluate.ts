/**
 * `deno task evaluate`: how well a saved model predicts a text file, beside what counting achieves.
 *
 * @module
 */

import {
  type Checkpoint,
  createTokenizer,
  engine,
  ENGINE_NAMES,
  evaluate,
  evaluateBaselines,
  type TrainingDocument,
} from "../mod.ts";
import { arrangeDocuments } from "../src/corpus/mod.ts";
import { choice, file, toggle, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import type { Data } from "./files/data.ts";
import { type CheckpointData, dataOf, otherData } from "./files/provenance.ts";
import { baselineRows, type EvaluationRow, evaluationTable } from "./terminal/evaluation.ts";
import { terminalColumns } from "./terminal/stdout.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file("", "text to evaluate on (default: what the model was trained on, if it is in data/ or the cache)"),
  "train-data": file("", "what the model was trained on, for the baselines (default: --data, if that is it)"),
  "engine": choice(ENGINE_NAMES, "array", "what computes the loss"),
  "json": toggle("print JSON"),
};

type EvaluateFlags = Values<typeof FLAGS>;

/** The data to evaluate on. */
async function evaluatedData(model: Checkpoint, { model: path, data: named }: EvaluateFlags): Promise<CheckpointData> {
  const data = await dataOf(model, named);
  if (data === undefined) {
    const known = model.dataHash === null ? "it does not say which" : `SHA-256 ${model.dataHash}`;
    throw new Error(`the data that ${path} was trained on is not at hand (${known}): name some with --data`);
  }
  const unknown = createTokenizer(data.documents).vocabulary.filter((c) => !model.tokenizer.ids.has(c));
  if (unknown.length > 0) {
    throw new RangeError(
      `data file ${data.path} has characters that the model does not know: ` +
        `${JSON.stringify(unknown.slice(0, 20).join(""))}; it must have only those the model was trained on`,
    );
  }
  return data;
}

/** What the model was trained on, if a file is named that has it. */
async function namedTrainingDocuments(
  model: Checkpoint,
  path: string,
): Promise<readonly TrainingDocument[] | undefined> {
  const data = path === "" ? undefined : await dataOf(model, path);
  if (data === undefined) return undefined;
  if (model.dataHash !== null && !data.isOwn) throw new RangeError(otherData(path, data, model, "the model"));
  return arrange(model, data).documents;
}

/** The documents as the model's run takes them. */
function arrange(
  { hyperparameters, config }: Checkpoint,
  { documents }: Data,
  valFraction: number = hyperparameters.valFraction,
) {
  return arrangeDocuments(documents, { ...hyperparameters, valFraction, blockSize: config.blockSize });
}

async function run(values: EvaluateFlags): Promise<void> {
  const model = readCheckpoint(values.model);
  const data = await evaluatedData(model, values);
  const chosen = { engine: engine(values.engine) };
  const rows: EvaluationRow[] = [];
  let compared: readonly TrainingDocument[];
  let fitted: readonly TrainingDocument[] | undefined;
  if (data.isOwn) {
    const { documents: training, validation } = arrange(model, data);
    rows.push(["training", evaluate(model, training, chosen)]);
    if (validation.length > 0) rows.push(["validation", evaluate(model, validation, chosen)]);
    compared = validation.length > 0 ? validation : training;
    fitted = training;
  } else {
    compared = arrange(model, data, 0).documents;
    rows.push([model.dataHash === null ? "data" : "other data", evaluate(model, compared, chosen)]);
  }
  fitted = await namedTrainingDocuments(model, values["train-data"]) ?? fitted;
  // Without the data the model was trained on there is nothing to count; the uniform distribution needs none.
  const baselines = baselineRows(evaluateBaselines(model, fitted ?? [], compared));
  rows.push(...(fitted ? baselines : baselines.filter(([name]) => name === "uniform")));
  if (values.json) {
    console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
    return;
  }
  console.log(`model: ${values.model}, after step ${model.t}`);
  console.log(`data: ${data.path}, ${relation(model, data)}`);
  console.log(evaluationTable(rows, terminalColumns()));
  if (!fitted) console.log("for the other baselines, name what the model was trained on with --train-data");
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
    flags: FLAGS,
    run,
  });
}

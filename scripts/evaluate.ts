/**
 * `deno task evaluate`: how well a saved model predicts a text file, beside what counting reaches.
 *
 * @module
 */

import {
  arrangeDocuments,
  type Checkpoint,
  createTokenizer,
  engine,
  ENGINE_NAMES,
  evaluate,
  evaluateBaselines,
  type TrainingDocument,
} from "../mod.ts";
import { findData } from "./files/cache.ts";
import { type Data, readData } from "./files/data.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { choice, file, toggle, type Values } from "./cli/flags.ts";
import { baselineRows, evaluationTable, type Row } from "./terminal/evaluation.ts";
import { terminalColumns } from "./terminal/progress.ts";
import { runTask } from "./cli/task.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file("", "text to evaluate on (default: what the model was trained on, if it is in data/ or the cache)"),
  "train-data": file("", "what the model was trained on, for the baselines (default: --data, if that is it)"),
  "engine": choice(ENGINE_NAMES, "array", "what computes the loss"),
  "json": toggle("print JSON"),
};

/** Refuses documents with characters that the model does not know. */
function checkVocabulary({ tokenizer }: Checkpoint, { documents }: Data, path: string): void {
  const unknown = createTokenizer(documents).vocabulary.filter((character) => !tokenizer.ids.has(character));
  if (unknown.length === 0) return;
  throw new RangeError(
    `data file ${path} has characters that the model does not know: ${
      JSON.stringify(unknown.slice(0, 20).join(""))
    }; ` +
      "it must have none but those the model was trained on",
  );
}

/** The documents as the model's run takes them. */
function arrange({ hyperparameters, config }: Checkpoint, { documents }: Data, valFraction: number) {
  return arrangeDocuments(documents, { ...hyperparameters, valFraction, blockSize: config.blockSize });
}

/** What the model was trained on, out of the data it came from. */
function trainingDocuments(model: Checkpoint, data: Data, path: string): readonly TrainingDocument[] {
  if (model.dataHash !== null && data.hash !== model.dataHash) {
    throw new RangeError(
      `data file ${path} is not what the model was trained on: its SHA-256 is ${data.hash}, not ${model.dataHash}`,
    );
  }
  return arrange(model, data, model.hyperparameters.valFraction).documents;
}

async function run(values: Values<typeof FLAGS>): Promise<void> {
  const model = readCheckpoint(values.model);
  const found = model.dataHash === null ? undefined : await findData(model.dataHash);
  if (values.data === "" && found === undefined) {
    const known = model.dataHash === null ? "it does not say which" : `SHA-256 ${model.dataHash}`;
    throw new Error(`the data that ${values.model} was trained on is not at hand (${known}): name some with --data`);
  }
  const dataPath = values.data !== "" ? values.data : found!;
  const data = await readData(dataPath, model.hyperparameters.documents);
  checkVocabulary(model, data, dataPath);
  const chosen = { engine: engine(values.engine) };
  const isOwn = model.dataHash !== null && data.hash === model.dataHash;
  const rows: Row[] = [];
  let compared: readonly TrainingDocument[];
  let fitted: readonly TrainingDocument[] | undefined;
  if (isOwn) {
    const { documents: training, validation } = arrange(model, data, model.hyperparameters.valFraction);
    rows.push(["training", evaluate(model, training, chosen)]);
    if (validation.length > 0) rows.push(["validation", evaluate(model, validation, chosen)]);
    compared = validation.length > 0 ? validation : training;
    fitted = training;
  } else {
    compared = arrange(model, data, 0).documents;
    rows.push([model.dataHash === null ? "data" : "other data", evaluate(model, compared, chosen)]);
  }
  const path = values["train-data"];
  if (path !== "") fitted = trainingDocuments(model, await readData(path, model.hyperparameters.documents), path);
  // Without the data the model was trained on there is nothing to count; the uniform distribution needs none.
  const baselines = baselineRows(evaluateBaselines(model, fitted ?? [], compared));
  rows.push(...(fitted ? baselines : baselines.filter(([name]) => name === "uniform")));
  if (values.json) {
    console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
    return;
  }
  console.log(`model: ${values.model}, after step ${model.t}`);
  const relation = isOwn
    ? "which it was trained on"
    : model.dataHash === null
    ? "and the model does not say what it was trained on"
    : "another file than it was trained on";
  console.log(`data: ${dataPath}, ${relation}`);
  console.log(evaluationTable(rows, terminalColumns()));
  if (!fitted) console.log("for the other baselines, name what the model was trained on with --train-data");
}

if (import.meta.main) {
  await runTask({
    name: "evaluate",
    summary: "Measures how well a saved model predicts a text file, beside n-gram models.",
    flags: FLAGS,
    run,
  });
}

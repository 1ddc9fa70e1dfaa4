/**
 * `deno task evaluate`: how well a saved model predicts a text file, beside what counting reaches.
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
  splitDocuments,
} from "../mod.ts";
import { type Data, DEFAULT_MODEL, readCheckpoint, readData } from "./files.ts";
import { choice, file, toggle, type Values } from "./flags.ts";
import { baselineRows, evaluationTable, type Row } from "./metrics.ts";
import { runTask } from "./task.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "data": file("data/names.txt", "text to evaluate on: UTF-8, one document a line"),
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

/** What the model was trained on, out of the data it came from. */
function trainingDocuments(model: Checkpoint, data: Data, path: string): readonly string[] {
  if (model.dataHash !== null && data.hash !== model.dataHash) {
    throw new RangeError(
      `data file ${path} is not what the model was trained on: its SHA-256 is ${data.hash}, not ${model.dataHash}`,
    );
  }
  return splitOf(model, data).training;
}

function splitOf({ hyperparameters: { valFraction, seed } }: Checkpoint, { documents }: Data) {
  return splitDocuments(documents, { fraction: valFraction, seed });
}

async function run(values: Values<typeof FLAGS>): Promise<void> {
  const model = readCheckpoint(values.model);
  const data = await readData(values.data);
  checkVocabulary(model, data, values.data);
  const chosen = { engine: engine(values.engine) };
  const isOwn = model.dataHash !== null && data.hash === model.dataHash;
  const rows: Row[] = [];
  let compared = data.documents;
  let fitted: readonly string[] | undefined;
  if (isOwn) {
    const { training, validation } = splitOf(model, data);
    rows.push(["training", evaluate(model, training, chosen)]);
    if (validation.length > 0) rows.push(["validation", evaluate(model, validation, chosen)]);
    compared = validation.length > 0 ? validation : training;
    fitted = training;
  } else rows.push(["other data", evaluate(model, data.documents, chosen)]);
  if (values["train-data"] !== "") {
    fitted = trainingDocuments(model, await readData(values["train-data"]), values["train-data"]);
  }
  // Without the data the model was trained on there is nothing to count; the uniform distribution needs none.
  const baselines = baselineRows(evaluateBaselines(model, fitted ?? [], compared));
  rows.push(...(fitted ? baselines : baselines.filter(([name]) => name === "uniform")));
  if (values.json) {
    console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
    return;
  }
  console.log(`model: ${values.model}, after step ${model.t}`);
  console.log(`data: ${values.data}${isOwn ? ", which it was trained on" : ", which it was not trained on"}`);
  console.log(evaluationTable(rows));
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

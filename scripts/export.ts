/**
 * `deno task export`: a saved model in a form that runs elsewhere.
 *
 * @module
 */

import { type Checkpoint, evaluate } from "../mod.ts";
import { arrangeDocuments, type Documents, type Texts } from "../src/corpus/mod.ts";
import { choice, file, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { javascriptOf } from "./export/javascript.ts";
import { packModel, WEIGHTS, type Weights } from "./export/pack.ts";
import { type Packed, parametersOf } from "./export/runtime.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { dataOf, lostData } from "./files/provenance.ts";
import { writeWhole } from "./files/write.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the saved model"),
  "format": choice(["js"], "js", "one module for browsers, Node and Deno, with all that it needs inside"),
  "weights": choice(WEIGHTS, "float32", "how its numbers are kept: int8 takes a quarter of the bytes"),
  "data": file("", "what to measure the loss on, if the model's own data is not at hand"),
  "out": file("out/model.js", "where to write it"),
};

async function run({ model: path, weights, data, out }: Values<typeof FLAGS>): Promise<void> {
  const model = readCheckpoint(path);
  const packed = packModel(model, weights);
  const text = await javascriptOf(model, packed);
  writeWhole(out, new TextEncoder().encode(text), "model");
  console.log(`saved: ${out} (${Math.ceil(text.length / 1000)} kB)`);
  console.log(await lossLine(model, weights, packed, data));
}

/** The loss of the model as it was, and as it is in the file. */
async function lossLine(model: Checkpoint, weights: Weights, packed: Packed, named: string): Promise<string> {
  const data = await dataOf(model, named);
  if (data === undefined) {
    return `loss: not measured, since the data is not at hand (${lostData(model)}): name it with --data`;
  }
  const documents = compared(model, data.documents);
  const params = parametersOf(packed);
  const [before, after] = [model, { ...model, params }].map((each) => evaluate(each, documents).loss.toFixed(6));
  return `loss: ${after} with ${weights}, ${before} before, in nats on ${documents.length} documents`;
}

/** The most documents that are measured. */
const MOST = 1000;

function compared({ hyperparameters, config: { blockSize } }: Checkpoint, all: Texts): Documents {
  const { documents, validation } = arrangeDocuments(all, { ...hyperparameters, blockSize });
  return (validation.length > 0 ? validation : documents).slice(0, MOST);
}

if (import.meta.main) {
  await runTask({
    name: "export",
    summary: "Writes a saved model in a form that runs elsewhere.",
    flags: FLAGS,
    run,
  });
}

/**
 * `deno task export`: a saved model in a form that runs elsewhere.
 *
 * @module
 */

import { type Checkpoint, evaluate } from "../mod.ts";
import { arrangeDocuments, type Documents, type Texts } from "../src/corpus/mod.ts";
import { choice, file, type Values } from "./cli/flags.ts";
import { fromProject } from "./cli/places.ts";
import { runTask } from "./cli/task.ts";
import { javascriptOf } from "./export/javascript.ts";
import { packModel, WEIGHTS, type Weights } from "./export/pack.ts";
import { type Packed, parametersOf } from "./export/runtime.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { dataOf, lostData } from "./files/provenance.ts";
import { writeWhole } from "./files/write.ts";
import { print } from "./cli/printable.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the saved model"),
  "format": choice(["js", "onnx"], "js", "a module for browsers, Node and Deno; or an ONNX graph for many runtimes"),
  "weights": choice(
    WEIGHTS,
    "float32",
    "how its numbers are kept: int8 takes a quarter of the bytes, with --format js",
  ),
  "data": file("", "what to measure the loss on, if the model's own data is not at hand"),
  "out": file("", "where to write it (default out/model.js, or out/model.onnx)"),
};

async function run({ model: path, format, weights, data, out: named }: Values<typeof FLAGS>): Promise<void> {
  const model = readCheckpoint(path);
  const out = named === "" ? fromProject(`out/model.${format}`) : named;
  const packed = packModel(model, weights);
  const bytes = format === "js"
    ? new TextEncoder().encode(await javascriptOf(model, packed))
    : (await import("./export/onnx.ts")).onnxOf(model);
  writeWhole(out, bytes, "model");
  print(`saved: ${out} (${Math.ceil(bytes.length / 1000)} kB)`);
  print(await lossLine(model, weights, packed, data));
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
    check: ({ format, weights }) => {
      if (format === "onnx" && weights !== "float32") {
        throw new Error(`--weights ${weights} cannot be used with --format onnx: it must be float32`);
      }
    },
    run,
  });
}

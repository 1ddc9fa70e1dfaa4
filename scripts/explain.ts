/**
 * `deno task explain NAME`: why a model says what it says, character by character and head by head.
 *
 * @module
 */

import { explainText, normalizeText } from "../mod.ts";
import { file, toggle, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { attentionTable, bitsLine, bitsOf, hasRoom, predictionTable, scoredOf } from "./terminal/explanation.ts";
import { terminalColumns } from "./terminal/stdout.ts";
import { print } from "./cli/printable.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "json": toggle("print JSON"),
};

function explain({ model: path, json }: Values<typeof FLAGS>, _given: ReadonlySet<string>, [given]: string[]): void {
  const model = readCheckpoint(path);
  const text = normalizeText(given, model.hyperparameters.normalize);
  const positions = explainText(model, text);
  if (json) {
    console.log(JSON.stringify({ text, ...bitsOf(positions), scored: scoredOf(text, positions), positions }, null, 2));
    return;
  }
  print(`model: ${path}, after step ${model.t}`);
  print(bitsLine(text, positions));
  const columns = terminalColumns() ?? Infinity;
  print(`\n${predictionTable(positions, columns)}`);
  const { nLayer, nHead } = model.config;
  for (let layer = 0; layer < nLayer; layer++) {
    for (let head = 0; head < nHead; head++) {
      print(
        `\nlayer ${layer}, head ${head}: attention ${
          hasRoom(positions, columns) ? "in percent" : "(darker is more)"
        }, from each row to the columns`,
      );
      print(attentionTable(positions, layer, head, columns));
    }
  }
}

if (import.meta.main) {
  await runTask({
    name: "explain",
    operand: "NAME",
    summary: "Shows how likely a model finds each character of a text, and where its attention looks.",
    flags: FLAGS,
    run: explain,
  });
}

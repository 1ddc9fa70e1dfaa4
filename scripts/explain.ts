/**
 * `deno task explain NAME`: why a model says what it says, character by character and head by head.
 *
 * @module
 */

import { type Alternative, type ExplainedPosition, explainText } from "../mod.ts";
import { file, toggle, type Values } from "./cli/flags.ts";
import { printable, runTask } from "./cli/task.ts";
import { DEFAULT_MODEL, readCheckpoint } from "./files/checkpoints.ts";
import { terminalColumns } from "./terminal/stdout.ts";
import { table } from "./terminal/table.ts";

const FLAGS = {
  "model": file(DEFAULT_MODEL, "the model, as train saved it"),
  "json": toggle("print JSON"),
};

/** What stands in tables for the beginning and the end of a document. */
const BEGIN = "^";
const END = "$";

const shown = ({ text }: { text: string }, boundary: string): string =>
  text === "" ? boundary : text === " " ? "␣" : printable(text);

/** The predictions as a table. */
function predictions(positions: readonly ExplainedPosition[]): string {
  const percent = ({ probability }: Alternative): string => `${(100 * probability).toFixed(1)}%`;
  const rows = positions.map((position) => [
    shown(position, END),
    percent(position),
    position.surprisal.toFixed(2),
    String(position.rank),
    position.alternatives.map((other) => `${shown(other, END)} ${percent(other)}`).join("  "),
  ]);
  return table([["char", "prob", "bits", "rank", "likeliest others"], ...rows], { left: [0, 4] });
}

/** Weights from 0 to 1, where there is no room for percentages. */
const SHADES = [" ", "░", "▒", "▓", "█"];

/** Whether there is room for percentages. */
const hasRoom = (positions: readonly ExplainedPosition[], columns: number): boolean =>
  6 + 4 * positions.length <= columns;

/** Where one head looked: a row for each position, and a column for each position that it could look at. */
function attentionTable(positions: readonly ExplainedPosition[], layer: number, head: number, columns: number): string {
  const labels = positions.map(({ from }) => shown(from, BEGIN));
  const label = Math.max(...labels.map((text) => text.length));
  const room = hasRoom(positions, columns);
  const cell = (weight: number): string =>
    room ? String(Math.round(100 * weight)).padStart(4) : SHADES[Math.min(4, Math.round(4 * weight))];
  const header = labels.map((text) => room ? text.padStart(4) : [...text][0]).join("");
  const lines = positions.map(({ attention }, i) =>
    labels[i].padEnd(label) + attention[layer][head].map(cell).join("")
  );
  return [" ".repeat(label) + header, ...lines].map((line) => line.slice(0, columns)).join("\n");
}

function explain({ model: path, json }: Values<typeof FLAGS>, _given: ReadonlySet<string>, [text]: string[]): void {
  const model = readCheckpoint(path);
  const positions = explainText(model, text);
  const bits = positions.reduce((sum, { surprisal }) => sum + surprisal, 0);
  if (json) {
    console.log(JSON.stringify({ text, bits, bitsPerCharacter: bits / positions.length, positions }, null, 2));
    return;
  }
  console.log(`model: ${path}, after step ${model.t}`);
  console.log(
    `${JSON.stringify(text)}: ${bits.toFixed(2)} bits, ${(bits / positions.length).toFixed(3)} a character ` +
      `(${BEGIN} is the beginning, ${END} the end)`,
  );
  if ([...text].length > positions.length) console.log(`the model's block has room for ${positions.length} characters`);
  console.log(`\n${predictions(positions)}`);
  const columns = terminalColumns() ?? Infinity;
  const { nLayer, nHead } = model.config;
  for (let layer = 0; layer < nLayer; layer++) {
    for (let head = 0; head < nHead; head++) {
      console.log(
        `\nlayer ${layer}, head ${head}: attention ${
          hasRoom(positions, columns) ? "in percent" : "(darker is more)"
        }, from each row to the columns`,
      );
      console.log(attentionTable(positions, layer, head, columns));
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

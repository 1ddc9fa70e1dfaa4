/**
 * The results of a sweep as CSV.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  doneIn,
  headerLine,
  parseResults,
  type Result,
  type Row,
  rowLine,
  rowsOf,
} from "../../../scripts/sweep/results.ts";
import { law } from "../../property.ts";

const FLAGS = ["n-embd", "data"];
const OK: Result = {
  ...{ status: "ok", steps: "20", trainLoss: "2.5", valLoss: "2.75", dataHash: "ab", seconds: "1.5", error: "" },
};

/** The cells of a CSV text, as RFC 4180 says, character by character. */
function cellsIn(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ["", false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') cell += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === "," || c === "\n")) {
      rows[rows.length - 1].push(cell);
      cell = "";
      if (c === "\n") rows.push([]);
    } else cell += c;
  }
  return rows.slice(0, -1);
}

const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', " ", "\r", "é", "'"), maxLength: 6 });
const rows = fc.array(
  fc.record({
    values: fc.record({ "n-embd": cell, data: cell }, { noNullPrototype: true }),
    seed: fc.nat(),
    result: fc.record({
      status: fc.constantFrom("ok" as const, "failed" as const),
      ...{ steps: cell, trainLoss: cell, valLoss: cell, dataHash: cell, seconds: cell, error: cell },
    }, { noNullPrototype: true }),
  }, { noNullPrototype: true }),
  { maxLength: 4 },
);

law("sweep: any CSV reader finds the cells under their titles, and what is written is read", [rows], (rows) => {
  const text = headerLine(FLAGS) + rows.map((row) => rowLine(row, FLAGS)).join("");
  const [titles, ...lines] = cellsIn(text);
  assertEquals(titles.join(), "n-embd,data,seed,status,steps_taken,train_loss,val_loss,data_sha256,seconds,error");
  assertEquals(
    lines,
    rows.map(({ values, seed, result: { status, steps, trainLoss, valLoss, dataHash, seconds, error } }) => [
      ...[values["n-embd"], values.data, String(seed)],
      ...[status, steps, trainLoss, valLoss, dataHash, seconds, error],
    ]),
  );
  assertEquals(parseResults(text, FLAGS, "r.csv"), rows);
  if (rows.length > 0) assertEquals(parseResults(text.slice(0, -1), FLAGS, "r.csv"), rows.slice(0, -1)); // killed then
  assertEquals(parseResults("", FLAGS, "r.csv"), []);
});

Deno.test("sweep: a file with other columns belongs to another sweep, and half a row is dropped", () => {
  const others = [headerLine(["n-embd"]), headerLine([...FLAGS].reverse())];
  for (const text of [...others.map((header) => `${header}4,x,3,ok\n`), "mine\n", "mine"]) {
    assertThrows(() => parseResults(text, FLAGS, "r.csv"), Error, "it belongs to another sweep");
  }
  for (const bare of others) assertEquals(parseResults(bare, FLAGS, "r.csv"), []);
  const [a, b] = [1, 2].map((seed): Row => ({ values: { "n-embd": "4", data: "x" }, seed, result: OK }));
  const text = [headerLine(FLAGS), rowLine(a, FLAGS), "4,x,3,ok\n", rowLine(b, FLAGS)].join("");
  assertEquals(parseResults(text, FLAGS, "r.csv"), [a, b]);
});

Deno.test("sweep: done is what succeeded, once, on the data as it is now", () => {
  const rowOf = (seed: number, change: Partial<Result> = {}, data = "x"): Row => ({
    ...{ values: { "n-embd": "4", data }, seed, result: { ...OK, ...change } },
  });
  const hashes: Record<string, string> = { x: "ab", y: "cd", "https://z": "" };
  const done = (...rows: Row[]): Row[] => doneIn(rows, FLAGS, ({ values }) => hashes[values.data]);
  const [first, second, web] = [rowOf(1), rowOf(2), rowOf(1, { dataHash: "any" }, "https://z")];
  assertEquals(done(first, second, web), [first, second, web]);
  assertEquals(done(first, rowOf(1, { trainLoss: "9" }), second), [first, second]);
  assertEquals(done(rowOf(1, { status: "failed", error: "no" }), first), [first]);
  assertEquals(done(rowOf(1, {}, "y"), second), [second]);
});

Deno.test("sweep: the table is of the cells that were asked for", () => {
  const rowOf = (embd: string, seed: number): Row => ({ values: { "n-embd": embd, data: "x" }, seed, result: OK });
  const all = [rowOf("4", 1), rowOf("8", 1), rowOf("4", 2), rowOf("16", 1)];
  const cells = [{ values: { "n-embd": "4", data: "x" }, seed: 1 }, { values: { "n-embd": "8", data: "x" }, seed: 1 }];
  assertEquals(rowsOf(cells, all), all.slice(0, 2));
});

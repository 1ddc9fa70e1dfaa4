/**
 * Means over seeds.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { meanAndDeviation, summaryTable } from "../../../scripts/sweep/summary.ts";
import type { Row } from "../../../scripts/sweep/results.ts";

Deno.test("sweep: mean and standard deviation of a sample", () => {
  const { mean, deviation } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals(mean, 5);
  assertAlmostEquals(deviation!, Math.sqrt(32 / 7), 1e-12);
  assertEquals(meanAndDeviation([3]), { mean: 3 });
});

/** A row with these values, and its losses; "" for none. */
function row(values: Record<string, string>, seed: number, trainLoss: string, valLoss = ""): Row {
  const rest = { steps: "20", dataHash: "", seconds: "1", error: "" };
  return { values, seed, result: { status: "ok", trainLoss, valLoss, ...rest } };
}

const lines = (rows: readonly Row[], ...varied: string[]): string[][] =>
  summaryTable(rows, varied).split("\n").map((line) => line.trim().split(/ {2,}/));

Deno.test("sweep: a line for each combination of what is varied, over its seeds, the lowest validation loss first", () => {
  const rows = [
    row({ steps: "9", a: "1", b: "x" }, 1, "2", "2.9"),
    row({ steps: "9", a: "2", b: "x" }, 1, "2.2", "2.5"),
    row({ steps: "9", a: "1", b: "x" }, 2, "2.1", "3.1"),
    row({ steps: "9", a: "2", b: "x" }, 2, "2.6", "2.7"),
    row({ steps: "9", a: "1", b: "y" }, 1, "3", "2.8"),
  ];
  assertEquals(lines(rows, "a", "b"), [
    ["a", "b", "seeds", "train loss", "± sd", "val loss", "± sd"],
    ["2", "x", "2", "2.4000", "0.2828", "2.6000", "0.1414"],
    ["1", "y", "1", "3.0000", "2.8000"],
    ["1", "x", "2", "2.0500", "0.0707", "3.0000", "0.1414"],
  ]);
  const [header, , second] = summaryTable(rows, ["a", "b"]).split("\n");
  assertEquals(second.indexOf("2.8000") + 6, header.indexOf("val loss") + 8, "under its title");
});

Deno.test("sweep: on a narrow terminal without deviations, then with the loss alone that decides the order", () => {
  const rows = [row({ "learning-rate": "0.01" }, 1, "2", "2.5"), row({ "learning-rate": "0.02" }, 1, "2.2", "2.6")];
  const header = (columns: number): string => summaryTable(rows, ["learning-rate"], columns).split("\n")[0];
  assertEquals(header(80), "learning-rate  seeds  train loss  ± sd  val loss  ± sd");
  assertEquals(header(45), "learning-rate  seeds  train loss  val loss");
  assertEquals(header(40), "learning-rate  val loss");
});

Deno.test("sweep: without validation everywhere the lowest training loss is first; without any there are no columns for it", () => {
  const mixed = [row({ a: "1" }, 1, "2.5", "1"), row({ a: "2" }, 1, "2"), row({ a: "3" }, 1, "3", "0.5")];
  assertEquals(lines(mixed, "a"), [
    ["a", "seeds", "train loss", "± sd", "val loss", "± sd"],
    ["2", "1", "2.0000"],
    ["1", "1", "2.5000", "1.0000"],
    ["3", "1", "3.0000", "0.5000"],
  ]);
  const none = [row({ a: "1" }, 1, "2.5"), row({ a: "2" }, 1, "2")];
  assertEquals(lines(none, "a"), [["a", "seeds", "train loss", "± sd"], ["2", "1", "2.0000"], ["1", "1", "2.5000"]]);
  assertEquals(lines(none), [["seeds", "train loss", "± sd"], ["2", "2.2500", "0.3536"]]);
});

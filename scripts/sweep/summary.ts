/**
 * What a sweep has found: means over the seeds, as a table.
 *
 * @module
 */

import { fittingTable } from "../terminal/table.ts";
import type { Row } from "./results.ts";

/** The runs of one combination of values. */
type Group = {
  readonly values: Readonly<Record<string, string>>;
  readonly trainLosses: readonly number[];
  /** As many, or none where nothing was held back. */
  readonly valLosses: readonly number[];
};

/** Mean and standard deviation of the final losses, a line for each combination of the varied flags, the best first. */
export function summaryTable(rows: readonly Row[], varied: readonly string[], columns: number = Infinity): string {
  const groups = groupsOf(rows, varied);
  // Losses on different documents cannot be compared: sort by validation loss only where every group has one.
  const byValidation = groups.every(({ valLosses }) => valLosses.length > 0);
  const meanOf = ({ trainLosses, valLosses }: Group): number =>
    meanAndDeviation(byValidation ? valLosses : trainLosses).mean;
  const lines = groups.sort((a, b) => meanOf(a) - meanOf(b)).map(({ values, trainLosses, valLosses }) => [
    ...varied.map((name) => values[name]),
    String(trainLosses.length),
    ...cellsOf(trainLosses),
    ...cellsOf(valLosses),
  ]);
  const held = groups.some(({ valLosses }) => valLosses.length > 0);
  const all = [[...varied, "seeds", "train loss", "± sd", "val loss", "± sd"], ...lines];
  // Where there is little room, without deviations, then with the loss alone that the lines are sorted by.
  const [seeds, train, trainDeviation, val, valDeviation] = [0, 1, 2, 3, 4].map((i) => varied.length + i);
  const names = [...varied.keys()];
  const choices = held
    ? [
      [...names, seeds, train, trainDeviation, val, valDeviation],
      [...names, seeds, train, val],
      [...names, byValidation ? val : train],
    ]
    : [[...names, seeds, train, trainDeviation], [...names, seeds, train], [...names, train]];
  return fittingTable(all, choices, columns, { left: [] });
}

/** The losses of each combination, over its seeds. */
function groupsOf(rows: readonly Row[], varied: readonly string[]): Group[] {
  const groups = Map.groupBy(rows, ({ values }) => JSON.stringify(varied.map((name) => values[name])));
  return [...groups.values()].map((group) => ({
    values: group[0].values,
    trainLosses: group.map(({ result }) => Number(result.trainLoss)),
    valLosses: group.filter(({ result }) => result.valLoss !== "").map(({ result }) => Number(result.valLoss)),
  }));
}

/** Mean and standard deviation as cells, empty where there is none. */
function cellsOf(losses: readonly number[]): [mean: string, deviation: string] {
  if (losses.length === 0) return ["", ""];
  const { mean, deviation } = meanAndDeviation(losses);
  return [mean.toFixed(4), deviation?.toFixed(4) ?? ""];
}

/** Mean, and standard deviation of the sample (undefined for one value). */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation?: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  if (values.length < 2) return { mean };
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

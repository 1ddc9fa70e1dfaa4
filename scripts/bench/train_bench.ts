/**
 * `deno task bench`: one training step (forward, backward, Adam) at the reference's shape, batch 1.
 *
 * Each engine takes the same step over and over, on a name of 6 letters: 7 positions, the mean of the data set.
 *
 * @module
 */

import { type Engine, engine, initTraining, names, trainStep } from "../../mod.ts";
import { textbookEngine } from "./textbook.ts";

const initial = initTraining(names);
const typical = { ...initial, t: initial.documents.findIndex((name) => name.length === 6) };

const stepWith = (engine: Engine) => (): void => void trainStep(typical, { engine });

Deno.bench({
  name: "textbook, one object a number",
  group: "training step",
  baseline: true,
  warmup: 20,
  n: 200,
  fn: stepWith(textbookEngine()),
});
Deno.bench({
  name: "scalar graph in typed arrays",
  group: "training step",
  warmup: 1000,
  n: 5000,
  fn: stepWith(engine("scalar")),
});

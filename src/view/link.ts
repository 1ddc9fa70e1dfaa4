/**
 * A run in a line of text, as the part of an address after the `#`: who opens it gets the same run.
 *
 * @module
 */

import { ENGINE_NAMES, type EngineName } from "../engines/engines.ts";
import { DEFAULT_SHAPE, type ModelShape, SHAPE_RANGES } from "../model/config.ts";
import { checkRange } from "../range.ts";
import {
  DEFAULT_HYPERPARAMETERS,
  HYPERPARAMETER_RANGES,
  type Hyperparameters,
  hyperparameters,
} from "../train/hyperparameters.ts";

/** What a link says of a run. */
export type LinkedRun = {
  /** The model's shape. */
  readonly shape: ModelShape;
  /** The run's settings. */
  readonly settings: Hyperparameters;
  /** What computes it. */
  readonly engine: EngineName;
  /** The data: the name of a set that comes with the page, or the SHA-256 of another. */
  readonly data: string;
  /** The loss of the last step, where the run has taken it. */
  readonly loss?: number;
};

/** What a link leaves out. */
const USUAL = { ...DEFAULT_SHAPE, ...DEFAULT_HYPERPARAMETERS };
const RANGES = { ...SHAPE_RANGES, ...HYPERPARAMETER_RANGES };

/** What a setting is called in a link: as on the command line. */
const keyOf = (setting: string): string => setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * A run as text: whatever differs from the defaults.
 *
 * @param run The run.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEFAULT_SHAPE, hyperparameters } from "@microgpt/microgpt";
 * import { formatLink } from "@microgpt/microgpt/view";
 *
 * const settings = hyperparameters({ learningRate: 0.02 });
 * const text = formatLink({ shape: DEFAULT_SHAPE, settings, engine: "array", data: "names", loss: 2.5 });
 * assertEquals(text, "data=names&learning-rate=0.02&loss=2.5");
 * ```
 */
export function formatLink({ shape, settings, engine, data, loss }: LinkedRun): string {
  const all: Record<string, unknown> = { ...settings, ...shape };
  const parts = new URLSearchParams({ data });
  if (engine !== "array") parts.set("engine", engine);
  for (const [name, usual] of Object.entries(USUAL)) if (all[name] !== usual) parts.set(keyOf(name), String(all[name]));
  if (loss !== undefined) parts.set("loss", String(loss));
  return parts.toString();
}

/**
 * The run that a text stands for.
 *
 * @param text What {@linkcode formatLink} has written, or anything.
 * @throws {RangeError} If something in it is not known or not allowed; the message names it.
 */
export function parseLink(text: string): LinkedRun {
  const parts = new URLSearchParams(text);
  const found: Record<string, unknown> = {};
  const names = new Map(Object.keys(USUAL).map((name) => [keyOf(name), name]));
  let [engine, data, loss]: [EngineName, string, number | undefined] = ["array", "names", undefined];
  for (const [key, value] of parts) {
    const name = names.get(key);
    if (key === "data") data = value;
    else if (key === "engine") engine = engineNamed(value);
    else if (key === "loss") loss = checkRange("loss", numberIn(value), { from: 0 }, value);
    else if (name === undefined) throw new RangeError(`the link's ${JSON.stringify(key)} is not a setting`);
    else found[name] = name in RANGES ? checked(name as keyof typeof RANGES, value) : value;
  }
  const settings = hyperparameters(found);
  const shape = Object.fromEntries(
    Object.entries(DEFAULT_SHAPE).map(([name, usual]) => [name, found[name] ?? usual]),
  ) as ModelShape;
  return { shape, settings, engine, data, ...(loss !== undefined && { loss }) };
}

/** Digits are a number; nothing, or spaces, are not. */
const numberIn = (text: string): number => text.trim() === "" ? NaN : Number(text);

function checked(name: keyof typeof RANGES, text: string): number {
  return checkRange(name, numberIn(text), RANGES[name], text);
}

function engineNamed(text: string): EngineName {
  const found = ENGINE_NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new RangeError(`engine ${JSON.stringify(text)} does not exist: it must be one of ${ENGINE_NAMES.join(", ")}`);
}

/**
 * The log of a run: one JSON object a line.
 *
 * @module
 */

import type { EngineSetting } from "./checkpoint.ts";
import type { ModelConfig } from "../model/config.ts";
import type { Mark } from "../sample/novelty.ts";
import type { Baselines, Evaluation } from "../train/evaluate.ts";
import type { Hyperparameters } from "../train/hyperparameters.ts";
import { checkRange } from "../range.ts";
import { parseJson } from "./json.ts";

/** The first line: what is run. Where another engine goes on with the run it comes again. */
export type LogHeader = {
  /** Which kind of line it is. */
  readonly type: "header";
  /** The model's shape. */
  readonly config: ModelConfig;
  /** What the run is set by. */
  readonly hyperparameters: Hyperparameters;
  /** What the data is known by, such as the SHA-256 of its file; null if unknown. */
  readonly dataHash: string | null;
  /** What computes it. */
  readonly engine: EngineSetting;
  /** Versions by name: of this format (`log`), and of what runs it. */
  readonly versions: Readonly<Record<string, string>>;
};

/** One step. */
export type LogStep = {
  /** Which kind of line it is. */
  readonly type: "step";
  /** Number of the step, from 1. */
  readonly t: number;
  /** Loss of its documents before the update, in nats. */
  readonly loss: number;
  /** Learning rate of the update. */
  readonly learningRate: number;
  /** Norm of the gradient, before clipping. */
  readonly gradNorm: number;
  /** Tokens trained on a second, since the step before. */
  readonly tokensPerSecond: number;
  /** When it ended: milliseconds since 1970. */
  readonly time: number;
};

/** An evaluation. */
export type LogEvaluation = {
  /** Which kind of line it is. */
  readonly type: "evaluation";
  /** Number of steps taken. */
  readonly t: number;
  /** On documents that are trained on. */
  readonly training: Evaluation;
  /** On documents that are held back, if there are any. */
  readonly validation?: Evaluation;
  /** Whether the validation loss is lower than ever before. */
  readonly improved: boolean;
};

/** What the model does at a step: samples, and where attention looks in the first of the documents. */
export type LogSnapshot = {
  /** Which kind of line it is. */
  readonly type: "snapshot";
  /** Number of steps taken. */
  readonly t: number;
  /** Some samples, always from the same random stream. */
  readonly samples: readonly string[];
  /** The text that attention looks at: always the same. */
  readonly text: string;
  /** Attention weights `[position][layer][head][position]`. */
  readonly attention: readonly (readonly (readonly (readonly number[])[])[])[];
  /** Whether each sample is new; older logs do not say. */
  readonly marks?: readonly Mark[];
  /** How each tensor's numbers are spread, and those that the last step has added to them; older logs do not say. */
  readonly histograms?: readonly TensorHistograms[];
};

/** How many numbers lie in each of equally wide ranges. */
export type Histogram = {
  /** Where the first range begins. */
  readonly from: number;
  /** Where the last one ends. */
  readonly to: number;
  /** How many numbers each has. */
  readonly counts: readonly number[];
};

/** The numbers of a tensor in the course of training. */
export type TensorHistograms = {
  /** The tensor. */
  readonly name: string;
  /** Its parameters. */
  readonly parameters: Histogram;
  /** What the last step has added to them. */
  readonly updates: Histogram;
};

/** The last line of a run that came to its end. */
export type LogEnd = {
  /** Which kind of line it is. */
  readonly type: "end";
  /** Number of steps taken. */
  readonly t: number;
  /** Why it ended: all steps were taken, or patience ended. */
  readonly reason: "all steps" | "early stop";
  /** The last evaluation on documents that are trained on. */
  readonly training: Evaluation;
  /** The same on documents that are held back, if there are any. */
  readonly validation?: Evaluation;
  /** What models achieve that only count, on the same documents; older logs do not say. */
  readonly baselines?: Baselines;
  /** When: milliseconds since 1970. */
  readonly time: number;
};

/** A line of a run's log. */
export type LogEntry = LogHeader | LogStep | LogEvaluation | LogSnapshot | LogEnd;

/** What a step or an evaluation is judged by. */
const FIGURES: readonly string[] = ["loss", "gradNorm", "bitsPerCharacter", "perplexity"];
const TYPES: readonly LogEntry["type"][] = ["header", "step", "evaluation", "snapshot", "end"];

/**
 * An entry as a line, with its line end.
 *
 * @param entry The entry.
 * @throws {RangeError} If a number in it is not finite: JSON has none of these.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRunLog } from "@microgpt/microgpt";
 * import { formatLogEntry } from "@microgpt/microgpt/formats";
 *
 * const step = { type: "step", t: 1, loss: 3.4, learningRate: 0.01, gradNorm: 2, tokensPerSecond: 9e4, time: 0 } as const;
 * assertEquals(parseRunLog(formatLogEntry(step)), [step]);
 * ```
 */
export function formatLogEntry(entry: LogEntry): string {
  const checked = (name: string, value: unknown): unknown =>
    typeof value === "number" ? checkRange(name, value, {}) : value;
  return `${JSON.stringify(entry, checked)}\n`;
}

/**
 * The entries of a log. A last line without its line end was left by a run that was killed, and is dropped.
 *
 * @param text The whole log.
 * @throws {SyntaxError} If a line is not an entry, or a figure in it is no number; the message names its number.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseRunLog } from "@microgpt/microgpt";
 *
 * assertThrows(() => parseRunLog('{"type":"step","t":1}\nanna\n'), SyntaxError, "line 2 is not a log entry");
 * ```
 */
export function parseRunLog(text: string): LogEntry[] {
  return text.split("\n").slice(0, -1).map((line, i) => {
    const entry = entryOf(line);
    if (entry === undefined) {
      throw new SyntaxError(`line ${i + 1} is not a log entry: ${JSON.stringify(line.slice(0, 40))}`);
    }
    const wrong = figuresOf(entry).find(([, value]) => typeof value !== "number");
    if (wrong === undefined) return entry;
    throw new SyntaxError(`line ${i + 1} has ${wrong[0]} ${JSON.stringify(wrong[1])}: it must be a number`);
  });
}

function entryOf(line: string): LogEntry | undefined {
  try {
    const entry = parseJson(line) as LogEntry;
    return TYPES.includes(entry.type) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** The figures of a step, and those of each part of an evaluation; what is missing is left out. */
function figuresOf(entry: LogEntry): [name: string, value: unknown][] {
  if (entry.type === "header" || entry.type === "snapshot") return [];
  const parts = entry.type === "step" ? [entry] : [entry.training ?? {}, entry.validation ?? {}];
  return parts.flatMap((part) => Object.entries(part)).filter(([name]) => FIGURES.includes(name));
}

/**
 * The entries of a log up to step `t`: a run that is resumed from there goes on after them.
 *
 * @param entries A log's entries.
 * @param t Number of steps taken.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRunLog } from "@microgpt/microgpt";
 * import { logUntil } from "@microgpt/microgpt/formats";
 *
 * const entries = parseRunLog('{"type":"step","t":1}\n{"type":"step","t":2}\n');
 * assertEquals(logUntil(entries, 1).length, 1);
 * ```
 */
export function logUntil(entries: readonly LogEntry[], t: number): LogEntry[] {
  return entries.filter((entry) => entry.type === "header" || entry.type !== "end" && entry.t <= t);
}

/**
 * Whether two logs are of the same run: of one shape, from the same initial parameters and stream. What a resumed run may
 * change does not count.
 *
 * @param a The header of a log.
 * @param b The header of another.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { hyperparameters, type LogHeader, modelConfig } from "@microgpt/microgpt";
 * import { isSameRun } from "@microgpt/microgpt/formats";
 *
 * const header = (seed: number, steps: number): LogHeader => ({
 *   type: "header",
 *   config: modelConfig(27),
 *   hyperparameters: hyperparameters({ seed, steps }),
 *   dataHash: null,
 *   engine: { name: "array", threads: 1 },
 *   versions: { log: "1" },
 * });
 * assert(isSameRun(header(42, 1000), header(42, 2000)));
 * assert(!isSameRun(header(42, 1000), header(43, 1000)));
 * ```
 */
export function isSameRun(a: LogHeader, b: LogHeader): boolean {
  const key = ({ config, hyperparameters: { seed, initStd } }: LogHeader): string =>
    JSON.stringify([...Object.entries(config).sort(), seed, initStd]);
  return key(a) === key(b);
}

/**
 * The first step that is missing from a log of a run after `t` steps: between the log's first step and `t` there must be no
 * gap. (It may begin late: a run can be logged from where it is resumed.)
 *
 * @param entries A log's entries.
 * @param t Number of steps taken.
 * @returns Undefined if none is missing.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRunLog } from "@microgpt/microgpt";
 * import { firstMissing } from "@microgpt/microgpt/formats";
 *
 * const entries = parseRunLog('{"type":"step","t":1}\n{"type":"step","t":3}\n');
 * assertEquals(firstMissing(entries, 3), 2);
 * assertEquals(firstMissing(entries.slice(1), 3), undefined);
 * ```
 */
export function firstMissing(entries: readonly LogEntry[], t: number): number | undefined {
  let next: number | undefined;
  for (const entry of entries) {
    if (entry.type !== "step") continue;
    if (next !== undefined && entry.t !== next) return next;
    next = entry.t + 1;
  }
  return t === 0 || next === t + 1 ? undefined : next ?? t;
}

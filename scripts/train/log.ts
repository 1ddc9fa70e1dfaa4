/**
 * The log of a run as a file: it begins with what runs, grows with every step, and goes on where a resumed run does.
 *
 * @module
 */

import {
  formatLogEntry,
  type Hyperparameters,
  type LogEnd,
  type LogEntry,
  type LogHeader,
  type LogStep,
  parseRunLog,
  type TrainingState,
  type TrainingStep,
} from "../../mod.ts";
import { firstMissing, isSameRun, logUntil } from "../../src/formats/mod.ts";
import { isExhausted } from "../../src/train/mod.ts";
import { checkRegular } from "../files/paths.ts";
import { readPieces } from "../files/pieces.ts";
import { reason } from "../files/reason.ts";
import { writeAll, writeWhole } from "../files/write.ts";
import type { Observer } from "./observer.ts";
import { computesAlike, type Run } from "./run.ts";
import { tell } from "../cli/printable.ts";

/** Takes the entries of a run's log. */
export type RunLog = {
  readonly write: (entry: LogEntry) => void;
  /** Puts all entries so far into the file. */
  readonly flush: () => void;
  /** Why the log ends too early, if it does. A run does not fail with its log: the model is what counts. */
  readonly failure: () => string | undefined;
};

/** Entries wait until there are this many characters of them: a step takes microseconds, a write more. */
const FLUSH_CHARACTERS = 2 ** 16;

const failure = (path: string, error: unknown): Error => new Error(`log ${path} cannot be written: ${reason(error)}`);

/**
 * Begins a log, or continues one. What a run had logged past the checkpoint that it is resumed from is dropped, since those
 * steps are taken again.
 *
 * @throws {Error} If there is a file that is not a log, or is that of another run, or it cannot be written.
 */
export function openRunLog(path: string, run: Run, resumed: boolean): RunLog {
  const header: LogHeader = {
    type: "header",
    config: run.state.config,
    hyperparameters: run.settings,
    dataHash: run.state.dataHash,
    engine: run.engine,
    versions: { log: "1", deno: Deno.version.deno, v8: Deno.version.v8 },
  };
  const old = readLog(path, resumed);
  const begun = beginningOf(old, header, run.state.t, path);
  writeWhole(path, new TextEncoder().encode(begun.map(formatLogEntry).join("")), "log");
  const file = Deno.openSync(path, { append: true });

  let waiting = "";
  let failed: string | undefined;
  const flush = (): void => {
    if (waiting === "" || failed !== undefined) return;
    try {
      writeAll(file, new TextEncoder().encode(waiting));
    } catch (error) {
      failed = failure(path, error).message;
      tell(`note: ${failed}; the run goes on without it`);
    }
    waiting = "";
  };
  return {
    write: (entry) => {
      waiting += formatLogEntry(entry);
      if (waiting.length > FLUSH_CHARACTERS) flush();
    },
    flush,
    failure: () => failed,
  };
}

/** A longer text is no text to V8. */
const MAX_LOG_BYTES = 500_000_000;
/** The first line of a log is shorter. */
const HEADER_BYTES = 2 ** 16;

/** The entries of a log that a run goes on with, if there is one. Of one that it replaces only the first line is read. */
function readLog(path: string, resumed: boolean): LogEntry[] {
  let text: string;
  try {
    checkRegular(path);
    text = resumed ? wholeText(path) : firstLine(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw failure(path, error);
  }
  const entries = entriesIn(text, path);
  return resumed ? entries : [];
}

function wholeText(path: string): string {
  const { size } = Deno.statSync(path);
  if (size <= MAX_LOG_BYTES) return Deno.readTextFileSync(path);
  const [megabytes, most] = [size, MAX_LOG_BYTES].map((bytes) => Math.round(bytes / 1e6));
  throw new Error(`it has ${megabytes} MB, and a run can go on with ${most} MB at most: name a new one`);
}

function firstLine(path: string): string {
  using file = Deno.openSync(path);
  const [start = new Uint8Array()] = readPieces(file, HEADER_BYTES);
  const end = start.indexOf(0x0a) + 1;
  return new TextDecoder().decode(end > 0 ? start.subarray(0, end) : start);
}

/** The entries of a file that is a log, or empty. */
export function entriesIn(text: string, path: string): LogEntry[] {
  try {
    const entries = parseRunLog(text);
    if (text === "" || entries[0]?.type === "header") return entries;
  } catch {
    // It says so below.
  }
  throw new Error(
    `log ${path} cannot be written: there is a file that is not the log of a run; move it or name another`,
  );
}

/**
 * What stands in a log before a run takes its next step: what it had logged up to step `t`, or else its header alone. Where
 * another engine goes on there is another header.
 *
 * @param old The log that the run continues; empty if there is none.
 * @throws {Error} If it is that of another run, or has a gap.
 */
export function beginningOf(old: readonly LogEntry[], header: LogHeader, t: number, path: string): LogEntry[] {
  const kept = logUntil(old, t);
  checkFits(kept, header, t, path);
  const last = kept.findLast((entry): entry is LogHeader => entry.type === "header");
  if (last === undefined) return [header, ...kept];
  return computesAlike(last.engine, header.engine) ? kept : [...kept, header];
}

/** Refuses a log that a run cannot continue after `t` steps. */
function checkFits(kept: readonly LogEntry[], header: LogHeader, t: number, path: string): void {
  const [begin] = kept;
  if (begin === undefined) return;
  if (begin.type === "header" && !isSameRun(begin, header)) {
    throw new Error(
      `log ${path} belongs to another run, with another shape or seed: name this run's log, or a new one`,
    );
  }
  const missing = firstMissing(kept, t);
  if (missing !== undefined) {
    throw new Error(`log ${path} has no step ${missing}: it is not this run's, or was cut short; name a new one`);
  }
}

/**
 * Logs every step and every evaluation.
 *
 * @param now A clock, in milliseconds.
 */
export function logging(log: RunLog, now: () => number = () => performance.now()): Observer {
  const sinceLast = stopwatch(now);
  return {
    step: (step) => {
      log.write(logStep(step, sinceLast()));
      if (step.evaluation) log.write({ type: "evaluation", t: step.t, ...step.evaluation });
    },
    end: log.flush,
  };
}

/** A step as the log has it, given the seconds since the one before. */
function logStep({ t, loss, learningRate, gradNorm, tokens }: TrainingStep, seconds: number): LogStep {
  return {
    type: "step",
    t,
    loss,
    learningRate,
    gradNorm,
    tokensPerSecond: Math.round(tokens / seconds),
    time: Date.now(),
  };
}

/** Gives the seconds since it was last asked; never 0, which a coarse clock may say. */
function stopwatch(now: () => number): () => number {
  let last = now();
  return () => {
    const time = now();
    const seconds = Math.max(time - last, 0.001) / 1000;
    last = time;
    return seconds;
  };
}

/** The last entry of a run that came to its end. */
export function endEntry(
  { t, selection }: TrainingState,
  { patience }: Hyperparameters,
  final: Pick<LogEnd, "training" | "validation" | "baselines">,
): LogEnd {
  const reason = isExhausted(selection, patience) ? "early stop" : "all steps";
  return { type: "end", t, reason, ...final, time: Date.now() };
}

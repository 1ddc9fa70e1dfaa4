/**
 * The log of a run as a file: it begins with what runs, grows with every step, and goes on where a resumed run does.
 *
 * @module
 */

import {
  explainText,
  formatLogEntry,
  type LogEntry,
  type LogHeader,
  type LogSnapshot,
  logUntil,
  parseRunLog,
  sampleText,
  seedRandom,
  textOf,
  type TrainingState,
} from "../../mod.ts";
import { catchSizeLimit, reason, writeBytes } from "../files/checkpoints.ts";
import type { Run } from "./run.ts";

/** Takes the entries of a run's log. */
export type RunLog = {
  readonly write: (entry: LogEntry) => void;
  /** Puts all entries so far into the file. */
  readonly flush: () => void;
  /** Why the log ends too early, if it does. A run does not fail with its log: the model is what counts. */
  readonly failure: () => string | undefined;
};

/** Entries are put into the file when so much has come together: a step takes microseconds, a write more. */
const FLUSH_CHARACTERS = 2 ** 16;

const failure = (path: string, error: unknown): Error => new Error(`log ${path} cannot be written: ${reason(error)}`);

/**
 * Begins a log, or goes on with one. What a run had logged past the checkpoint that it is resumed from is dropped, since
 * those steps come again.
 *
 * @throws {Error} If there is a file that is no log, or that of another run, or it cannot be written.
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
  const old = readLog(path);
  const kept = resumed ? logUntil(old, run.state.t) : [];
  const [begin] = kept;
  if (begin?.type === "header" && !isSameRun(begin, header)) {
    throw new Error(
      `log ${path} is of another run, with another shape or seed: name the one of this run, or a new one`,
    );
  }
  const missing = firstMissing(kept, run.state.t);
  if (begin !== undefined && missing !== undefined) {
    throw new Error(`log ${path} has no step ${missing}: it is not this run's, or was cut; name a new one`);
  }
  const begun = kept.some(({ type }) => type === "header") ? kept : [header, ...kept];
  writeBytes(path, new TextEncoder().encode(begun.map(formatLogEntry).join("")), "log");
  const file = Deno.openSync(path, { append: true });
  file.tryLockSync(true); // says that it is in use

  let waiting = "";
  let failed: string | undefined;
  const flush = (): void => {
    if (waiting === "" || failed !== undefined) return;
    catchSizeLimit();
    try {
      const bytes = new TextEncoder().encode(waiting);
      for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
    } catch (error) {
      failed = failure(path, error).message;
      console.error(`note: ${failed}; the run goes on without it`);
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

/** The first step that a log up to step `t` lacks after those it begins with; none if it goes on without a gap to `t`. */
function firstMissing(entries: readonly LogEntry[], t: number): number | undefined {
  let next: number | undefined;
  for (const entry of entries) {
    if (entry.type !== "step") continue;
    if (next !== undefined && entry.t !== next) return next;
    next = entry.t + 1;
  }
  return t === 0 || next === t + 1 ? undefined : next ?? t;
}

function isSameRun(a: LogHeader, b: LogHeader): boolean {
  const key = ({ config, hyperparameters: { seed, initStd } }: LogHeader): string =>
    JSON.stringify([...Object.entries(config).sort(), seed, initStd]);
  return key(a) === key(b);
}

/** The entries of a log, if there is one. */
function readLog(path: string): LogEntry[] {
  let text: string;
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    // A pipe may have no end.
    if (!isFile) throw new Error(isDirectory ? "it is a folder" : "it is not a regular file");
    using file = Deno.openSync(path);
    if (!file.tryLockSync(false)) throw new Error("another run is writing it");
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw failure(path, error);
  }
  try {
    const entries = parseRunLog(text);
    if (text === "" || entries[0]?.type === "header") return entries;
  } catch {
    // It says so below.
  }
  throw new Error(`log ${path} cannot be written: there is a file that is no log of a run; move it or name another`);
}

/** How many samples a snapshot has. */
const SNAPSHOT_SAMPLES = 5;

/** What the model does now: the same streams and the same text at each snapshot, so that they can be compared. */
export function snapshot(state: TrainingState, { settings }: Run): LogSnapshot {
  const [document] = state.validation.length > 0 ? state.validation : state.documents;
  const text = textOf(document);
  const samples = Array.from(
    { length: SNAPSHOT_SAMPLES },
    (_, i) => sampleText(state, seedRandom(settings.seed, i), { temperature: settings.temperature })[0],
  );
  return {
    type: "snapshot",
    t: state.t,
    samples,
    text,
    attention: explainText(state, text).map(({ attention }) => attention),
  };
}

/**
 * A run's log as a report shows it: short enough for one file, however long the run was.
 *
 * @module
 */

import type { EngineSetting } from "../formats/checkpoint.ts";
import type { LogEnd, LogEntry, LogEvaluation, LogHeader, LogSnapshot, LogStep } from "../formats/run_log.ts";
import { type Bucket, buckets, type Curve, smoothCurve, SPAN } from "./curve.ts";

/** Stretches of a curve, column by column. */
export type BucketColumns = Readonly<Record<keyof Bucket, readonly number[]>>;

/** A snapshot with its attention in bytes, as base64: 255 for 1, for each position its layers' heads' weights. */
export type ReportSnapshot = Omit<LogSnapshot, "type" | "attention"> & {
  readonly attention: string;
};

/** What a report says of a run. */
export type RunReport = {
  readonly name: string;
  readonly config: LogHeader["config"];
  readonly settings: LogHeader["hyperparameters"];
  readonly dataHash: string | null;
  readonly engine: EngineSetting;
  /** The last step in the log. */
  readonly t: number;
  /** The number of steps in the log; if there are fewer stretches, these stand for several steps each. */
  readonly steps: number;
  readonly loss: BucketColumns;
  readonly smoothed: BucketColumns;
  readonly gradNorm: BucketColumns;
  readonly evaluations: readonly Omit<LogEvaluation, "type" | "improved">[];
  readonly snapshots: readonly ReportSnapshot[];
  /** The number of snapshots in the log. */
  readonly allSnapshots: number;
  readonly end?: LogEnd;
};

/** The most stretches of a curve, evaluations, snapshots, and bytes of attention. */
const MOST = { buckets: 1200, evaluations: 1000, snapshots: 60, attention: 1_000_000 };
/** Digits of a number that count. */
const DIGITS = 6;

/**
 * The report of a run.
 *
 * @param entries Its log.
 * @param name What to call it.
 * @throws {RangeError} If the log has no header or no step.
 */
export function reportOf(entries: readonly LogEntry[], name: string): RunReport {
  const header = entries.findLast((entry): entry is LogHeader => entry.type === "header");
  if (header === undefined) throw new RangeError(`${name} has no header: it must be the log of a run`);
  const steps = entries.filter((entry): entry is LogStep => entry.type === "step");
  if (steps.length === 0) throw new RangeError(`${name} has no step: there is nothing to report`);
  const x = steps.map(({ t }) => t);
  const loss = steps.map(({ loss }) => loss);
  const columns = (y: readonly number[]): BucketColumns => columnsOf({ x, y });
  const evaluations = entries.filter((entry): entry is LogEvaluation => entry.type === "evaluation");
  const snapshots = entries.filter((entry): entry is LogSnapshot => entry.type === "snapshot");
  const end = entries.findLast((entry): entry is LogEnd => entry.type === "end");
  const { config, hyperparameters: settings, dataHash, engine } = header;
  return {
    ...{ name, config, settings, dataHash, engine },
    t: steps[steps.length - 1].t,
    steps: steps.length,
    loss: columns(loss),
    smoothed: columns(smoothCurve(loss, SPAN)),
    gradNorm: columns(steps.map(({ gradNorm }) => gradNorm)),
    evaluations: spread(evaluations, MOST.evaluations).map(({ t, training, validation }) => ({
      ...{ t, training },
      ...(validation && { validation }),
    })),
    snapshots: reportedSnapshots(snapshots),
    allSnapshots: snapshots.length,
    ...(end && { end }),
  };
}

function columnsOf(curve: Curve): BucketColumns {
  const all = buckets(curve, MOST.buckets);
  const column = (name: keyof Bucket): number[] => all.map((bucket) => Number(bucket[name].toPrecision(DIGITS)));
  return {
    from: all.map(({ from }) => from),
    to: all.map(({ to }) => to),
    ...{ min: column("min"), mean: column("mean"), max: column("max") },
  };
}

/**
 * At most so many of some values, evenly spread, the first and the last among them.
 *
 * @param values Any values.
 * @param most From 2.
 */
export function spread<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.round(i * (values.length - 1) / (most - 1))]);
}

/** As many snapshots as there is room for. */
function reportedSnapshots(all: readonly LogSnapshot[]): ReportSnapshot[] {
  if (all.length === 0) return [];
  const bytes = Math.max(1, all[0].attention.flat(3).length);
  const most = Math.max(2, Math.min(MOST.snapshots, Math.floor(MOST.attention / bytes)));
  return spread(all, most).map(({ type: _, attention, ...snapshot }) => ({
    ...snapshot,
    attention: base64Of(attention.flat(3).map((weight) => Math.round(255 * weight))),
  }));
}

/** Bytes as base64, as every JavaScript can. */
function base64Of(bytes: readonly number[]): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * The attention of a report's snapshot: `[position][layer][head][position]`, to within 1/510.
 *
 * @param snapshot The snapshot.
 * @param shape The number of layers and heads.
 */
export function attentionIn(
  { attention }: ReportSnapshot,
  { nLayer, nHead }: { readonly nLayer: number; readonly nHead: number },
): number[][][][] {
  const bytes = Uint8Array.from(atob(attention), (character) => character.charCodeAt(0));
  const positions: number[][][][] = [];
  for (let at = 0; at < bytes.length;) {
    const width = positions.length + 1;
    positions.push(
      Array.from({ length: nLayer }, () =>
        Array.from({ length: nHead }, () => {
          const weights = Array.from(bytes.subarray(at, at + width), (byte) => byte / 255);
          at += width;
          return weights;
        })),
    );
  }
  return positions;
}

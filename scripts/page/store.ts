/**
 * What the page knows: its runs, which of them is shown, and the one selection that all parts share.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals";
import type { Baselines, Hyperparameters, LogSnapshot, ModelShape } from "../../mod.ts";
import {
  type History,
  indexAt,
  type LinkedRun,
  NOTHING_SMOOTHED,
  smoothed,
  type Smoothing,
  SPAN,
} from "../../src/view/mod.ts";
import { RUN_COLORS } from "./colors.ts";
import type { About, FromReplayer, FromTrainer, RunSpec } from "./messages.ts";

/** What a run is doing. */
export type Status = "beginning" | "running" | "paused" | "ended" | "failed";

/** The numbers of a run, which grow; whoever draws them listens to `version`. */
export type Numbers = {
  readonly t: number[];
  readonly loss: number[];
  readonly smoothed: number[];
  readonly gradNorm: number[];
  readonly validation: { readonly t: number[]; readonly loss: number[] };
  smoothing: Smoothing;
};

/** A run of the page. */
export type Run = {
  readonly id: number;
  readonly name: Signal<string>;
  /** Which of the colors for runs it has. */
  readonly color: number;
  readonly spec: RunSpec;
  readonly status: Signal<Status>;
  readonly message: Signal<string>;
  /** The model, once it is there. */
  readonly about: Signal<About | undefined>;
  readonly baselines: Signal<Baselines | undefined>;
  readonly evaluations: (FromTrainer & { kind: "evaluation" })[];
  readonly numbers: Numbers;
  readonly version: Signal<number>;
  readonly speed: Signal<number>;
  readonly history: Signal<History>;
  /** What its model did at some steps. */
  readonly snapshots: Signal<readonly LogSnapshot[]>;
  /** The loss that a link said it would end with. */
  readonly promised?: number;
  /** The run and step that it went on from. */
  readonly parent?: { readonly id: number; readonly t: number };
};

/** The parts of the page. */
export const VIEWS = ["train", "travel", "generate", "compare"] as const;
export type View = typeof VIEWS[number];

export const view: Signal<View> = signal("train");
export const runs: Signal<readonly Run[]> = signal([]);
export const currentId: Signal<number> = signal(0);
/** The step under the cursor, in all charts at once. */
export const cursor: Signal<number | undefined> = signal(undefined);
/** What is looked at, for all parts: a step of the current run, one of its documents, a position in it, a parameter. */
export const selection: Signal<Selection> = signal({ step: 0, document: 0, position: 0, parameter: 0 });
export type Selection = {
  readonly step: number;
  readonly document: number;
  readonly position: number;
  /** Its number in the flat buffer. */
  readonly parameter: number;
};
/** The step that the time machine shows. */
export const seen: Signal<(FromReplayer & { kind: "seen" }) | undefined> = signal(undefined);
/** How far the time machine has come, from 0 to 1; undefined when it rests. */
export const travelling: Signal<number | undefined> = signal(undefined);
/** What went wrong, in a sentence; it is shown where people look. */
export const problem: Signal<string> = signal("");
/** What was done, for those who do not see it. */
export const notice: Signal<string> = signal("");

/** The run that is shown. */
export function current(): Run | undefined {
  return runs.value.find(({ id }) => id === currentId.value);
}

/** A run of the page by its number. */
export function runOf(id: number): Run | undefined {
  return runs.value.find((run) => run.id === id);
}

let nextId = 1;

/** A run without steps. */
export function newRun(spec: RunSpec, name: string, more: Pick<Run, "promised" | "parent"> = {}): Run {
  const id = nextId++;
  return {
    ...{ id, spec, ...more },
    name: signal(name),
    color: (id - 1) % RUN_COLORS,
    status: signal<Status>("beginning"),
    message: signal(""),
    about: signal<About | undefined>(undefined),
    baselines: signal<Baselines | undefined>(undefined),
    evaluations: [],
    numbers: {
      ...{ t: [], loss: [], smoothed: [], gradNorm: [] },
      validation: { t: [], loss: [] },
      smoothing: NOTHING_SMOOTHED,
    },
    version: signal(0),
    speed: signal(0),
    history: signal<History>([]),
    snapshots: signal<readonly LogSnapshot[]>([]),
  };
}

/** Adds steps to a run's numbers. */
export function addSteps({ numbers, version }: Run, first: number, loss: ArrayLike<number>, norm: ArrayLike<number>) {
  for (let i = 0; i < loss.length; i++) {
    numbers.t.push(first + i);
    numbers.loss.push(loss[i]);
    numbers.gradNorm.push(norm[i]);
    const [smoothing, mean] = smoothed(numbers.smoothing, loss[i], SPAN);
    numbers.smoothing = smoothing;
    numbers.smoothed.push(mean);
  }
  version.value++;
}

/** Drops a run's numbers past a step, which will be taken again. */
export function dropAfter({ numbers, version }: Run, t: number): void {
  const kept = indexAt(numbers.t, t) + 1;
  numbers.smoothing = NOTHING_SMOOTHED;
  numbers.smoothed.length = 0;
  for (const column of [numbers.t, numbers.loss, numbers.gradNorm]) column.length = kept;
  for (const loss of numbers.loss) {
    const [smoothing, mean] = smoothed(numbers.smoothing, loss, SPAN);
    numbers.smoothing = smoothing;
    numbers.smoothed.push(mean);
  }
  const { validation } = numbers;
  validation.t.length = validation.loss.length = indexAt(validation.t, t) + 1;
  version.value++;
}

/** The last step that a run has taken. */
export function lastStep({ numbers, spec }: Run): number {
  return numbers.t.at(-1) ?? spec.beginning?.t ?? 0;
}

/** The first step that can be gone back to. */
export function firstStep({ spec }: Run): number {
  return spec.beginning?.t ?? 0;
}

/** A run as a link says it. */
export function linkOf({ spec, numbers, status }: Run, dataName: string): LinkedRun {
  const { shape, settings, engine } = spec;
  const loss = status.value === "ended" ? numbers.loss.at(-1) : undefined;
  return { shape, settings, engine, data: dataName, ...(loss !== undefined && { loss }) };
}

/** All settings of a run under one roof. */
export function settingsOf({ spec }: Pick<Run, "spec">): Hyperparameters & ModelShape {
  return { ...spec.settings, ...spec.shape };
}

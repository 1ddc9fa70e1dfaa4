/**
 * A run of the page, in whichever worker: the very state that the library would train.
 *
 * @module
 */

import {
  type Engine,
  engine,
  initTraining,
  type LogSnapshot,
  parseDocuments,
  resumeTraining,
  type TrainingState,
} from "../../mod.ts";
import { trainedTexts } from "../../src/corpus/mod.ts";
import { type Known, knownTexts } from "../../src/sample/mod.ts";
import { snapshotOf } from "../../src/view/mod.ts";
import type { RunSpec } from "./messages.ts";

/** The state that a run begins with. */
export function stateOf({ data, shape, settings, beginning }: RunSpec): TrainingState {
  const documents = parseDocuments(data.text, settings.documentKind);
  const dataHash = data.hash ?? undefined;
  if (beginning === undefined) return initTraining(documents, { ...shape, ...settings, dataHash });
  const saved = { ...beginning, dataHash: data.hash, hyperparameters: settings };
  return resumeTraining(saved, documents, { dataHash });
}

/** What computes a run. The page's policy keeps simd's own threads away, so there is one. */
export function engineOf({ engine: name }: RunSpec): Engine {
  return engine(name);
}

/** What runs were trained on, to mark samples by. */
const known: WeakMap<RunSpec, Known> = new WeakMap();

/** What the model of a state does, always by the same streams. */
export function snapshotIn(state: TrainingState, spec: RunSpec): LogSnapshot {
  const { settings, data: { text } } = spec;
  let isKnown = known.get(spec);
  if (isKnown === undefined) {
    const { documentKind: kind } = settings;
    const { blockSize } = state.config;
    isKnown = knownTexts(trainedTexts(parseDocuments(text, kind), { ...settings, blockSize }), kind);
    known.set(spec, isKnown);
  }
  return snapshotOf(state, settings, isKnown);
}

/**
 * A run of the page, in whichever worker: the very state that the library would train.
 *
 * @module
 */

import { type Engine, engine, initTraining, parseDocuments, resumeTraining, type TrainingState } from "../../mod.ts";
import { type MarkedSample, markedSamples } from "../../src/view/mod.ts";
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

/** How many samples are shown at a time. */
const SAMPLES = 5;

/** What the model of a state says, always by the same streams. */
export function samplesOf(state: TrainingState, { data, settings }: RunSpec): MarkedSample[] {
  const { documentKind: kind, seed, temperature } = settings;
  const documents = parseDocuments(data.text, kind);
  return markedSamples(state, { documents, kind }, { seed, samples: SAMPLES, temperature });
}

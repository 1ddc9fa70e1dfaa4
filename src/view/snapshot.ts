/**
 * What a model does at a step, for logs and pictures.
 *
 * @module
 */

import { textOf } from "../corpus/blocks.ts";
import type { Histogram, LogSnapshot, TensorHistograms } from "../formats/run_log.ts";
import { parameterLayout } from "../model/parameters.ts";
import { lastUpdate } from "../optim/adam.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { seedRandom } from "../random/mt19937.ts";
import { explainText } from "../sample/explain.ts";
import { type Known, markerOf } from "../sample/novelty.ts";
import { sampleText } from "../sample/sample.ts";
import type { Hyperparameters } from "../train/hyperparameters.ts";
import type { TrainingState } from "../train/state.ts";

/** The number of samples in a snapshot. */
const SAMPLES = 5;
/** The number of ranges in a histogram: an odd one, so that 0 is in the middle of one. */
const RANGES = 31;

/**
 * What a model does now: with the same streams and the same text at each snapshot, so that they can be compared.
 *
 * @param state The run after a step.
 * @param settings The run's settings.
 * @param isKnown What was trained on.
 */
export function snapshotOf(state: TrainingState, settings: Hyperparameters, isKnown: Known): LogSnapshot {
  const [document] = state.validation.length > 0 ? state.validation : state.documents;
  const mark = markerOf(isKnown);
  const samples = Array.from(
    { length: SAMPLES },
    (_, i) => sampleText(state, seedRandom(settings.seed, i), { temperature: settings.temperature })[0],
  );
  return {
    type: "snapshot",
    t: state.t,
    samples,
    marks: samples.map(mark),
    text: textOf(document),
    attention: explainText(state, document).map(({ attention }) => attention),
    histograms: tensorHistograms(state, settings),
  };
}

/**
 * How the numbers of each tensor are spread, and what the last step has added to them.
 *
 * @param state The run after a step; before the first, nothing has been added.
 * @param settings The run's settings.
 */
export function tensorHistograms(state: TrainingState, settings: Hyperparameters): TensorHistograms[] {
  const { config, params, t } = state;
  const updates = t === 0
    ? new Float64Array(params.length)
    : lastUpdate(state, t, { ...settings, learningRate: learningRateAt(t - 1, settings) });
  return parameterLayout(config).map(({ name, rows, columns, offset }) => {
    const part = (values: Float64Array): Histogram =>
      histogram(values.subarray(offset, offset + rows * columns), RANGES);
    return { name, parameters: part(params), updates: part(updates) };
  });
}

/**
 * How numbers are spread over equally wide ranges around 0.
 *
 * @param values Finite numbers.
 * @param ranges How many, from 1.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { histogram } from "@microgpt/microgpt/view";
 *
 * assertEquals(histogram([-3, 0, 1, 3], 3), { from: -3, to: 3, counts: [1, 1, 2] });
 * ```
 */
export function histogram(values: ArrayLike<number>, ranges: number): Histogram {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  const counts = new Array<number>(ranges).fill(0);
  for (let i = 0; i < values.length; i++) {
    const share = most === 0 ? 0.5 : (values[i] + most) / (2 * most);
    counts[Math.min(ranges - 1, Math.floor(share * ranges))]++;
  }
  return { from: -most, to: most, counts };
}

/**
 * One parameter of a model, and what Adam keeps about it.
 *
 * @module
 */

import type { ModelConfig } from "../model/config.ts";
import { parameterLayout, type TensorSpec } from "../model/parameters.ts";
import { type AdamState, lastUpdate } from "../optim/adam.ts";
import { learningRateAt } from "../optim/schedule.ts";
import { checkRange } from "../range.ts";
import type { Hyperparameters } from "../train/hyperparameters.ts";

/** A parameter after a step. */
export type TracedParameter = {
  /** The tensor that it is in. */
  readonly tensor: TensorSpec;
  /** Its row there, from 0. */
  readonly row: number;
  /** Its column there, from 0. */
  readonly column: number;
  /** The parameter itself. */
  readonly value: number;
  /** Its first moment: a running mean of its gradients. */
  readonly m: number;
  /** Its second moment: a running mean of their squares. */
  readonly v: number;
  /** What the step has added to it; 0 before the first step. */
  readonly update: number;
};

/**
 * A parameter after a step.
 *
 * @param state The run after the step.
 * @param index Its number in the flat buffer, from 0.
 * @param options The run's shape and settings.
 * @throws {RangeError} If there is no such parameter.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hyperparameters, initTraining } from "@microgpt/microgpt";
 * import { traceParameter } from "@microgpt/microgpt/view";
 *
 * const { config, ...state } = initTraining(["anna", "bob"]);
 * const { tensor, row, column, update } = traceParameter(state, 17, { config, settings: hyperparameters() });
 * assertEquals([tensor.name, row, column, update], ["wte", 1, 1, 0]);
 * ```
 */
export function traceParameter(
  { t, params, m, v }: AdamState & { readonly t: number },
  index: number,
  { config, settings }: { readonly config: ModelConfig; readonly settings: Hyperparameters },
): TracedParameter {
  checkRange("index", index, { whole: true, from: 0, below: params.length });
  const tensor = parameterLayout(config).findLast(({ offset }) => offset <= index)!;
  const [value, mean, square] = [params, m, v].map((all) => all.subarray(index, index + 1));
  const options = { ...settings, learningRate: t === 0 ? 0 : learningRateAt(t - 1, settings) };
  return {
    tensor,
    row: Math.floor((index - tensor.offset) / tensor.columns),
    column: (index - tensor.offset) % tensor.columns,
    ...{ value: value[0], m: mean[0], v: square[0] },
    update: t === 0 ? 0 : lastUpdate({ params: value, m: mean, v: square }, t, options)[0],
  };
}

/**
 * Stops a run whose numbers are no longer numbers, and says where that began.
 *
 * @module
 */

import { textOf, type TrainingDocument } from "../corpus/blocks.ts";
import { activations } from "../engines/array/activations.ts";
import type { FloatType } from "../engines/array/rows.ts";
import type { Batch, Engine } from "../engines/engine.ts";
import type { ModelConfig } from "../model/config.ts";
import { parameterLayout } from "../model/parameters.ts";
import type { AdamState } from "./adam.ts";

/** Whether all are finite. */
export function allFinite(values: Float64Array | Float32Array): boolean {
  // 0 times a number is 0, but for infinities and NaN. Four sums do not wait for each other.
  const { length } = values;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}

/**
 * The first tensor of a flat buffer that has a number which is not finite.
 *
 * @param buffer As long as the config says, in the order of `parameterLayout`.
 * @param order `"backward"` looks in the order in which the backward pass writes gradients: from the output to the input.
 * @returns Its name, or undefined if all are finite.
 */
export function nonFiniteTensor(
  config: ModelConfig,
  buffer: Float64Array,
  order: "forward" | "backward" = "forward",
): string | undefined {
  const layout = parameterLayout(config);
  const [wte, wpe, head, ...layers] = layout;
  const specs = order === "forward" ? layout : [head, ...layers.reverse(), wpe, wte];
  return specs.find(({ rows, columns, offset }) => !allFinite(buffer.subarray(offset, offset + rows * columns)))?.name;
}

/** Refuses a state to begin with that has a number which is not finite. */
export function checkState({ config, params, m, v, t }: AdamState & { config: ModelConfig; t: number }): void {
  const checked = [["parameter", params], ["moment", m], ["moment", v]] as const;
  for (const [what, buffer] of checked) {
    if (allFinite(buffer)) continue;
    throw new RangeError(
      `a ${what} is not finite before step ${t + 1}: it first shows in ${nonFiniteTensor(config, buffer)}`,
    );
  }
}

/** A step in which a number was not finite, as far as it got. */
export type FailedStep = {
  /** Number of the step, from 1. */
  readonly t: number;
  readonly loss: number;
  readonly learningRate: number;
  /** The step's documents, as text and as tokens. */
  readonly documents: readonly TrainingDocument[];
  readonly tokens: Batch;
  readonly config: ModelConfig;
  /** Parameters and moments: before the step if the loss is not finite, else after it. */
  readonly state: AdamState;
  /** The gradient, where it is at hand. */
  readonly grads?: Float64Array;
  readonly engine: Engine;
};

/** The error of a failed step: its number, the first document and the first tensor in which it shows. */
export function failure(step: FailedStep): RangeError {
  const { t, loss, learningRate, documents, config, state, grads } = step;
  if (!Number.isFinite(loss)) {
    const { document, tensor } = whereInForward(step);
    const advice = t === 1 ? "smaller initial parameters" : `a lower learning rate than ${learningRate}`;
    return new RangeError(
      `the loss is ${loss} at step ${t}, on ${JSON.stringify(textOf(documents[document]))}: it must be finite; ` +
        `it first shows in ${tensor}; ${advice} may help`,
    );
  }
  const more = documents.length > 1 ? ` and ${documents.length - 1} more` : "";
  const where = `step ${t}, on ${JSON.stringify(textOf(documents[0]))}${more}`;
  const ofGradient = grads && nonFiniteTensor(config, grads, "backward");
  if (ofGradient !== undefined) {
    return new RangeError(
      `the gradient is not finite at ${where}: it first shows in that of ${ofGradient}; ` +
        `a lower learning rate than ${learningRate} may help`,
    );
  }
  const first = nonFiniteTensor(config, state.params);
  if (first !== undefined) {
    return new RangeError(
      `a parameter is no longer finite after ${where}: it first shows in ${first}; ` +
        `another eps or a lower learning rate than ${learningRate} may help`,
    );
  }
  const moments = (["m", "v"] as const).map((name) => [name, nonFiniteTensor(config, state[name])] as const);
  const [name, tensor] = moments.find(([, tensor]) => tensor !== undefined) ?? ["v", "all tensors together"];
  return new RangeError(
    `the square of the gradient is no longer finite after ${where}: it first shows in adam.${name} of ${tensor}; ` +
      `a lower learning rate than ${learningRate} may help`,
  );
}

/** The first document of the batch whose loss is not finite, and the first tensor of its forward pass that is not. */
function whereInForward({ engine, config, state, tokens }: FailedStep): { document: number; tensor: string } {
  const { params } = state;
  const parameter = nonFiniteTensor(config, params);
  const bad = tokens.findIndex((document) => !Number.isFinite(engine.totalLoss({ config, params }, [document])));
  const document = Math.max(0, bad);
  if (parameter !== undefined) return { document, tensor: parameter };
  const floatType: FloatType = engine.about.startsWith("float32") ? "float32" : "float64";
  const computed = activations({ config, params }, tokens[document], floatType);
  const activation = computed.find(({ rows: { data } }) => !allFinite(data));
  // Numbers that are finite to the last can still have a probability of 0, whose logarithm is not.
  return { document, tensor: activation?.name ?? "the probabilities" };
}

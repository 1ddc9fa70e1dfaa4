/**
 * Stops a run in which a number is no longer finite, and says where that began.
 *
 * @module
 */

import { textOf, type TrainingDocument } from "../corpus/blocks.ts";
import { activations } from "../engines/array/activations.ts";
import type { Batch, Engine, TrainableParameters, Trainer } from "../engines/engine.ts";
import { documentDropout, type StepDropout } from "../model/dropout.ts";
import type { ModelConfig } from "../model/config.ts";
import { parameterLayout } from "../model/parameters.ts";
import { checkRange } from "../range.ts";
import { allFinite } from "../optim/finite.ts";

/**
 * The first tensor of a flat buffer that has a number which is not finite.
 *
 * @param config The model's shape.
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

/**
 * Refuses a state to begin with in which a number is not finite.
 *
 * @param state Parameters and moments before step t + 1.
 * @throws {RangeError} If there is such a number, and then the message names the first tensor that has one; or if t is not
 * a whole number from 0.
 */
export function checkNumbers({ config, params, m, v, t }: TrainableParameters & { readonly t: number }): void {
  checkRange("t", t, { whole: true, from: 0 });
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
  /** The loss, in nats. */
  readonly loss: number;
  /** The highest learning rate of the run, as it was set. */
  readonly learningRate: number;
  /** The step's documents. */
  readonly documents: readonly TrainingDocument[];
  /** The same as tokens. */
  readonly batch: Batch;
  /** What the step dropped, if anything. */
  readonly dropout?: StepDropout;
  /** The model's shape. */
  readonly config: ModelConfig;
  /** Holds the gradient, and parameters and moments: before the step if the loss is not finite, else after it. */
  readonly trainer: Pick<Trainer, "readGradient" | "state">;
  /** The engine that computed it. */
  readonly engine: Engine;
};

/**
 * The error of a failed step: it names the step, the first document and the first tensor in which it shows.
 *
 * @param step The step.
 */
export function failure(step: FailedStep): RangeError {
  const { t, loss, learningRate, documents, config, trainer } = step;
  const lower = `a lower learning rate than ${learningRate} may help`;
  if (!Number.isFinite(loss)) {
    const { document, tensor } = whereInForward(step);
    return new RangeError(
      `the loss is ${loss} at step ${t}, on ${JSON.stringify(textOf(documents[document]))}: it must be finite; ` +
        `it first shows in ${tensor}; ${t === 1 ? "smaller initial parameters may help" : lower}`,
    );
  }
  const more = documents.length > 1 ? ` and ${documents.length - 1} more` : "";
  const where = `step ${t}, on ${JSON.stringify(textOf(documents[0]))}${more}`;
  const gradient = nonFiniteTensor(config, trainer.readGradient(), "backward");
  if (gradient !== undefined) {
    return new RangeError(
      `the gradient is not finite at ${where}: it first shows in the gradient of ${gradient}; ${lower}`,
    );
  }
  const state = trainer.state();
  const parameter = nonFiniteTensor(config, state.params);
  if (parameter !== undefined) {
    return new RangeError(
      `a parameter is no longer finite after ${where}: it first shows in ${parameter}; another eps, or ${lower}`,
    );
  }
  const moments = (["m", "v"] as const).map((name) => [name, nonFiniteTensor(config, state[name])] as const);
  const [name, tensor] = moments.find(([, tensor]) => tensor !== undefined) ?? ["v", "all tensors together"];
  return new RangeError(
    `the square of the gradient is no longer finite after ${where}: it first shows in adam.${name} of ${tensor}; ${lower}`,
  );
}

/** The first document of the batch whose loss is not finite, and the first tensor of its forward pass that is not. */
function whereInForward(step: FailedStep): { document: number; tensor: string } {
  const { engine, config, trainer, batch, dropout } = step;
  const { params } = trainer.state();
  const lossOf = (tokens: Batch[number], first: number): number =>
    dropout === undefined
      ? engine.totalLoss({ config, params }, [tokens])
      : engine.lossAndGrad({ config, params }, [tokens], { dropout: { ...dropout, first } }).loss;
  const document = Math.max(0, batch.findIndex((tokens, d) => !Number.isFinite(lossOf(tokens, d))));
  const dropped = documentDropout(dropout, document);
  const computed = activations({ config, params }, batch[document], engine.precision, dropped);
  const activation = computed.find(({ rows: { data } }) => !allFinite(data));
  return { document, tensor: activation?.name ?? "the loss" };
}

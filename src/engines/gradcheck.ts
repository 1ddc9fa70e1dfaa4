/**
 * Gradients compared: finite differences of the specification, and every engine's.
 *
 * @module
 */

import { documentDropout, type StepDropout } from "../model/dropout.ts";
import { documentLoss } from "../model/gpt.ts";
import { numberOps } from "../model/ops.ts";
import { parameterLayout, type Parameters } from "../model/parameters.ts";
import { numberTransformer } from "../model/transformer.ts";
import { random, type RandomState } from "../random/mt19937.ts";
import { checkRange } from "../range.ts";
import { type Batch, checkBatch, type Engine } from "./engine.ts";

/**
 * Steps of the central difference, tried one after the other until no ReLU changes sides in between: at a kink there is no
 * derivative. With 1e-5 the truncation error (step² f‴ / 6) and the rounding error (1e-16 f / step) are both near 1e-10.
 */
const STEPS = [1e-5, 1e-6, 1e-7];

/** Gradients below these are the rounding of a loss, and of probabilities near 1, in float64 and in float32. */
const FLOOR = 1e-5;
const FLOAT32_FLOOR = 1e-3;

/** The loss of a batch by the specification, and on which side of its kink each ReLU was. */
function noting(parameters: Parameters, batch: Batch, dropout?: StepDropout): { loss: number; kinks: boolean[] } {
  const kinks: boolean[] = [];
  const relu = (x: number): number => {
    kinks.push(x > 0);
    return numberOps.relu(x);
  };
  const transformer = numberTransformer(parameters, { ...numberOps, relu });
  const lossOf = (tokens: Batch[number], d: number): number =>
    documentLoss(transformer, tokens, documentDropout(dropout, d));
  const loss = batch.reduce((sum, tokens, d) => sum + lossOf(tokens, d), 0) / batch.length;
  return { loss, kinks };
}

/**
 * The derivative of a batch's loss with respect to one parameter, by a central difference of the specification.
 *
 * @param parameters The model's numbers.
 * @param batch The tokens of each document, from BOS to BOS.
 * @param index Of the parameter in the flat buffer.
 * @param dropout Which units the documents drop; by default none.
 * @returns The slope; undefined if a ReLU changes sides however small the step.
 * @throws {RangeError} If the batch is empty, a buffer, a token or a document does not fit the config, or there is no such
 * parameter.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { engine, initTraining } from "@microgpt/microgpt";
 * import { finiteDifference } from "@microgpt/microgpt/engines";
 *
 * const model = initTraining(["anna", "bob"]);
 * const batch = [[4, 0, 3, 3, 0, 4]];
 * const { grads } = engine("array").lossAndGrad(model, batch);
 * assertAlmostEquals(finiteDifference(model, batch, 7)!, grads[7], 1e-7);
 * ```
 */
export function finiteDifference(
  parameters: Parameters,
  batch: Batch,
  index: number,
  dropout?: StepDropout,
): number | undefined {
  checkBatch(parameters, batch, { dropout });
  const { config, params } = parameters;
  checkRange("index", index, { whole: true, from: 0, below: params.length });
  for (const step of STEPS) {
    const [low, high] = [-step, step].map((d) =>
      noting({ config, params: params.with(index, params[index] + d) }, batch, dropout)
    );
    if (low.kinks.every((side, i) => side === high.kinks[i])) return (high.loss - low.loss) / (2 * step);
  }
  return undefined;
}

/**
 * How far apart gradients are in one tensor. Each error is the largest difference, relative to the largest gradient of the
 * tensor, or to 1e-5 (for engines in float32, 1e-3) where that is larger: smaller gradients are all rounding.
 */
export type GradientCheck = {
  /** Name of the tensor. */
  readonly tensor: string;
  /** The largest gradient in it. */
  readonly largest: number;
  /** Number of parameters whose finite difference was taken. */
  readonly checked: number;
  /** Error of the finite differences; 0 where none could be taken. */
  readonly finiteDifferences: number;
  /** Error of each of the other engines. */
  readonly engines: readonly number[];
};

/**
 * Compares the gradients of a batch, tensor by tensor.
 *
 * @param parameters The model's numbers.
 * @param batch The tokens of each document, from BOS to BOS.
 * @param options `expected`: the engine whose gradient the rest is compared with; `others`: engines; `checks`: number of
 * parameters of each tensor whose finite difference is taken, the one with the largest gradient and others drawn from
 * `random`.
 * @throws {RangeError} If the batch is empty, a buffer, a token or a document does not fit the config, or the loss is not
 * finite.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { engine, initTraining } from "@microgpt/microgpt";
 * import { checkGradients } from "@microgpt/microgpt/engines";
 * import { seedRandom } from "@microgpt/microgpt/random";
 *
 * const model = initTraining(["anna", "bob"]);
 * const options = { expected: engine("scalar"), others: [engine("array")], checks: 2, random: seedRandom(1) };
 * for (const { finiteDifferences, engines } of checkGradients(model, [[4, 0, 3, 3, 0, 4]], options)) {
 *   assert(finiteDifferences < 1e-5 && engines[0] < 1e-10);
 * }
 * ```
 */
export function checkGradients(
  parameters: Parameters,
  batch: Batch,
  options: { expected: Engine; others: readonly Engine[]; checks: number; random: RandomState },
): GradientCheck[] {
  const { expected, others, checks } = options;
  checkRange("checks", checks, { whole: true, from: 0 });
  const { loss, grads } = expected.lossAndGrad(parameters, batch);
  if (!Number.isFinite(loss)) {
    throw new RangeError(`the loss is ${loss}, and has no gradient: it must be finite; smaller parameters may help`);
  }
  const compared = others.map((engine) => engine.lossAndGrad(parameters, batch).grads);
  let { random: stream } = options;
  return parameterLayout(parameters.config).map(({ name, rows, columns, offset }) => {
    const size = rows * columns;
    let largestAt = offset;
    for (let i = offset; i < offset + size; i++) {
      if (Math.abs(grads[i]) > Math.abs(grads[largestAt])) largestAt = i;
    }
    const largest = Math.abs(grads[largestAt]);

    let checked = 0;
    let finiteDifferences = 0;
    for (let check = 0; check < Math.min(checks, size); check++) {
      let index = largestAt;
      if (check > 0) {
        let share: number;
        [share, stream] = random(stream);
        index = offset + Math.floor(share * size);
      }
      const slope = finiteDifference(parameters, batch, index);
      if (slope === undefined) continue;
      checked++;
      finiteDifferences = worse(finiteDifferences, Math.abs(slope - grads[index]) / Math.max(largest, FLOOR));
    }
    const errorOf = (other: Float64Array, engine: number): number => {
      const scale = Math.max(largest, others[engine].precision === "float32" ? FLOAT32_FLOOR : FLOOR);
      let error = 0;
      for (let i = offset; i < offset + size; i++) error = worse(error, Math.abs(other[i] - grads[i]) / scale);
      return error;
    };
    return { tensor: name, largest, checked, finiteDifferences, engines: compared.map(errorOf) };
  });
}

/** The larger error; NaN is the worst. */
function worse(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b);
}

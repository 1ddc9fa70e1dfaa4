/**
 * The trainer of an engine that computes gradients and nothing more.
 *
 * @module
 */

import { checkParameters } from "../model/parameters.ts";
import { type AdamState, adamStep } from "../optim/adam.ts";
import { CLIP_RANGES, clipGradient, gradientNorm } from "../optim/clip.ts";
import { allFinite } from "../optim/finite.ts";
import { checkRange } from "../range.ts";
import type { Engine, TrainableParameters, Trainer } from "./engine.ts";

/**
 * A trainer around any `lossAndGrad`: it keeps two states, and writes each new one over the one before the last.
 *
 * @param lossAndGrad The engine's.
 * @param initial Parameters and moments, `[n]` each; never written to.
 * @throws {RangeError} If a buffer does not fit the config.
 * @example
 * ```ts
 * import { engines, initTraining } from "@microgpt/microgpt";
 *
 * const trainer = engines.plainTrainer(engines.arrayEngine(), initTraining(["anna", "bob"]));
 * for (let t = 1; t <= 10; t++) {
 *   const loss = trainer.gradient([[4, 0, 3, 3, 0, 4]]);
 *   const { gradNorm } = trainer.update(t, { learningRate: 0.01, clipNorm: 1 });
 *   console.log(t, loss, gradNorm);
 * }
 * ```
 */
export function plainTrainer({ lossAndGrad }: Pick<Engine, "lossAndGrad">, initial: TrainableParameters): Trainer {
  const { config } = initial;
  checkState(initial);
  const grads = new Float64Array(initial.params.length);
  let current: AdamState = initial;
  let spare: AdamState | undefined;
  let disposed = false;
  const checkUse = (): void => {
    if (disposed) throw new Error("the trainer has been disposed of and takes no more steps");
  };
  return {
    gradient: (batch, documents, dropout) => {
      checkUse();
      const result = lossAndGrad({ config, params: current.params }, batch, { documents, dropout, into: grads });
      if (result.grads !== grads) grads.set(result.grads); // an engine that makes a new array each time
      return result.loss;
    },
    readGradient: () => grads.slice(),
    writeGradient: (given) => {
      checkUse();
      checkGradient(given, grads.length);
      grads.set(given);
    },
    reduceGradient: (sum) => {
      checkUse();
      sum(grads);
    },
    update: (t, { clipNorm = 0, ...adam } = {}) => {
      checkUse();
      checkRange("clipNorm", clipNorm, CLIP_RANGES.clipNorm);
      const gradNorm = gradientNorm(grads);
      if (!Number.isFinite(gradNorm)) return { gradNorm, finite: false };
      const clipped = clipGradient(grads, clipNorm, gradNorm).grads;
      const next = adamStep(current, clipped, t, { ...adam, into: spare });
      spare = current === initial ? undefined : current;
      current = next;
      return { gradNorm, finite: allFinite(next.params) };
    },
    state: () => ({ params: current.params.slice(), m: current.m.slice(), v: current.v.slice() }),
    dispose: () => {
      disposed = true;
    },
  };
}

/**
 * Refuses a gradient to write that is not as long as the parameters.
 *
 * @param grads The gradient.
 * @param length Number of parameters.
 * @throws {RangeError} If the two do not fit.
 */
export function checkGradient(grads: ArrayLike<number>, length: number): void {
  if (grads.length === length) return;
  throw new RangeError(`a gradient of length ${grads.length} does not fit: the model has ${length} parameters`);
}

/**
 * Refuses a state whose buffers do not fit its config.
 *
 * @param state Parameters and moments.
 * @throws {RangeError} If one is too long or too short.
 */
export function checkState({ config, params, m, v }: TrainableParameters): void {
  for (const buffer of [params, m, v]) checkParameters({ config, params: buffer });
}

/**
 * The array engine: the derivatives worked out by hand, over typed arrays.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { documentDropout, type Dropout } from "../../model/dropout.ts";
import { type Batch, checkBatch, checkDocuments, type Engine, positionsOf } from "../engine.ts";
import { plainTrainer } from "../trainer.ts";
import {
  createTrainableNetwork,
  networkBackward,
  type NetworkDropout,
  networkForward,
  networkLoss,
  type TrainableNetwork,
} from "./network.ts";
import { type FloatType, type Rows, zeroRows } from "./rows.ts";

/** Writes the tokens to be predicted: a document's without the first. */
function setTargets(targets: Int32Array, tokens: readonly number[], n: number): void {
  for (let i = 0; i < n; i++) targets[i] = tokens[i + 1];
}

/**
 * An array engine with working memory of its own, which grows to the longest document seen.
 *
 * The documents of a batch are differentiated one after the other; their gradients add up in one buffer.
 *
 * @param floatType What it computes in: `"float64"` (default) agrees with the scalar graph to rounding; `"float32"` is
 * what the simd engine is compared with.
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { arrayEngine } from "@microgpt/microgpt/engines";
 * import { parameterCount } from "@microgpt/microgpt/model";
 *
 * const config = modelConfig(27);
 * const zeros = { config, params: new Float64Array(parameterCount(config)) };
 * assertAlmostEquals(arrayEngine().lossAndGrad(zeros, [[26, 4, 26]]).loss, Math.log(27));
 * ```
 */
export function arrayEngine(floatType: FloatType = "float64"): Engine {
  let network: TrainableNetwork | undefined;
  let targets = new Int32Array(0);
  let factors: Rows | undefined;

  const networkFor = (config: ModelConfig, positions: number): TrainableNetwork => {
    if (network?.config !== config || network.capacity < positions) {
      const capacity = Math.min(config.blockSize, Math.max(16, 2 ** Math.ceil(Math.log2(Math.max(1, positions)))));
      try {
        network = createTrainableNetwork(config, capacity, floatType);
      } catch {
        throw new RangeError(
          `a document of ${positions} positions is too long for the memory: a smaller block size may help`,
        );
      }
      targets = new Int32Array(capacity);
      factors = undefined;
    }
    return network;
  };

  const engine: Engine = {
    name: "array",
    precision: floatType,
    threads: 1,
    lossAndGrad: ({ config, params }, batch, options = {}) => {
      checkBatch({ config, params }, batch, options);
      const { documents = batch.length, into = new Float64Array(params.length) } = options;
      const { parameters, grads } = networkFor(config, longest(config, batch));
      parameters.buffer.set(params);
      grads.buffer.fill(0);
      let loss = 0;
      for (let i = 0; i < batch.length; i++) {
        const dropout = withFactors(network!, documentDropout(options.dropout, i));
        loss += documentLossAndGrad(network!, batch[i], documents, dropout);
      }
      into.set(grads.buffer);
      return { loss: loss / documents, grads: into };
    },
    totalLoss: ({ config, params }, documents) => {
      checkDocuments({ config, params }, documents);
      const network = networkFor(config, longest(config, documents));
      network.parameters.buffer.set(params);
      let total = 0;
      for (const tokens of documents) {
        const n = positionsOf(config, tokens);
        total += documentLoss(network, tokens, n) * n;
      }
      return total;
    },
    trainer: (state) => plainTrainer(engine, state),
  };
  return engine;

  /** What a document drops, with room for the network's attention factors; only who drops needs that. */
  function withFactors({ config, capacity }: TrainableNetwork, dropout?: Dropout): NetworkDropout | undefined {
    if (dropout === undefined) return undefined;
    factors ??= zeroRows(capacity, config.nHead * capacity, floatType);
    return { ...dropout, factors };
  }

  /** The document's mean loss. */
  function documentLoss(
    network: TrainableNetwork,
    tokens: readonly number[],
    n: number,
    dropout?: NetworkDropout,
  ): number {
    setTargets(targets, tokens, n);
    networkForward(network, tokens, 0, n, dropout);
    return networkLoss(network, targets, n);
  }

  /** The document's mean loss; its gradient, over the size of the batch, is added to the network's. */
  function documentLossAndGrad(
    network: TrainableNetwork,
    tokens: readonly number[],
    documents: number,
    dropout: NetworkDropout | undefined,
  ): number {
    const n = positionsOf(network.config, tokens);
    const loss = documentLoss(network, tokens, n, dropout);
    networkBackward(network, tokens, targets, 1 / (n * documents), n, dropout);
    return loss;
  }
}

/** The most positions that a document of the batch has. */
function longest(config: ModelConfig, batch: Batch): number {
  let most = 0;
  for (let i = 0; i < batch.length; i++) most = Math.max(most, positionsOf(config, batch[i]));
  return most;
}

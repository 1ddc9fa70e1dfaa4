/**
 * The scalar engine: the forward pass over graph nodes, and `backward`. It is the specification, executed.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { documentDropout, type Dropout } from "../../model/dropout.ts";
import { documentLoss } from "../../model/gpt.ts";
import { weights } from "../../model/parameters.ts";
import { numberTransformer, type Transformer } from "../../model/transformer.ts";
import { checkBatch, checkDocuments, type Engine, type LossAndGrad, positionsOf } from "../engine.ts";
import { plainTrainer } from "../trainer.ts";
import { backward, clear, createGraph, type Graph, graphOps, leaf, type Node, setLeaves } from "./graph.ts";

/** A model whose parameters are the leaves of a graph. */
type GraphModel = { readonly graph: Graph; readonly transformer: Transformer<Node> };

function graphModel(config: ModelConfig, params: Float64Array): GraphModel {
  const graph = createGraph(params);
  const row = (start: number, end: number): Node[] =>
    Array.from({ length: end - start }, (_, i) => leaf(graph, start + i));
  return { graph, transformer: { ops: graphOps(graph), config, weights: weights(config, row) } };
}

function documentLossAndGrad(
  { graph, transformer }: GraphModel,
  params: Float64Array,
  tokens: readonly number[],
  dropout: Dropout | undefined,
): LossAndGrad {
  setLeaves(graph, params);
  const root = documentLoss(transformer, tokens, dropout);
  const result = { loss: transformer.ops.value(root), grads: backward(graph, root) };
  clear(graph);
  return result;
}

/**
 * A scalar engine with its own arena, which grows to the longest document and no further.
 *
 * The documents of a batch are differentiated one after the other, so that the arena holds one at a time.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { modelConfig } from "@microgpt/microgpt";
 * import { scalarEngine } from "@microgpt/microgpt/engines";
 * import { parameterCount } from "@microgpt/microgpt/model";
 *
 * const config = modelConfig(27);
 * const zeros = { config, params: new Float64Array(parameterCount(config)) };
 * assertAlmostEquals(scalarEngine().lossAndGrad(zeros, [[26, 4, 26]]).loss, Math.log(27));
 * ```
 */
export function scalarEngine(): Engine {
  let model: GraphModel | undefined;
  const engine: Engine = {
    name: "scalar",
    precision: "float64",
    threads: 1,
    lossAndGrad: ({ config, params }, batch, options = {}) => {
      checkBatch({ config, params }, batch, options);
      if (model?.transformer.config !== config) model = graphModel(config, params);
      const { documents = batch.length, into: grads = new Float64Array(params.length) } = options;
      let loss = 0;
      grads.fill(0);
      for (let d = 0; d < batch.length; d++) {
        const document = documentLossAndGrad(model, params, batch[d], documentDropout(options.dropout, d));
        loss += document.loss;
        for (let i = 0; i < grads.length; i++) grads[i] += document.grads[i] / documents;
      }
      return { loss: loss / documents, grads };
    },
    totalLoss: (parameters, documents) => {
      checkDocuments(parameters, documents);
      const transformer = numberTransformer(parameters);
      const lossOf = (tokens: readonly number[]): number =>
        documentLoss(transformer, tokens) * positionsOf(parameters.config, tokens);
      return documents.reduce((total, tokens) => total + lossOf(tokens), 0);
    },
    trainer: (state) => plainTrainer(engine, state),
  };
  return engine;
}

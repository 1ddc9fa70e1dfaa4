/**
 * What a model computes between tokens and logits, by name: to look at, and to find where numbers go wrong.
 *
 * @module
 */

import type { Batch } from "../engine.ts";
import type { Dropout } from "../../model/dropout.ts";
import { lossPositions } from "../../model/tokens.ts";
import { checkParameters, type Parameters } from "../../model/parameters.ts";
import { createNetwork, networkForward } from "./network.ts";
import { type FloatType, type Rows, zeroRows } from "./rows.ts";

/** One activation of a document: a row for each position. */
export type Activation = {
  /** `embedded`, `layer0.q`, …, `logits`. */
  readonly name: string;
  /** `[positions, width]` */
  readonly rows: Rows;
};

/**
 * The activations of a document in the order in which the forward pass computes them. It is the pass with which the array
 * engine trains.
 *
 * The names, where `i` is a layer: `embedded`, `input`; `layer{i}.attention_input`, `.q`, `.k`, `.v`, `.attention_weights`
 * (`[positions, nHead * positions]`), `.attended`, `.middle` (the residual stream after attention), `.mlp_input`,
 * `.hidden`, `.output` (the residual stream after the MLP); `logits`.
 *
 * @param parameters The model's numbers; never written to.
 * @param tokens BOS, the document, BOS; there are as many positions as its loss is the mean of.
 * @param floatType What to compute in; by default `"float64"`.
 * @param dropout What the document drops; by default nothing. Attention's weights are those before they are dropped.
 * @throws {RangeError} If the parameters or a token do not fit the config.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { activations } from "@microgpt/microgpt/blocks";
 *
 * const names = activations(initTraining(["ab"]), [2, 0, 1, 2]).map(({ name }) => name);
 * assertEquals([names[0], names[3], names.at(-1)], ["embedded", "layer0.q", "logits"]);
 * ```
 */
export function activations(
  { config, params }: Parameters,
  tokens: Batch[number],
  floatType: FloatType = "float64",
  dropout?: Dropout,
): Activation[] {
  checkParameters({ config, params });
  const n = lossPositions(config, tokens);
  const network = createNetwork(config, n, floatType === "float64" ? params : Float32Array.from(params));
  const factors = zeroRows(dropout ? n : 0, config.nHead * n, floatType);
  networkForward(network, tokens, 0, n, dropout && { ...dropout, factors });
  const found: Activation[] = [
    { name: "embedded", rows: network.embedded },
    { name: "input", rows: network.input },
  ];
  network.layers.forEach((layer, i) => {
    const add = (name: string, rows: Rows): void => void found.push({ name: `layer${i}.${name}`, rows });
    add("attention_input", layer.attentionInput);
    add("q", layer.q);
    add("k", layer.k);
    add("v", layer.v);
    add("attention_weights", layer.weights);
    add("attended", layer.attended);
    add("middle", layer.middle);
    add("mlp_input", layer.mlpInput);
    add("hidden", layer.hidden);
    add("output", layer.output);
  });
  found.push({ name: "logits", rows: network.logits });
  return found;
}

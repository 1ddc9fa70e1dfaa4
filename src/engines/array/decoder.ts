/**
 * Generation at speed: the array engine's forward pass, one position at a time.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { checkParameters, type Parameters } from "../../model/parameters.ts";
import { checkPosition, checkToken } from "../../model/tokens.ts";
import { createNetwork, type Network, networkForward } from "./network.ts";

/** Reads a document token by token, and remembers what it has read. */
export type Decoder = {
  /**
   * The logits of what comes after a token, `[vocabSize]`.
   *
   * @throws {RangeError} If the token is not in the vocabulary, or the block is full.
   */
  readonly next: (tokenId: number) => Float64Array;
  /** Goes back to the beginning of a document. */
  readonly rewind: () => void;
  /** The shape of the model that reads. */
  readonly config: ModelConfig;
};

/** Initial room: documents are mostly short, and blocks may be long. */
const FIRST_CAPACITY = 64;

/**
 * A decoder at the beginning of a document. Keys and values of the positions so far are its memory (the KV cache); the
 * logits are, bit for bit, those of {@linkcode gpt}.
 *
 * @param parameters The model's numbers, which must not change meanwhile.
 * @throws {RangeError} If the number of parameters is not the config's.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initTraining } from "@microgpt/microgpt";
 * import { createDecoder } from "@microgpt/microgpt/blocks";
 * import { emptyCache, gpt, numberTransformer } from "@microgpt/microgpt/model";
 *
 * const model = initTraining(["anna", "bob"]);
 * const { logits } = gpt(numberTransformer(model), 4, emptyCache(model.config));
 * assertEquals(Array.from(createDecoder(model).next(4)), logits);
 * ```
 */
export function createDecoder({ config, params }: Parameters): Decoder {
  checkParameters({ config, params });
  const { blockSize, vocabSize } = config;
  let network = createNetwork(config, Math.min(blockSize, FIRST_CAPACITY), params);
  let tokens: number[] = [];
  return {
    config,
    rewind: () => {
      tokens = [];
    },
    next: (tokenId) => {
      checkToken(tokenId, config);
      const position = tokens.length;
      checkPosition(position, config);
      if (position === network.capacity) {
        network = withMemoryOf(network, createNetwork(config, Math.min(blockSize, 2 * position), params));
      }
      tokens.push(tokenId);
      networkForward(network, tokens, position, position + 1);
      const start = position * vocabSize;
      return network.logits.data.slice(start, start + vocabSize) as Float64Array;
    },
  };
}

/** The larger network with the keys and values of the smaller one. */
function withMemoryOf(smaller: Network, larger: Network): Network {
  larger.layers.forEach(({ k, v }, i) => {
    k.data.set(smaller.layers[i].k.data);
    v.data.set(smaller.layers[i].v.data);
  });
  return larger;
}

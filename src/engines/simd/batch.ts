/**
 * Batches of the simd engine: how they are split over threads, what room they need, and how they are written.
 *
 * @module
 */

import type { ModelConfig } from "../../model/config.ts";
import { documentDropout, dropoutLimit, type StepDropout } from "../../model/dropout.ts";
import { type Batch, positionsOf } from "../engine.ts";
import { wordOf } from "./fields.ts";
import { type Capacity, memoryLayout } from "./layout.ts";
import { createMemory, MAX_BYTES, type Memory } from "./memory.ts";
import type { Build } from "./module.ts";

/** A batch split into parts. */
export type Split = {
  /** The documents in the order of the parts. */
  readonly order: Batch;
  /** Where each of them stands in the batch; left out where that is the same. */
  readonly indices?: readonly number[];
  /** The first document of each part that has any; there may be fewer parts than threads. */
  readonly first: readonly number[];
  /** The most positions that a part has. */
  readonly tokens: number;
  /** The most pairs of positions that attention looks at in a part. */
  readonly pairs: number;
};

/**
 * The documents of a batch in as many parts as there are threads, about equally long. Documents that begin with the
 * same token stay together, since a part computes what its documents share only once.
 */
export function splitBatch(config: ModelConfig, batch: Batch, threads: number): Split {
  const indices = threads === 1 ? undefined : [...batch.keys()].sort((a, b) => batch[a][1] - batch[b][1]);
  const order = indices?.map((d) => batch[d]) ?? batch;
  let total = 0;
  for (let d = 0; d < order.length; d++) total += positionsOf(config, order[d]);
  const first: number[] = [];
  let before = 0;
  let part = -1;
  let tokens = 0;
  let pairs = 0;
  let partTokens = 0;
  let partPairs = 0;
  for (let d = 0; d < order.length; d++) {
    const n = positionsOf(config, order[d]);
    // A document goes to the part in which its middle lies; parts without documents are left out.
    const own = Math.floor((before + n / 2) * threads / total);
    if (own !== part) {
      part = own;
      first.push(d);
      partTokens = partPairs = 0;
    }
    before += n;
    partTokens += n;
    partPairs += n * (n + 1) / 2;
    tokens = Math.max(tokens, partTokens);
    pairs = Math.max(pairs, partPairs);
  }
  return { order, indices, first, tokens, pairs };
}

/** Whether a memory has room for a batch. */
export function hasRoom({ capacity }: Memory, split: Split): boolean {
  return split.order.length <= capacity.documents && split.tokens <= capacity.tokens &&
    split.pairs <= capacity.pairs;
}

/**
 * A new memory with room for a batch and, if they fit, for somewhat larger ones.
 *
 * @param old What the memory that it replaces had room for.
 * @throws {RangeError} If the model and its batch do not fit.
 */
export function memoryFor(build: Build, config: ModelConfig, split: Split, threads: number, old?: Capacity): Memory {
  const roomy = capacityFor(split, threads, old);
  const { order, tokens, pairs } = split;
  const exact = { threads, documents: order.length, tokens, pairs };
  return createMemory(build, config, memoryLayout(config, roomy).bytes > MAX_BYTES ? exact : roomy);
}

/** A capacity for a batch and for somewhat larger ones. */
function capacityFor(split: Split, threads: number, old?: Capacity): Capacity {
  const enough = (needed: number, had = 0): number => needed <= had ? had : Math.ceil(1.5 * needed);
  return {
    threads,
    documents: Math.max(split.order.length, old?.documents ?? 0),
    tokens: enough(split.tokens, old?.tokens),
    pairs: enough(split.pairs, old?.pairs),
  };
}

const ACTIVE = wordOf("active");
const DROP_LIMIT = wordOf("dropLimit");
const DROP_SCALE = wordOf("dropScale");

/**
 * Writes a batch where the kernels read it.
 *
 * @param weightOf The weight of each position of a document in the loss, given their number.
 * @param dropout Which units are dropped; by default none.
 */
export function writeBatch(
  { config, fields, ints, floats }: Memory,
  { order, indices, first }: Split,
  weightOf: (positions: number) => number,
  dropout?: StepDropout,
): void {
  const base = fields.tokens / 4;
  const start = fields.documentStart / 4;
  const length = fields.documentLength / 4;
  const weight = fields.documentWeight / 4;
  let token = base;
  for (let d = 0; d < order.length; d++) {
    const tokens = order[d];
    const n = positionsOf(config, tokens);
    ints[start + d] = token - base;
    ints[length + d] = n;
    floats[weight + d] = weightOf(n);
    for (let i = 0; i <= n; i++) ints[token++] = tokens[i];
  }
  ints[DROP_LIMIT] = 0;
  if (dropout !== undefined) {
    ints[DROP_LIMIT] = dropoutLimit(dropout.rate);
    floats[DROP_SCALE] = 1 / (1 - dropout.rate);
    for (let d = 0; d < order.length; d++) {
      ints[fields.documentKey / 4 + d] = documentDropout(dropout, indices?.[d] ?? d)?.key ?? 0;
    }
  }
  ints[ACTIVE] = first.length;
  for (let p = 0; p < first.length; p++) ints[fields.partFirst / 4 + p] = first[p];
  ints[fields.partFirst / 4 + first.length] = order.length;
}

/** How many parts of the batch that was written have documents: the first ones. */
export function activeParts({ ints }: Memory): number {
  return ints[ACTIVE];
}

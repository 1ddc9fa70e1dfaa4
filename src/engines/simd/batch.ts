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

/** A batch split into parts, one for each thread, and parts into groups, whose documents are computed at once. */
export type Split = {
  /** The documents in the order of the parts. */
  readonly order: Batch;
  /** Where each of them stands in the batch; left out where that is the same. */
  readonly indices?: readonly number[];
  /** The first group of each part that has any; there may be fewer parts than threads. */
  readonly parts: readonly number[];
  /** The first document of each group. */
  readonly groups: readonly number[];
  /** The positions of all documents. */
  readonly positions: number;
  /** The most positions that a group has. */
  readonly tokens: number;
  /** The most pairs of positions that attention looks at in a group. */
  readonly pairs: number;
};

/**
 * Positions of a group, about: enough for products at full speed, and few enough for their activations to stay in the
 * cache. A document is never cut, so a group may have more.
 */
export const GROUP_POSITIONS = 512;

/**
 * The documents of a batch in as many parts as there are threads, with about equally much work, and each part in groups.
 * Documents that begin alike stand together, since a group computes what its documents share only once.
 */
export function splitBatch(config: ModelConfig, batch: Batch, threads: number): Split {
  let positions = 0;
  for (let d = 0; d < batch.length; d++) positions += positionsOf(config, batch[d]);
  if (threads === 1 && positions <= GROUP_POSITIONS) {
    const pairs = pairsOf(config, batch, 0, batch.length);
    return { order: batch, parts: [0], groups: [0], positions, tokens: positions, pairs };
  }
  const indices = [...batch.keys()].sort((a, b) => inOrder(batch[a], batch[b]));
  const order = indices.map((d) => batch[d]);
  const lengths = order.map((document) => positionsOf(config, document));
  /** Positions that the document before does not share. */
  const own = lengths.map((n, d) => d === 0 ? n : n - Math.min(n, alike(order[d - 1], order[d])));
  const firstOfParts = cut(own, 0, own.length, threads);
  const parts: number[] = [];
  const groups: number[] = [];
  for (let p = 0; p < firstOfParts.length; p++) {
    const [from, to] = [firstOfParts[p], firstOfParts[p + 1] ?? lengths.length];
    parts.push(groups.length);
    groups.push(...cut(lengths, from, to, Math.ceil(sum(lengths, from, to) / GROUP_POSITIONS)));
  }
  let tokens = 0;
  let pairs = 0;
  for (let g = 0; g < groups.length; g++) {
    const [from, to] = [groups[g], groups[g + 1] ?? lengths.length];
    tokens = Math.max(tokens, sum(lengths, from, to));
    pairs = Math.max(pairs, pairsOf(config, order, from, to));
  }
  return { order, indices, parts, groups, positions, tokens, pairs };
}

/** How many tokens two documents have in common at their beginnings. */
function alike(a: readonly number[], b: readonly number[]): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** Documents in the order of their tokens, like words in a dictionary. */
function inOrder(a: readonly number[], b: readonly number[]): number {
  const i = alike(a, b);
  return (a[i] ?? -1) - (b[i] ?? -1);
}

/**
 * Documents in so many pieces, about equally long: the first document of each that has any. A document goes to the piece
 * in which its middle lies.
 */
function cut(lengths: readonly number[], from: number, to: number, pieces: number): number[] {
  const total = sum(lengths, from, to);
  const first: number[] = [];
  let before = 0;
  let piece = -1;
  for (let d = from; d < to; d++) {
    const own = Math.min(Math.floor((before + lengths[d] / 2) * pieces / total), pieces - 1);
    if (own !== piece) first.push(d);
    piece = own;
    before += lengths[d];
  }
  return first;
}

function sum(numbers: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += numbers[i];
  return total;
}

/** Pairs of a position and one that it looks back on, or itself. */
function pairsOf(config: ModelConfig, documents: Batch, from: number, to: number): number {
  let pairs = 0;
  for (let d = from; d < to; d++) {
    const n = positionsOf(config, documents[d]);
    pairs += n * (n + 1) / 2;
  }
  return pairs;
}

/** Whether a memory has room for a batch. */
export function hasRoom({ capacity }: Memory, split: Split): boolean {
  return split.order.length <= capacity.documents && split.positions <= capacity.positions &&
    split.tokens <= capacity.tokens && split.pairs <= capacity.pairs;
}

/**
 * A new memory with room for a batch and, if they fit, for somewhat larger ones.
 *
 * @param old What the memory that it replaces had room for.
 * @throws {RangeError} If the model and its batch do not fit.
 */
export function memoryFor(build: Build, config: ModelConfig, split: Split, threads: number, old?: Capacity): Memory {
  const roomy = capacityFor(split, threads, old);
  const { order, positions, tokens, pairs } = split;
  const exact = { threads, documents: order.length, positions, tokens, pairs };
  const library = build.products !== undefined;
  const bytes = (capacity: Capacity): number => memoryLayout(config, capacity, library).bytes;
  if (bytes(roomy) <= MAX_BYTES) return createMemory(build, config, roomy);
  if (bytes(exact) <= MAX_BYTES) return createMemory(build, config, exact);
  const advice = threads > 1 && bytes({ ...exact, threads: 1 }) <= MAX_BYTES
    ? `on 1 thread it would fit`
    : fittingBlockSize(config, threads);
  throw new RangeError(
    `the model and its documents need ${Math.ceil(bytes(exact) / 2 ** 20)} MB on ${threads} ` +
      `thread${threads === 1 ? "" : "s"}: the engine "simd" has ${MAX_BYTES / 2 ** 20} MB at most; ${advice}`,
  );
}

/** The largest power of 2 that a model fits with as its block size, in words. */
function fittingBlockSize(config: ModelConfig, threads: number): string {
  for (let blockSize = 2 ** Math.floor(Math.log2(config.blockSize)); blockSize > 0; blockSize >>= 1) {
    const positions = Math.max(blockSize, 2 * GROUP_POSITIONS);
    const capacity = { threads, documents: 1, positions, tokens: positions, pairs: positions * (blockSize + 1) / 2 };
    if (memoryLayout({ ...config, blockSize }, capacity).bytes <= MAX_BYTES) {
      return `with a block size of ${blockSize} it would fit`;
    }
  }
  return "a smaller width or fewer layers would fit";
}

/** A capacity for a batch and for somewhat larger ones. */
function capacityFor(split: Split, threads: number, old?: Capacity): Capacity {
  const enough = (needed: number, had = 0): number => needed <= had ? had : Math.ceil(1.5 * needed);
  return {
    threads,
    documents: Math.max(split.order.length, old?.documents ?? 0),
    positions: enough(split.positions, old?.positions),
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
  { order, indices, parts, groups }: Split,
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
  ints[ACTIVE] = parts.length;
  for (let p = 0; p < parts.length; p++) ints[fields.partFirst / 4 + p] = parts[p];
  ints[fields.partFirst / 4 + parts.length] = groups.length;
  for (let g = 0; g < groups.length; g++) ints[fields.groupFirst / 4 + g] = groups[g];
  ints[fields.groupFirst / 4 + groups.length] = order.length;
}

/** How many parts of the batch that was written have documents: the first ones. */
export function activeParts({ ints }: Memory): number {
  return ints[ACTIVE];
}

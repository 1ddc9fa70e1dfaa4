/**
 * Measuring training steps: medians after a warm-up.
 *
 * @module
 */

import { type Engine, type ModelConfig, sampleText, type TrainingState, trainSteps } from "../../../mod.ts";
import { textOf } from "../../../src/corpus/mod.ts";
import { lossPositions, parameterCount } from "../../../src/model/mod.ts";
import { median } from "./median.ts";

/** How long a step took. */
export type StepTime = {
  /** Median time of a step, in microseconds. */
  readonly stepMicros: number;
  /** Mean number of positions in a step: of tokens that are predicted. */
  readonly positions: number;
};

/** How long to warm up and to measure. */
export type Patience = { readonly warmUpMs: number; readonly measureMs: number };

/** A learning rate at which models of all widths stay in the range of real training. */
const LEARNING_RATE = 0.001;
/** Steps are timed in blocks of about this long, which the clock resolves well. */
const BLOCK_MS = 1;
/** In the first steps the code is not yet fully compiled, however short they are. */
const WARM_UP_STEPS = 300;

/** The time of a training step as a user of `trainSteps` sees it: choosing and tokenizing documents included. */
export function timeSteps(
  state: TrainingState,
  { engine, batch, patience }: { engine: Engine; batch: number; patience: Patience },
): StepTime {
  const steps = trainSteps(state, { engine, batch, steps: 1e9, learningRate: LEARNING_RATE });
  const run = (count: number): number => {
    const start = performance.now();
    for (let i = 0; i < count; i++) steps.next();
    return performance.now() - start;
  };
  try {
    let taken = 0;
    let spent = 0;
    while (spent < patience.warmUpMs || (taken < WARM_UP_STEPS && spent < 4 * patience.warmUpMs)) {
      spent += run(1);
      taken++;
    }
    const block = Math.max(1, Math.round(BLOCK_MS / (spent / taken)));
    const blocks: number[] = [];
    for (let measured = 0; measured < patience.measureMs || blocks.length < 3; measured += blocks.at(-1)!) {
      blocks.push(run(block));
    }
    const first = taken * batch;
    const documents = blocks.length * block * batch;
    return { stepMicros: 1000 * median(blocks) / block, positions: batch * meanPositions(state, first, documents) };
  } finally {
    steps.return(undefined);
  }
}

/** Mean positions of `count` documents from the first on, going round. */
function meanPositions({ documents, config }: TrainingState, first: number, count: number): number {
  let positions = 0;
  const counted = Math.min(count, documents.length);
  for (let i = 0; i < counted; i++) {
    const { length } = [...textOf(documents.at((first + i) % documents.length)!)];
    positions += lossPositions(config, new Array(length + 2).fill(0));
  }
  return positions / counted;
}

/**
 * Floating point operations of a step: 2 for each multiply-add of a weight forward, twice that backward. Attention's own
 * products, norms, softmax and Adam are not counted, and equal prefixes as often as they occur.
 */
export function stepFlop({ positions }: StepTime, config: ModelConfig): number {
  const { vocabSize, blockSize, nEmbd } = config;
  const embeddings = (vocabSize + blockSize) * nEmbd;
  return 6 * positions * (parameterCount(config) - embeddings);
}

/** How many tokens sampling draws a second, the closing BOS included. */
export function timeSampling(state: TrainingState, patience: Patience): number {
  let { random } = state;
  let tokens = 0;
  const run = (milliseconds: number): number => {
    tokens = 0;
    const start = performance.now();
    let now = start;
    while (now - start < milliseconds) {
      let text: string;
      [text, random] = sampleText(state, random);
      tokens += Math.min(text.length + 1, state.config.blockSize);
      now = performance.now();
    }
    return 1000 * tokens / (now - start);
  };
  run(patience.warmUpMs);
  return median(Array.from({ length: 9 }, () => run(patience.measureMs / 9)));
}

/**
 * microgpt: a GPT trained from scratch, in pure functions.
 *
 * @example Train ten steps on the names that come with the library, and make one up
 * ```ts
 * import { initTraining, names, sampleText, trainSteps } from "@microgpt/microgpt";
 *
 * let state = initTraining(names, { seed: 42 });
 * for (const step of trainSteps(state, { steps: 10 })) {
 *   console.log(step.t, step.loss, step.learningRate);
 *   state = step.state();
 * }
 * const [name] = sampleText(state, state.random);
 * console.log(name);
 * ```
 *
 * @module
 */

export * from "./src/range.ts";
export * from "./src/random/mt19937.ts";
export * from "./src/corpus/blocks.ts";
export * from "./src/corpus/dataset.ts";
export * from "./src/corpus/names.ts";
export * from "./src/corpus/tokenizer.ts";
export * from "./src/corpus/text_set.ts";
export * from "./src/corpus/split.ts";
export * from "./src/corpus/ngram.ts";
export * from "./src/model/config.ts";
export * from "./src/model/parameters.ts";
export * from "./src/model/model.ts";
export * from "./src/model/ops.ts";
export * from "./src/model/gpt.ts";
export * from "./src/engines/engine.ts";
export * from "./src/engines/clip.ts";
export * from "./src/engines/engines.ts";
export * from "./src/engines/gradcheck.ts";
export * from "./src/engines/array/rows.ts";
export * from "./src/engines/array/embedding.ts";
export * from "./src/engines/array/rms_norm.ts";
export * from "./src/engines/array/linear.ts";
export * from "./src/engines/array/attention.ts";
export * from "./src/engines/array/relu.ts";
export * from "./src/engines/array/cross_entropy.ts";
export * from "./src/engines/array/array.ts";
export * from "./src/engines/array/decoder.ts";
export * from "./src/engines/array/activations.ts";
export * from "./src/engines/simd/simd.ts";
export * from "./src/engines/scalar/graph.ts";
export * from "./src/engines/scalar/scalar.ts";
export * from "./src/train/adam.ts";
export * from "./src/train/schedule.ts";
export * from "./src/train/hyperparameters.ts";
export * from "./src/train/selection.ts";
export * from "./src/train/evaluate.ts";
export * from "./src/train/arrange.ts";
export * from "./src/train/state.ts";
export * from "./src/train/train.ts";
export * from "./src/sample/filter.ts";
export * from "./src/sample/sample.ts";
export * from "./src/sample/draw.ts";
export * from "./src/sample/novelty.ts";
export * from "./src/sample/explain.ts";
export * from "./src/formats/crc32.ts";
export * from "./src/formats/json.ts";
export * from "./src/formats/safetensors.ts";
export * from "./src/formats/checkpoint.ts";
export * from "./src/formats/run_log.ts";

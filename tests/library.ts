/**
 * The tests of the library, in one program: it loads the library and fast-check once instead of once a file. `deno test`
 * runs this and scripts.ts. A single file still runs alone: `deno test tests/corpus/ngram_test.ts`.
 *
 * @module
 */

import "./corpus/arrange_test.ts";
import "./corpus/blocks_test.ts";
import "./corpus/code_points_test.ts";
import "./corpus/documents_test.ts";
import "./corpus/names_test.ts";
import "./corpus/ngram_test.ts";
import "./corpus/split_test.ts";
import "./corpus/text_set_test.ts";
import "./corpus/tokenizer_test.ts";
import "./engines/array/activations_test.ts";
import "./engines/array/array_test.ts";
import "./engines/array/attention_test.ts";
import "./engines/array/cross_entropy_test.ts";
import "./engines/array/decoder_test.ts";
import "./engines/array/embedding_test.ts";
import "./engines/array/linear_test.ts";
import "./engines/array/relu_test.ts";
import "./engines/array/rms_norm_test.ts";
import "./engines/engines_test.ts";
import "./engines/gradcheck_test.ts";
import "./engines/scalar/graph_test.ts";
import "./engines/scalar/scalar_test.ts";
import "./engines/simd/buffers_test.ts";
import "./engines/simd/layout_test.ts";
import "./engines/simd/memory_test.ts";
import "./engines/simd/module_test.ts";
import "./engines/simd/simd_test.ts";
import "./engines/simd/threads_test.ts";
import "./engines/trainer_test.ts";
import "./examples_test.ts";
import "./formats/checkpoint_test.ts";
import "./formats/crc32_test.ts";
import "./formats/json_test.ts";
import "./formats/run_log_test.ts";
import "./formats/safetensors_test.ts";
import "./golden_test.ts";
import "./house_test.ts";
import "./import_test.ts";
import "./lists_test.ts";
import "./model/config_test.ts";
import "./model/gpt_test.ts";
import "./model/parameters_test.ts";
import "./optim/adam_test.ts";
import "./optim/clip_test.ts";
import "./optim/finite_test.ts";
import "./optim/schedule_test.ts";
import "./random/mt19937_test.ts";
import "./range_test.ts";
import "./sample/draw_test.ts";
import "./sample/explain_test.ts";
import "./sample/filter_test.ts";
import "./sample/novelty_test.ts";
import "./sample/sample_test.ts";
import "./train/early_stopping_test.ts";
import "./train/evaluate_test.ts";
import "./train/finite_test.ts";
import "./train/hyperparameters_test.ts";
import "./train/resume_test.ts";
import "./train/state_test.ts";
import "./train/train_test.ts";

/**
 * The tests of the tasks, in one program, as in library.ts. `deno task test` runs them file by file, several at a time.
 *
 * @module
 */

import "./scripts/cli/flags_test.ts";
import "./scripts/cli/interruption_test.ts";
import "./scripts/cli/places_test.ts";
import "./scripts/cli/task_test.ts";
import "./scripts/dev/build/unroll_test.ts";
import "./scripts/dev/crashtest_test.ts";
import "./scripts/dev/docs_test.ts";
import "./scripts/dev/fuzz_test.ts";
import "./scripts/dev/mutate/mutations_test.ts";
import "./scripts/dev/mutate/trial_test.ts";
import "./scripts/evaluate_test.ts";
import "./scripts/explain_test.ts";
import "./scripts/files/cache_test.ts";
import "./scripts/files/checkpoints_test.ts";
import "./scripts/files/data_test.ts";
import "./scripts/files/encoding_test.ts";
import "./scripts/files/gzip_test.ts";
import "./scripts/files/input_test.ts";
import "./scripts/files/paths_test.ts";
import "./scripts/files/prompt_test.ts";
import "./scripts/files/provenance_test.ts";
import "./scripts/files/unknown_test.ts";
import "./scripts/files/utf8_test.ts";
import "./scripts/files/write_test.ts";
import "./scripts/gradcheck_test.ts";
import "./scripts/house_test.ts";
import "./scripts/packages_test.ts";
import "./scripts/sample_test.ts";
import "./scripts/std/assert_test.ts";
import "./scripts/std/parse_args_test.ts";
import "./scripts/sweep/grid_test.ts";
import "./scripts/sweep/results_test.ts";
import "./scripts/sweep/runs_test.ts";
import "./scripts/sweep/summary_test.ts";
import "./scripts/sweep_test.ts";
import "./scripts/terminal/evaluation_test.ts";
import "./scripts/terminal/explanation_test.ts";
import "./scripts/terminal/plot_test.ts";
import "./scripts/terminal/progress_test.ts";
import "./scripts/terminal/samples_test.ts";
import "./scripts/terminal/table_test.ts";
import "./scripts/train/announcement_test.ts";
import "./scripts/train/figures_test.ts";
import "./scripts/train/flags_test.ts";
import "./scripts/train/log_test.ts";
import "./scripts/train/resume_test.ts";
import "./scripts/train/run_test.ts";
import "./scripts/train/saving_test.ts";
import "./scripts/train/snapshots_test.ts";
import "./scripts/train/steps_test.ts";
import "./scripts/train_test.ts";

/**
 * The tests of the tasks, in one program, as in library.ts. `deno task test` runs them file by file, several at a time.
 *
 * @module
 */

import "./scripts/cli/flags_test.ts";
import "./scripts/cli/interruption_test.ts";
import "./scripts/cli/task_test.ts";
import "./scripts/dev/docs_test.ts";
import "./scripts/dev/fuzz_test.ts";
import "./scripts/files/data_test.ts";
import "./scripts/std/assert_test.ts";
import "./scripts/terminal/progress_test.ts";
import "./scripts/train/log_test.ts";
import "./scripts/train/resume_test.ts";
import "./scripts/train_test.ts";

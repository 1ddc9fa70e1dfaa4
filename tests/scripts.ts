/**
 * The tests of the tasks, in one program, as in library.ts. `deno task test` runs them file by file, several at a time.
 *
 * @module
 */

import "./scripts/data_test.ts";
import "./scripts/dev/docs_test.ts";
import "./scripts/flags_test.ts";
import "./scripts/fuzz_test.ts";
import "./scripts/log_test.ts";
import "./scripts/progress_test.ts";
import "./scripts/resume_test.ts";
import "./scripts/task_test.ts";
import "./scripts/terminal_test.ts";
import "./scripts/train_test.ts";

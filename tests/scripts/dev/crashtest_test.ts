/**
 * Killed runs end in the same bytes.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused, task, taskTest } from "../task.ts";

taskTest("crashtest: kills, resumes and compares", () => {
  const { code, stdout, stderr } = task("crashtest", "--kills", "3", "--steps", "300");
  assertEquals([code, stderr], [0, ""]);
  assertMatch(
    stdout,
    /^3 kills \((SIGKILL|SIGHUP|SIGTERM|parent|, )+\), \d of them after progress was saved: .* ended in the same bytes \(array, 1 thread, 300 steps\)\n$/,
  );
  assertRefused(task("crashtest", "--engine", "array", "--threads", "2"), 2, "--threads 2 cannot be used");
});

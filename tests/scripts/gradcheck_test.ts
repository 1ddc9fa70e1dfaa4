/**
 * Gradients, compared tensor by tensor.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest("gradcheck: every tensor, within tolerance", (folder) => {
  Deno.writeTextFileSync(`${folder}/mine.txt`, "Ada\nBob\nEve\n");
  const flags = ["--data", `${folder}/mine.txt`, "--n-layer", "2", "--n-embd", "6", "--n-head", "3", "--checks", "2"];
  const checked = task("gradcheck", ...flags);
  assertEquals([checked.code, checked.stderr], [0, ""]);
  assertEquals(checked.stdout.match(/^(wte|wpe|lm_head|layer\d\.\w+) .*$/gm)!.length, 15);
  assertMatch(checked.stdout, /all within tolerance/);
  assertRefused(task("gradcheck", "--model", "m", "--n-embd", "8"), 2, "--n-embd has no effect with --model");
});

/**
 * What every task does: help, and errors in one sentence.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkRange, messageWith, modelConfig, settingError } from "../../../mod.ts";
import { sentenceOf } from "../../../scripts/cli/task.ts";
import { task, taskTest } from "../task.ts";

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
}

Deno.test("errors: settings that are flags of the task are called so, others keep their names", () => {
  const flags = { "n-embd": 0, "n-head": 0, "steps": 0 };
  const says = (work: () => unknown): string => sentenceOf(thrown(work), flags);
  assertEquals(
    says(() => modelConfig(27, { nEmbd: 10 })),
    "--n-embd 10 cannot be split over --n-head 4: it must be a multiple",
  );
  assertEquals(
    says(() => checkRange("steps", 0, { from: 1 })),
    "--steps 0 cannot be used: it must be a number from 1",
  );
  for (const name of ["nLayer", "constructor", "--steps"]) {
    assertEquals(
      says(() => checkRange(name, NaN, {})),
      `${name} NaN cannot be used: it must be a number`,
    );
  }
  // An error that says more of another keeps its settings.
  const inner = thrown(() => checkRange("steps", 0, { from: 1 })) as Error;
  const outer = settingError((nameOf) => `${messageWith(inner, nameOf)}; so is steps`);
  assertEquals(sentenceOf(outer, flags), "--steps 0 cannot be used: it must be a number from 1; so is steps");
  assertEquals(sentenceOf(new Error("steps 0\nno"), flags), "steps 0\\nno");
  assertEquals(sentenceOf("steps", flags), "steps");
});

taskTest("train and sample: --help lists the flags and does nothing else", () => {
  for (const name of ["train", "sample"]) {
    const { code, stdout, stderr } = task(name, "--help");
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `deno task ${name} [flags]`);
    assertStringIncludes(stdout, "--temperature N");
  }
});

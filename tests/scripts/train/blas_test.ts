/**
 * Runs whose matrix products are the system's BLAS's.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { assertRefused, task, taskTest } from "../task.ts";

const RUN = ["--engine", "simd", "--n-embd", "64", "--batch", "16", "--steps", "20", "--eval-documents", "20"];

taskTest(
  "train:native: a BLAS computes the run to the same digits, and to the same bytes each time; or says what to install",
  (folder) => {
    const out = (name: string): string[] => ["--out", `${folder}/${name}`];
    const native = task("train:native", ...RUN, "--blas", ...out("blas"));
    if (native.code !== 0) {
      assertRefused(native, 1, "--blas found no library");
      assertStringIncludes(native.stderr, "apt install libopenblas0");
      return;
    }
    assertMatch(native.stdout, /engine: simd \(float32, .*(OpenBLAS|BLIS) \S+/);
    const loss = ({ stdout }: { stdout: string }): number => Number(stdout.match(/20 \/ +20 \| loss (\S+)/)![1]);
    const own = task("train", ...RUN, ...out("own"));
    assertEquals(Math.abs(loss(native) - loss(own)) < 2e-3, true);
    task("train:native", ...RUN, "--blas", "--quiet", ...out("again"));
    assertEquals(Deno.readFileSync(`${folder}/again`), Deno.readFileSync(`${folder}/blas`));
    const { engine } = decodeCheckpoint(Deno.readFileSync(`${folder}/blas`));
    assertMatch(engine!.build!, /(OpenBLAS|BLIS) \S+/);

    // Without it a run that had it is another.
    const resumed = task("train", "--resume", `${folder}/blas`, "--steps", "21", "--quiet");
    assertStringIncludes(resumed.stderr, "it will not end in the same bytes");
  },
);

taskTest("train: --blas needs its task, simd, and a library with what it takes", () => {
  assertRefused(task("train", ...RUN, "--blas"), 1, "--blas needs a task that may load libraries");
  assertRefused(task("train:native", "--blas"), 2, "--blas cannot be used with --engine array: it needs --engine simd");
  assertRefused(task("train:native", ...RUN, "--blas", "no/such.so"), 1, "cannot be used: it must be a BLAS library");
  assertRefused(task("train:native", ...RUN, "--blas", "libm.so.6"), 1, "cannot be used: it must be a BLAS library");
});

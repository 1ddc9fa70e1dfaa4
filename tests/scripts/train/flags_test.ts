/**
 * The flags of `train`: errors call them by their names.
 *
 * @module
 */

import { assertRefused, task, taskTest } from "../task.ts";

/** What --threads may be at most. */
const CORES = navigator.hardwareConcurrency;

taskTest("train: wrong flags are refused with exit code 2", () => {
  const wrong: [string[], string][] = [
    [["--step", "5"], "did you mean --steps?"],
    [["--", "--steps", "5"], '"--" is not needed'],
    [["names.txt"], '"names.txt" is not a flag'],
    [["--steps"], "--steps needs a value"],
    [["--steps", "0"], "--steps 0 cannot be used: it must be a whole number from 1"],
    [["--n-layer", "-1"], "--n-layer -1"],
    [["--learning-rate", "NaN"], '--learning-rate "NaN"'],
    [["--learning-rate", "1e300"], "--learning-rate 1e300"],
    [["--beta1", "1"], "--beta1 1 cannot be used: it must be a number from 0 and below 1"],
    [["--seed", "1.5"], "--seed 1.5"],
    [["--log-every", "0"], "--log-every 0"],
    [["--n-embd", "10", "--n-head", "4"], "--n-embd 10 cannot be split over --n-head 4: it must be a multiple"],
    [["--n-embd", "65536"], "parameters is too large"],
    [["--engine", "smid"], '--engine "smid" cannot be used: it must be one of scalar, array, simd'],
    [["--batch", "0"], "--batch 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", "0"], "--threads 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", String(CORES + 1)], `it must be a whole number from 1 to ${CORES}`],
    ...(CORES > 1
      ? [[["--threads", "2"], "--threads 2 cannot be used with --engine array"] as [string[], string]]
      : []),
  ];
  for (const [flags, sentence] of wrong) assertRefused(task("train", ...flags), 2, sentence);
});

taskTest("train: errors name the flags, also where two do not fit, and after the data is read", (folder) => {
  assertRefused(
    task("train", "--min-learning-rate", "0.02"),
    2,
    "--min-learning-rate 0.02 is above --learning-rate 0.01",
  );
  assertRefused(
    task("train", "--warmup", "1000"),
    2,
    "--warmup 1000 leaves none of 1000 steps to train at full rate: it must be below --steps",
  );
  assertRefused(
    task("train", "--val-fraction", "0.00001", "--out", `${folder}/m`),
    1,
    "--val-fraction 0.00001 of 8403",
  );
});

/**
 * What a run says of itself.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { hyperparameters, type TrainingState } from "../../../mod.ts";
import { parseFlags } from "../../../scripts/cli/flags.ts";
import {
  beginningLine,
  interruptedLine,
  noteThreads,
  progressOf,
  resumedLines,
} from "../../../scripts/train/announcement.ts";
import { FLAGS } from "../../../scripts/train/flags.ts";
import { computesAlike, type Run } from "../../../scripts/train/run.ts";

Deno.test("train: an interrupted run says where it was saved, which is what is resumed", () => {
  const said = (out: string, ...args: string[]): string => {
    const given = new Set(args.filter((arg) => arg.startsWith("--")).map((arg) => arg.slice(2)));
    return interruptedLine(7, { out } as Run, parseFlags(FLAGS, args), given);
  };
  // A resumed run goes on where it was, though --out has a default.
  assertEquals(
    said("old.st", "--resume", "old.st"),
    "interrupted after step 7: saved old.st; go on with deno task train --resume old.st",
  );
  assertEquals(
    said("new.st", "--resume", "old.st", "--out", "new.st", "--steps", "9", "--log", "a b"),
    "interrupted after step 7: saved new.st; go on with deno task train --resume new.st --log 'a b'",
  );
});

Deno.test("train: a resumed run says where it stands, that it is complete, and that its learning rate rises again", () => {
  const lines = (t: number, steps: number, savedSteps: number, given = {}): string[] => {
    const [settings, savedSettings] = [steps, savedSteps].map((steps) => hyperparameters({ ...given, steps }));
    return resumedLines({ state: { t } as TrainingState, settings, savedSettings } as Run, "m");
  };
  assertEquals(lines(5, 10, 10), ["resumed: m, after step 5 of 10"]);
  assertEquals(lines(10, 10, 10).slice(1), ["complete: it has taken all of its steps; --steps 20 takes as many again"]);
  assertEquals(lines(10, 20, 10).slice(1), [
    "learning rate: rises again from 0.001 to 0.005, since with 20 steps in place of 10 less of its decay is behind it",
  ]);
  assertEquals(lines(10, 20, 10, { schedule: "constant" }).length, 1);
  assertEquals(lines(5, 8, 10).length, 1); // falls faster
});

Deno.test("train: more threads than cores are no mistake, but cost something, which is said", () => {
  const said: string[] = [];
  const { error } = console;
  console.error = (line: string) => said.push(line);
  try {
    for (const [threads, cores] of [[1, 1], [2, 2], [2, 1], [8, 2]]) {
      noteThreads({ engine: { name: "simd", threads } }, cores);
    }
  } finally {
    console.error = error;
  }
  assertEquals(said, [
    "note: 2 threads on 1 core give the bits of 2 threads, but are no faster than --threads 1",
    "note: 8 threads on 2 cores give the bits of 8 threads, but are no faster than --threads 2",
  ]);
});

Deno.test("train: engines compute alike if all that is known of them is the same", () => {
  const simd = { name: "simd", threads: 2, build: "relaxed SIMD", fused: true } as const;
  assert(computesAlike(simd, simd) && computesAlike(simd, { name: "simd", threads: 2 }));
  for (const change of [{ name: "array" as const }, { threads: 1 }, { build: "SIMD" }, { fused: false }]) {
    assert(!computesAlike(simd, { ...simd, ...change }) && !computesAlike({ ...simd, ...change }, simd));
  }
});

Deno.test("train: steps are shown from the first one that a run takes, resumed or not, and not with --quiet", () => {
  const shown = (before: number, ...args: string[]): number[] => {
    const state = { t: before } as TrainingState;
    const run = { state, settings: hyperparameters({ steps: 12 }) } as Run;
    const progress = progressOf(run, parseFlags(FLAGS, args));
    const said: string[] = [];
    const log = console.log;
    console.log = (line: string) => said.push(line);
    try {
      for (let t = before + 1; t <= 12; t++) {
        progress.step({ t, loss: 2, learningRate: 0.01, gradNorm: 1, tokens: 5, state: () => state });
      }
      progress.end();
    } finally {
      console.log = log;
    }
    return said.map((line) => Number(line.match(/^step +(\d+) /)![1]));
  };
  assertEquals(shown(0, "--log-every", "5"), [1, 5, 10, 12]);
  assertEquals(shown(7, "--log-every", "5"), [8, 10, 12]);
  assertEquals(shown(7, "--log-every", "100"), [8, 12]);
  assertEquals(shown(0, "--log-every", "5", "--quiet"), []);
});

Deno.test("train: what a run begins from is said, and which characters it did not know", () => {
  const line = (...newCharacters: string[]): string => beginningLine({ path: "m", t: 7, newCharacters });
  assertEquals(line(), "begins from: m, the model after step 7");
  assertEquals(line("é"), "begins from: m, the model after step 7, with 1 new character: é");
  assertEquals(line("é", "\u200b"), "begins from: m, the model after step 7, with 2 new characters: é U+200B");
});

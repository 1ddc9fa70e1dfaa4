/**
 * Which states are saved, and the best model beside the last one.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, type TrainingState, type TrainingStep } from "../../../mod.ts";
import type { Run } from "../../../scripts/train/run.ts";
import { type Saver, saving } from "../../../scripts/train/saving.ts";
import { assertRefused, task, taskTest } from "../task.ts";

Deno.test("saving: each best state, each N-th and the last, each right after what must come before", () => {
  const calls: string[] = [];
  const saver: Saver = {
    save: ({ t }) => calls.push(`save ${t}`),
    saveBest: ({ t }) => calls.push(`best ${t}`),
    best: () => undefined,
    last: () => undefined,
  };
  const stateAt = (t: number): TrainingState => ({ t }) as TrainingState;
  const observer = saving(saver, { settings: { steps: 6 } } as Run, 2, () => calls.push("before"));
  for (let t = 1; t <= 6; t++) {
    const evaluation = { improved: t === 3 };
    observer.step({ t, evaluation, state: () => stateAt(t) } as TrainingStep);
  }
  observer.end!(stateAt(6));
  const saves = ["save 2", "best 3", "save 4", "save 6"];
  assertEquals(calls, saves.flatMap((save) => ["before", save]));
  observer.end!(); // the run failed
  assertEquals(calls.length, 2 * saves.length);
});

taskTest("train --resume --out: takes the right best model along, and replaces nothing else", (folder) => {
  const path = (name: string): string => `${folder}/${name}.st`;
  const run = ["--steps", "40", "--samples", "0", "--quiet"];
  task("train", ...run, "--val-fraction", "0.1", "--eval-every", "20", "--out", path("m"));
  const best = Deno.readFileSync(path("m.best"));
  assertEquals(task("train", "--resume", path("m"), "--quiet", "--out", path("c")).code, 0);
  assertEquals(decodeCheckpoint(Deno.readFileSync(path("c.best"))).t, decodeCheckpoint(best).t);

  // The best model of another run is not taken for this one's.
  Deno.writeTextFileSync(path("data"), "anna\nbob\neve\nida\nleo\nmia\nnoah\n");
  const overfit = ["--data", path("data"), "--val-fraction", "0.3", "--eval-every", "10", "--learning-rate", "0.05"];
  task("train", ...run, ...overfit, "--steps", "300", "--out", path("o"));
  const last = decodeCheckpoint(Deno.readFileSync(path("o")));
  assert(last.selection.bestT < 300);
  Deno.copyFileSync(path("o"), path("o.best"));
  const taken = task("train", "--resume", path("o"), "--data", path("data"), "--quiet", "--out", path("p"));
  assertEquals(taken.code, 0);
  assertStringIncludes(taken.stderr, `note: the best model so far, of step ${last.selection.bestT}, should be`);
  assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("p")).map(({ name }) => name), [
    "p.st",
  ]);

  // A run without validation has no best model: what lies there is another's, or no model at all.
  task("train", ...run, "--out", path("m"));
  Deno.writeTextFileSync(path("d.best"), "diary");
  assertEquals(task("train", "--resume", path("m"), "--quiet", "--out", path("d")).code, 0);
  assertEquals(Deno.readTextFileSync(path("d.best")), "diary");
  assertEquals(Deno.readFileSync(path("m.best")), best);

  const patient = task("train", "--resume", path("m"), "--steps", "60", "--patience", "2");
  assertRefused(patient, 1, "began without --eval-every or --val-fraction, and has nothing to wait for");
});

/**
 * Which states are saved, and the best model beside the last one.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Checkpoint, decodeCheckpoint, type TrainingState, type TrainingStep } from "../../../mod.ts";
import type { Run } from "../../../scripts/train/run.ts";
import { isBestOf, type Saver, saverWith, saving } from "../../../scripts/train/saving.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { dataWith } from "../training.ts";

Deno.test("saving: each best state, each N-th and the last, each right after what must come before", () => {
  const calls: string[] = [];
  const saver: Saver = {
    save: ({ t }) => calls.push(`save ${t}`),
    saveBest: ({ t }) => calls.push(`best ${t}`),
    keep: ({ t }) => calls.push(`keep ${t}`),
    best: () => undefined,
    previous: () => undefined,
    last: () => undefined,
  };
  const stateAt = (t: number): TrainingState => ({ t }) as TrainingState;
  const observer = saving(
    saver,
    { settings: { steps: 6 } } as Run,
    { save: 2, milliseconds: 0, keep: 4 },
    () => calls.push("before"),
  );
  for (let t = 1; t <= 6; t++) {
    const evaluation = { improved: t === 3 };
    observer.step({ t, evaluation, state: () => stateAt(t) } as TrainingStep);
  }
  observer.end!(stateAt(6));
  const saves = ["save 2", "best 3", "keep 4", "save 4", "save 6"]; // kept first: see saving
  assertEquals(calls, saves.flatMap((save) => ["before", save]));
  observer.end!(); // the run failed
  assertEquals(calls.length, 2 * saves.length);
});

Deno.test("saving: by time too, counted from the last save", () => {
  const saved: number[] = [];
  const saver = { save: ({ t }: TrainingState) => saved.push(t) } as Partial<Saver> as Saver;
  let now = 0;
  const every = { save: 5, milliseconds: 30, keep: 0 };
  const observer = saving(saver, { settings: { steps: 12 } } as Run, every, () => {}, () => now);
  for (let t = 1; t <= 12; t++) {
    now += 10;
    observer.step({ t, state: () => ({ t }) } as TrainingStep);
  }
  assertEquals(saved, [3, 5, 8, 10]); // the last step is saved at the end
});

Deno.test("saving: the best model of a run is of its step and its data, not of another's", () => {
  const run = { selection: { bestLoss: 2, bestT: 7, waited: 1 }, dataHash: "a" };
  assert(isBestOf({ t: 7, dataHash: "a" }, run));
  assert(!isBestOf({ t: 6, dataHash: "a" }, run));
  assert(!isBestOf({ t: 7, dataHash: "b" }, run));
  assert(!isBestOf({ t: 7, dataHash: null }, run));
});

Deno.test("saver: says what was saved last, and takes the best model along with the first save elsewhere", () => {
  const stateOf = (t: number, bestT: number, bestLoss: number | null): TrainingState =>
    ({ t, selection: { bestT, bestLoss, waited: 0 } }) as TrainingState;
  const old = { t: 3 } as Checkpoint;
  const follow = (state: TrainingState, resumed: string, best: Checkpoint | undefined) => {
    const written: [string, number][] = [];
    const run = { state, data: dataWith([]), out: "m.st" } as Run;
    const write = (path: string, { t }: Checkpoint, before = () => {}): void => {
      before();
      written.push([path, t]);
    };
    const keep = (path: string): string => {
      written.push([`keep ${path}`, 0]);
      return "m.previous.st";
    };
    const saver = saverWith(run, resumed, best, write, keep);
    return { saver, written, says: () => [saver.last(), saver.best()] };
  };

  const fresh = follow(stateOf(0, 0, null), "", undefined);
  assertEquals(fresh.says(), [undefined, undefined]);
  fresh.saver.saveBest(stateOf(1, 1, 2));
  assertEquals(fresh.says(), [undefined, "m.best.st"]); // the best model is no checkpoint to go on from
  fresh.saver.save(stateOf(2, 1, 2));
  fresh.saver.save(stateOf(5, 1, 2));
  assertEquals(fresh.says(), [{ path: "m.st", t: 5 }, "m.best.st"]);
  fresh.saver.keep(stateOf(5, 1, 2));
  const kept: [string, number] = ["keep m.st", 0]; // once, before anything is replaced
  assertEquals(fresh.written, [kept, ["m.best.st", 1], ["m.st", 2], ["m.st", 5], ["m.step-5.st", 5]]);
  assertEquals(fresh.saver.previous(), "m.previous.st");

  const moved = follow(stateOf(4, 3, 2), "old.st", old);
  assertEquals(moved.says(), [{ path: "old.st", t: 4 }, "m.best.st"]);
  moved.saver.save(stateOf(5, 3, 2));
  moved.saver.save(stateOf(6, 3, 2));
  assertEquals(moved.written, [kept, ["m.best.st", 3], ["m.st", 5], ["m.st", 6]]);
  assertEquals(moved.says(), [{ path: "m.st", t: 6 }, "m.best.st"]);

  const better = follow(stateOf(4, 3, 2), "old.st", old);
  better.saver.saveBest(stateOf(5, 5, 1));
  better.saver.save(stateOf(5, 5, 1));
  assertEquals(better.written, [kept, ["m.best.st", 5], ["m.st", 5]]);

  const there = follow(stateOf(4, 3, 2), "m.st", old);
  there.saver.save(stateOf(5, 3, 2));
  assertEquals(there.written, [["m.st", 5]]); // the best model is there already
  assertEquals(there.says(), [{ path: "m.st", t: 5 }, "m.best.st"]);
  assertEquals(there.saver.previous(), undefined);

  const itself = follow(stateOf(4, 4, 2), "old.st", undefined);
  itself.saver.save(stateOf(5, 4, 2));
  assertEquals(itself.written, [kept, ["m.best.st", 4], ["m.st", 5]]);

  const lost = follow(stateOf(4, 3, 2), "old.st", undefined);
  lost.saver.save(stateOf(5, 3, 2));
  assertEquals([lost.written, lost.saver.best()], [[kept, ["m.st", 5]], undefined]);
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
  const beside = task("train", "--resume", path("m"), "--quiet", "--out", path("d"));
  assertEquals(beside.code, 0);
  assertEquals(beside.stderr, `note: ${path("d.best")} belongs to another run, and stays as it is\n`);
  assertEquals(Deno.readTextFileSync(path("d.best")), "diary");
  const validated = task("train", ...run, "--val-fraction", "0.1", "--out", path("d"));
  assertRefused(validated, 1, `model ${path("d.best")} cannot be written: there is a file that is not a model`);
  // The best model that was beside m went with it when a run without one took its place.
  assertEquals(Deno.readFileSync(path("m.previous.best")), best);

  const patient = task("train", "--resume", path("m"), "--steps", "60", "--patience", "2");
  assertRefused(patient, 1, "began without --eval-every or --val-fraction, and has nothing to wait for");
});

taskTest("train: a new run keeps the model that it replaces, with its best one, and says so", (folder) => {
  const path = (name: string): string => `${folder}/${name}.st`;
  const names = (): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const run = (...args: string[]) => task("train", "--steps", "4", "--samples", "0", "--out", path("m"), ...args);
  const bytes = (name: string): Uint8Array => Deno.readFileSync(path(name));
  assert(!run("--val-fraction", "0.1").stdout.includes("previous"));
  const first = [bytes("m"), bytes("m.best")];
  const { stdout } = run("--seed", "1", "--checkpoint-every", "1");
  assertStringIncludes(stdout, `\nprevious: ${path("m.previous")} (the model that was there before this run)\nsaved: `);
  assertEquals(names(), ["m.previous.best.st", "m.previous.st", "m.st"]);
  assertEquals([bytes("m.previous"), bytes("m.previous.best")], first);

  // The run itself goes on: nothing is replaced but what is its own.
  const second = bytes("m");
  task("train", "--resume", path("m"), "--steps", "6", "--quiet");
  assertEquals(bytes("m.previous"), first[0]);
  run("--seed", "2");
  assertEquals([bytes("m.previous").length, names()], [second.length, ["m.previous.st", "m.st"]]);
  assertEquals(decodeCheckpoint(bytes("m.previous")).t, 6);

  // The model that a run begins from is not lost to the one that it replaces.
  for (const flag of ["--resume", "--init-from"]) {
    assertRefused(
      run(flag, path("m.previous"), "--steps", "9"),
      1,
      `begins from ${path("m.previous")}, in whose place it would keep`,
    );
  }

  // A run that saves nothing keeps nothing; what is no model is not replaced.
  const before = bytes("m.previous");
  Deno.writeTextFileSync(path("m.best"), "diary");
  assertRefused(run("--val-fraction", "0.1"), 1, "there is a file that is not a model");
  assertEquals(bytes("m.previous"), before);
  assertEquals(run("--seed", "3").code, 0);
  assertEquals(Deno.readTextFileSync(path("m.best")), "diary");
  Deno.writeTextFileSync(path("m.previous"), "diary");
  assertRefused(run(), 1, `model ${path("m.previous")} cannot be written: there is a file that is not a model`);
});

taskTest("train: --keep-every keeps the model after each N-th step, which goes on to the same bytes", (folder) => {
  const path = (name: string): string => `${folder}/${name}.st`;
  task("train", "--steps", "7", "--keep-every", "3", "--quiet", "--out", path("m"));
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["m.st", "m.step-3.st", "m.step-6.st"]);
  const whole = Deno.readFileSync(path("m"));
  assertEquals(decodeCheckpoint(Deno.readFileSync(path("m.step-3"))).t, 3);
  task("train", "--resume", path("m.step-3"), "--quiet", "--out", path("again"));
  assertEquals(Deno.readFileSync(path("again")), whole);

  assertRefused(task("train", "--resume", path("m.step-3")), 2, "was kept after step 3, and stays: name with --out");
  assertEquals(decodeCheckpoint(Deno.readFileSync(path("m.step-3"))).t, 3);
  Deno.writeTextFileSync(path("m.step-4"), "diary");
  const run = ["--steps", "7", "--quiet", "--out", path("m")];
  const refused = task("train", ...run, "--keep-every", "2");
  assertRefused(refused, 1, `model ${path("m.step-4")} cannot be written: there is a file that is not a model`);
  assertEquals(Deno.readFileSync(path("m")), whole);
  const { code, stderr } = task("train", ...run, "--keep-every", "3", "--seed", "1");
  assertEquals([code, stderr], [0, `note: --keep-every replaces 2 models kept by a run before, beside ${path("m")}\n`]);
});

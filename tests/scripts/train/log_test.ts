/**
 * The log of a run as a file.
 *
 * @module
 */

import { assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeCheckpoint,
  type Evaluation,
  formatLogEntry,
  hyperparameters,
  initTraining,
  type LogEntry,
  type LogHeader,
  modelConfig,
  parseRunLog,
  type StepEvaluation,
} from "../../../mod.ts";
import { beginningOf, endEntry, entriesIn, logging } from "../../../scripts/train/log.ts";
import { law } from "../../property.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

const step = (t: number): LogEntry => ({
  ...{ type: "step", t, loss: 3 / t, learningRate: 0.01, gradNorm: 1, tokensPerSecond: 9, time: t },
});

const state = initTraining(["anna", "bob"], { nEmbd: 2, nHead: 1 });
const figures: Evaluation = { documents: 1, tokens: 5, loss: 2, bitsPerCharacter: 2.9, perplexity: 7.4 };

law(
  "log: every step with its own speed, and every evaluation, better or not",
  [fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 500 }), fc.nat(3)), {
    maxLength: 9,
  })],
  (run) => {
    let clock = 12_345;
    const entries: LogEntry[] = [];
    const write = (entry: LogEntry): void => void entries.push(entry);
    const observer = logging({ write, flush: () => {}, failure: () => undefined }, () => clock);
    const evaluationOf = (kind: number): StepEvaluation | undefined =>
      kind === 0
        ? { training: figures, validation: figures, improved: true }
        : kind === 1
        ? { training: figures, improved: false }
        : undefined;
    run.forEach(([ms, tokens, kind], i) => {
      clock += ms;
      const evaluation = evaluationOf(kind);
      const step = { t: 4 + i, loss: 2.5, learningRate: 0.01, gradNorm: 1.5, tokens, state: () => state };
      observer.step({ ...step, ...(evaluation && { evaluation }) });
    });
    const steps = entries.filter((entry) => entry.type === "step");
    assertEquals(
      steps.map(({ t, loss, learningRate, gradNorm }) => [t, loss, learningRate, gradNorm]),
      run.map((_, i) => [4 + i, 2.5, 0.01, 1.5]),
    );
    steps.forEach(({ tokensPerSecond }, i) => {
      const [ms, tokens] = run[i];
      assertAlmostEquals(tokensPerSecond, tokens / (ms / 1000), 0.501);
    });
    const evaluations = run.flatMap(([, , kind], i) => {
      const evaluation = evaluationOf(kind);
      return evaluation ? [{ type: "evaluation", t: 4 + i, ...evaluation } as LogEntry] : [];
    });
    assertEquals(entries.filter(({ type }) => type === "evaluation"), evaluations);
  },
);

Deno.test("log: the end says why it came, where, and with which figures", () => {
  const waited = (waited: number) => ({ ...state, t: 7, selection: { bestLoss: 2, bestT: 5, waited } });
  const final = { training: figures, validation: { ...figures, loss: 3 } };
  const end = (n: number, patience: number): unknown => {
    const { time, ...entry } = endEntry(waited(n), hyperparameters({ patience }), final);
    assertAlmostEquals(time, Date.now(), 10_000);
    return entry;
  };
  assertEquals(end(3, 3), { type: "end", t: 7, reason: "early stop", ...final });
  for (const [n, patience] of [[2, 3], [3, 0], [0, 0]]) {
    assertEquals(end(n, patience), { type: "end", t: 7, reason: "all steps", ...final });
  }
});

function headerOf(seed: number, steps = 9, nLayer = 1): LogHeader {
  return {
    ...{ type: "header", config: modelConfig(27, { nLayer }), hyperparameters: hyperparameters({ seed, steps }) },
    ...{ dataHash: null, engine: { name: "array", threads: 1 }, versions: {} },
  };
}

Deno.test("log: a file is a log if it begins with a header, or is empty", () => {
  const text = (...entries: LogEntry[]): string => entries.map(formatLogEntry).join("");
  assertEquals(entriesIn("", "l"), []);
  assertEquals(entriesIn(text(headerOf(1), step(1)), "l"), [headerOf(1), step(1)]);
  assertEquals(entriesIn(`${text(headerOf(1), step(1))}{"type":"st`, "l"), [headerOf(1), step(1)]);
  for (const other of ["mine", "mine\n", "{}\n", "\n", text(step(1)), `${text(headerOf(1))}mine\n`]) {
    assertThrows(
      () => entriesIn(other, "l"),
      Error,
      "log l cannot be written: there is a file that is not the log of a run",
    );
  }
});

Deno.test("log: a resumed run keeps what it had logged up to its checkpoint, a new one its header alone", () => {
  const [header, longer] = [headerOf(1, 4), headerOf(1, 9)];
  const old = [
    header,
    ...[1, 2, 3, 4].map(step),
    endEntry({ ...state, t: 4 }, hyperparameters(), { training: figures }),
  ];
  const begin = (old: readonly LogEntry[], t: number, next = longer) => beginningOf(old, next, t, "l");
  assertEquals(begin([], 0), [longer]);
  assertEquals(begin([], 4), [longer]);
  assertEquals(begin(old, 4), old.slice(0, 5));
  assertEquals(begin(old, 2), old.slice(0, 3));
  assertThrows(() => begin(old, 5), Error, "log l has no step 5");
  assertThrows(() => begin(old.filter((_, i) => i !== 2), 4), Error, "log l has no step 2");
  assertThrows(() => begin([header], 3), Error, "log l has no step 3");
  for (const other of [headerOf(2), headerOf(1, 9, 2)]) {
    assertThrows(() => begin(old, 4, other), Error, "log l belongs to another run");
  }
});

taskTest(
  "train: the log has a header, every step, evaluations, snapshots and the end; resumed it has no step twice",
  async (folder) => {
    const [out, log] = [`${folder}/model`, `${folder}/run.jsonl`];
    const own = ["--log", log, "--snapshot-every", "4000", "--log-every", "500"];
    const run = [
      ...["--steps", "12000", "--n-embd", "8", "--val-fraction", "0.1", "--eval-every", "3000"],
      ...["--eval-documents", "20", "--checkpoint-every", "10", "--out", out],
    ];
    const { stop } = await startTraining("--until", "  500 /", ...run, ...own);
    assertEquals((await stop("SIGKILL")).status.signal, "SIGKILL");
    // What a run had logged after its checkpoint, and half a line.
    Deno.writeTextFileSync(log, `${formatLogEntry(step(11_999))}{"type":"st`, { append: true });
    assertEquals(task("train", "--resume", out, "--steps", "12000", ...own, "--samples", "0").code, 0);
    const entries = parseRunLog(Deno.readTextFileSync(log));
    const of = <T extends LogEntry["type"]>(type: T): Extract<LogEntry, { type: T }>[] =>
      entries.filter((entry): entry is Extract<LogEntry, { type: T }> => entry.type === type);
    assertEquals(entries[0].type, "header");
    assertEquals(of("header").length, 1);
    assertEquals(of("step").map(({ t }) => t), Array.from({ length: 12_000 }, (_, i) => i + 1));
    assertEquals(of("evaluation").map(({ t }) => t).slice(-4), [3000, 6000, 9000, 12_000]);
    assertEquals(of("snapshot").map(({ t, samples }) => [t, samples.length]), [[4000, 5], [8000, 5], [12_000, 5]]);
    const [end] = of("end");
    assertEquals([end.t, end.reason, entries.at(-1)], [12_000, "all steps", end]);
    assertEquals(end.validation, of("evaluation").at(-1)!.validation);
    assertEquals(of("header")[0].config.nEmbd, 8);
  },
);

taskTest("train: a log does not replace a file that is not a log, and snapshots need one", (folder) => {
  Deno.writeTextFileSync(`${folder}/notes`, "mine\n");
  const flags = ["--steps", "2", "--out", `${folder}/model`, "--quiet"];
  assertRefused(task("train", ...flags, "--log", `${folder}/notes`), 1, "there is a file that is not the log of a run");
  assertEquals(Deno.readTextFileSync(`${folder}/notes`), "mine\n");
  assertRefused(task("train", ...flags, "--log", folder), 1, `log ${folder} cannot be written: it is a folder`);
  assertRefused(task("train", "--snapshot-every", "5"), 2, "--snapshot-every 5 has no effect without --log");
});

taskTest(
  "log: not the model's own file, not another run's, not a pipe; a log that fails does not cost the model",
  (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    const train = (...flags: string[]): ReturnType<typeof task> => task("train", "--quiet", "--steps", "20", ...flags);
    assertRefused(train("--out", path("x"), "--log", path("x")), 2, "it is the same file as --out");
    assertRefused(train("--out", path("x.st"), "--log", path("x.best.st")), 2, "it is the same file as the best model");
    train("--out", path("a"), "--learning-rate", "0.02", "--log", path("log"));
    train("--out", path("a"), "--log", path("log")); // a new run begins a new log
    const [begun] = parseRunLog(Deno.readTextFileSync(path("log")));
    assertEquals(begun.type === "header" && begun.hyperparameters.learningRate, 0.01);
    train("--out", path("b"), "--seed", "7");
    assertRefused(train("--resume", path("b"), "--log", path("b.best")), 2, "it is the same file as the best model");
    const before = Deno.readTextFileSync(path("log"));
    assertRefused(train("--resume", path("b"), "--steps", "30", "--log", path("log")), 1, "belongs to another run");
    assertEquals(Deno.readTextFileSync(path("log")), before);
    const lines = before.split("\n");
    Deno.writeTextFileSync(path("gap"), lines.filter((line) => !line.includes('"t":7,')).join("\n"));
    assertRefused(train("--resume", path("a"), "--steps", "30", "--log", path("gap")), 1, "has no step 7");
    Deno.writeTextFileSync(path("short"), lines.slice(0, 5).join("\n") + "\n");
    assertRefused(train("--resume", path("a"), "--steps", "30", "--log", path("short")), 1, "has no step 5");
    assertEquals(train("--resume", path("a"), "--steps", "30", "--log", path("log")).code, 0);
    // A new run replaces a log whatever its size, having read its beginning; one to go on with must be read whole.
    Deno.copyFileSync(path("log"), path("huge"));
    Deno.truncateSync(path("huge"), 3 * 2 ** 30);
    assertRefused(train("--resume", path("b"), "--steps", "30", "--log", path("huge")), 1, "it has 3221 MB");
    assertEquals(train("--out", path("e"), "--log", path("huge")).code, 0);
    new Deno.Command("mkfifo", { args: [path("pipe")] }).outputSync();
    assertRefused(train("--out", path("c"), "--log", path("pipe")), 1, "it is not a regular file");

    const script = 'ulimit -f 6000; exec "$0" run --allow-read --allow-write scripts/train.ts "$@"';
    const small = ["--n-embd", "2", "--n-head", "1", "--block-size", "4", "--samples", "0"];
    const args = ["--quiet", "--steps", "60000", ...small];
    const { code, stderr } = new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath(), ...args, "--out", path("d"), "--log", path("long")],
      env: { NO_COLOR: "1" },
    }).outputSync();
    assertEquals(code, 1);
    assertMatch(
      new TextDecoder().decode(stderr),
      /^note: log .* cannot be written: .*; the run goes on without it\nerror: log .* the model is saved: .*\n$/,
    );
    assertEquals(decodeCheckpoint(Deno.readFileSync(path("d"))).t, 60_000);
  },
);

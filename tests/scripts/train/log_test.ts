/**
 * The log of a run as a file.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { decodeCheckpoint, formatLogEntry, type LogEntry, parseRunLog } from "../../../mod.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

const step = (t: number): LogEntry => ({
  ...{ type: "step", t, loss: 3 / t, learningRate: 0.01, gradNorm: 1, tokensPerSecond: 9, time: t },
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

taskTest("train: a log does not replace a file that is none, and snapshots need one", (folder) => {
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
    train("--out", path("a"), "--log", path("log"));
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
    {
      using busy = Deno.openSync(path("log"), { append: true });
      busy.lockSync(true);
      assertRefused(train("--out", path("e"), "--log", path("log")), 1, "another run is writing it");
    }
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

/**
 * Runs that end before their time, and go on.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, type LogEntry, parseRunLog } from "../../../mod.ts";
import { bestPath } from "../../../scripts/files/beside.ts";
import { assertRefused, ROOT, task, taskTest, until } from "../task.ts";
import { startTraining } from "../training.ts";

const THREADS = String(Math.min(2, navigator.hardwareConcurrency));
const OPTIONS = [
  ...["--val-fraction", "0.1", "--eval-documents", "20", "--eval-every", "500"],
  ...["--schedule", "cosine", "--warmup", "9", "--clip-norm", "1", "--weight-decay", "0.01"],
  ...["--dropout", "0.1"],
];

const RUNS = [
  { engine: ["scalar"], steps: 1200, signal: "SIGHUP", exitCode: 129 },
  { engine: ["array"], steps: 8000, signal: "SIGTERM", exitCode: 143 },
  { engine: ["simd", "--threads", THREADS], steps: 20000, signal: "SIGINT", exitCode: 130 },
] as const;

for (const { engine: [name, ...threads], steps, signal, exitCode } of RUNS) {
  taskTest(
    `train, ${name}: ${signal} finishes the step, saves and says how to go on; resumed it ends in the same bytes`,
    async (folder) => {
      const run = ["--engine", name, ...threads, "--steps", String(steps), "--batch", "2", "--n-embd", "8", ...OPTIONS];
      const whole = `${folder}/whole.safetensors`;
      const part = `${folder}/part.safetensors`;
      const { stop } = await startTraining(...run, "--log-every", "50000", "--out", part);
      const { code, stderr } = await stop(signal);
      const { t } = decodeCheckpoint(Deno.readFileSync(part));
      assert(t > 0 && t < steps);
      const command = `deno task train --resume ${part} --log-every 50000`;
      assertEquals([code, stderr], [exitCode, `interrupted after step ${t}: saved ${part}; go on with ${command}\n`]);

      assertEquals(task("train", "--resume", part, "--quiet"), { code: 0, stdout: "", stderr: "" });
      assertEquals(task("train", ...run, "--quiet", "--out", whole), { code: 0, stdout: "", stderr: "" });
      assertEquals(Deno.readFileSync(part), Deno.readFileSync(whole));
      assertEquals(Deno.readFileSync(bestPath(part)), Deno.readFileSync(bestPath(whole)));
    },
  );
}

taskTest(
  "train: a terminal that is closed costs nothing: the run saves its last step, with its log behind it",
  async (folder) => {
    const [out, log] = [`${folder}/model`, `${folder}/run.jsonl`];
    const train = `run --allow-read --allow-write scripts/train.ts --steps 1000000000 --out ${out} --log ${log}`;
    let terminal: Deno.ChildProcess;
    try {
      const args = ["--quiet", "--command", `"${Deno.execPath()}" ${train}`, "/dev/null"];
      terminal = new Deno.Command("script", { args, cwd: ROOT, stdin: "piped", stdout: "null", stderr: "null" })
        .spawn();
    } catch {
      return; // there is no other way to have a terminal here
    }
    const has = (name: string): boolean => [...Deno.readDirSync(folder)].some((entry) => entry.name === name);
    await until(() => has("run.jsonl"));
    await new Promise((later) => setTimeout(later, 500)); // it takes its steps, and shows them
    terminal.kill("SIGKILL");
    await terminal.status;
    await terminal.stdin.close().catch(() => {});
    await until(() => !has(".model.lock"));
    const { t } = decodeCheckpoint(Deno.readFileSync(out));
    const last = parseRunLog(Deno.readTextFileSync(log)).at(-1)!;
    assertEquals(last.type === "step" && last.t, t);
  },
);

taskTest("train: Ctrl-C with a log: the printed command goes on with both, and the log ends once", async (folder) => {
  const [out, log] = [`${folder}/my model`, `${folder}/run.jsonl`];
  const flags = ["--n-embd", "4", "--samples", "0", "--log-every", "100000", "--log", log, "--out", out];
  const { stop } = await startTraining("--steps", "50000", ...flags);
  const { code, stderr } = await stop("SIGINT");
  assertEquals(code, 130);
  const { t } = decodeCheckpoint(Deno.readFileSync(out));
  const steps = (entries: readonly LogEntry[]) => entries.flatMap((entry) => entry.type === "step" ? [entry.t] : []);
  const stopped = parseRunLog(Deno.readTextFileSync(log));
  assertEquals(steps(stopped), Array.from({ length: t }, (_, i) => i + 1));
  assertEquals(stopped.filter(({ type }) => type !== "step").map(({ type }) => type), ["header"]);

  const [, command] = stderr.match(/; go on with deno task (train .*)\n$/)!;
  const shell = new Deno.Command("sh", {
    args: ["-c", `exec "$0" task --quiet ${command} --steps ${t + 50}`, Deno.execPath()],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).outputSync();
  assertEquals([shell.code, new TextDecoder().decode(shell.stderr)], [0, ""]);
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).t, t + 50);
  const gone = parseRunLog(Deno.readTextFileSync(log));
  assertEquals(steps(gone), Array.from({ length: t + 50 }, (_, i) => i + 1));
  assertEquals(gone.map(({ type }) => type).filter((type) => type !== "step"), ["header", "end"]);
});

taskTest("train: --resume refuses what does not fit the run, and leaves it as it was", (folder) => {
  const out = `${folder}/model`;
  task("train", "--steps", "5", "--quiet", "--out", out);
  const bytes = Deno.readFileSync(out);
  Deno.writeTextFileSync(`${folder}/other.txt`, "anna\nbob\n");
  const refused = (sentence: string, ...flags: string[]): void =>
    assertRefused(task("train", "--resume", out, ...flags), 1, sentence);
  refused("--n-embd 32 cannot be used with --resume: the run has 16", "--n-embd", "32");
  refused("--learning-rate 0.1 cannot be used with --resume: the run has 0.01", "--learning-rate", "0.1");
  refused("--schedule cosine cannot be used with --resume: the run has linear", "--schedule", "cosine");
  refused("--steps 4 cannot be used: the run", "--steps", "4");
  refused(
    `data file ${folder}/other.txt is not what the run in ${out} was trained on`,
    "--data",
    `${folder}/other.txt`,
  );
  refused(`${folder}/none cannot be read: there is no such file`, "--data", `${folder}/none`);
  refused("there is no model none in", "--resume", `${folder}/none`);
  refused("cannot be loaded", "--resume", `${folder}/other.txt`);
  const own = `${folder}/own`;
  Deno.copyFileSync(`${folder}/other.txt`, `${folder}/lost.txt`);
  task("train", "--data", `${folder}/lost.txt`, "--steps", "5", "--quiet", "--out", own);
  Deno.removeSync(`${folder}/lost.txt`);
  assertRefused(
    task("train", "--resume", own),
    1,
    `the data that the run in ${own} was trained on is not at hand (SHA-256`,
  );
  assertRefused(task("train", "--allow-other-data"), 2, "--allow-other-data has no effect without --resume");
  assertEquals(Deno.readFileSync(out), bytes);

  const other = ["--data", `${folder}/other.txt`, "--allow-other-data", "--steps", "8", "--out", `${folder}/new`];
  const { code, stdout } = task("train", "--resume", out, ...other);
  assertEquals(code, 0);
  assertStringIncludes(stdout, `resumed: ${out}, after step 5 of 8`);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/new`)).t, 8);
  assertEquals(Deno.readFileSync(out), bytes);
});

taskTest(
  "train --resume: naming the engine that the run has changes nothing; other threads are refused by the flag",
  (folder) => {
    const out = `${folder}/model`;
    const threads = Math.min(2, navigator.hardwareConcurrency);
    const simd = ["--engine", "simd", "--threads", String(threads), "--batch", "4"];
    task("train", ...simd, "--steps", "10", "--samples", "0", "--quiet", "--out", out);
    const bytes = Deno.readFileSync(out);
    assertEquals(task("train", "--resume", out, "--engine", "simd", "--quiet").code, 0);
    assertEquals(Deno.readFileSync(out), bytes);
    const { engine } = decodeCheckpoint(bytes);
    assertEquals([engine!.name, engine!.threads, typeof engine!.build, typeof engine!.fused], [
      ...["simd", threads, "string", "boolean"],
    ]);
    const log = `${folder}/log.jsonl`;
    const goOn = (from: string, steps: number, ...args: string[]) =>
      task("train", "--resume", from, "--steps", String(steps), "--out", `${out}2`, ...args);
    const moved = goOn(out, 11, "--engine", "array", "--log", log, "--quiet");
    assertMatch(
      moved.stderr,
      /^note: so far the run was computed by simd \(.*\), from here on by array: .* same bytes .*\n$/,
    );
    assertEquals(goOn(out, 11, "--out", `${out}3`).stderr, "");
    goOn(`${out}2`, 12, "--engine", "simd", "--threads", String(threads), "--log", log);
    const headers = parseRunLog(Deno.readTextFileSync(log)).filter((entry) => entry.type === "header");
    assertEquals(headers.map((header) => header.engine.name), ["array", "simd"]);
    assertEquals(headers[1].engine, engine);
    if (threads < 2) return;
    assertRefused(
      task("train", "--resume", out, "--engine", "array", "--threads", "2"),
      2,
      "--threads 2 cannot be used",
    );
    task("train", "--steps", "10", "--samples", "0", "--quiet", "--out", out);
    assertRefused(
      task("train", "--resume", out, "--threads", "2"),
      1,
      "--threads 2 cannot be used with the engine array",
    );
  },
);

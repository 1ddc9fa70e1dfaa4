/**
 * Seeing a run: its log, its plot, and sweeps over many.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeCheckpoint, formatLogEntry, type LogEntry, logUntil, parseRunLog } from "../../../mod.ts";
import { lossCurve, lossPlot } from "../../../scripts/terminal/plot.ts";
import { meanAndDeviation } from "../../../scripts/sweep/results.ts";
import { law } from "../../property.ts";
import { assertRefused, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

const step = (t: number): LogEntry => ({
  ...{ type: "step", t, loss: 3 / t, learningRate: 0.01, gradNorm: 1, tokensPerSecond: 9, time: t },
});

law(
  "log: entries survive as lines; cut anywhere, those that are whole are read",
  fc.tuple(fc.nat(9), fc.nat()),
  ([n, at]) => {
    const entries = Array.from({ length: n }, (_, i) => step(i + 1));
    const text = entries.map(formatLogEntry).join("");
    assertEquals(parseRunLog(text), entries);
    const cut = text.slice(0, at % (text.length + 1));
    assertEquals(parseRunLog(cut), entries.slice(0, cut.split("\n").length - 1));
    assertEquals(logUntil(entries, at % 10), entries.slice(0, at % 10));
  },
);

Deno.test("log: a line that is no entry is refused by its number", () => {
  for (const wrong of ["anna", "{}", "[]", "null", '{"type":"x"}', "[".repeat(99)]) {
    assertThrows(() => parseRunLog(`${formatLogEntry(step(1))}${wrong}\n`), SyntaxError, "line 2 is no log entry");
  }
});

const runs = fc.record({
  losses: fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 1500 }),
  first: fc.integer({ min: 1, max: 1000 }),
  columns: fc.integer({ min: 1, max: 200 }),
});

law("plot: no wider than the terminal, both axes labelled, between the lowest and the highest mean", runs, (run) => {
  const { losses, first, columns } = run;
  const last = first + losses.length - 1;
  const curve = lossCurve(first, last);
  losses.forEach((loss, i) => curve.add(first + i, loss));
  const means = curve.means(60);
  assert(Math.min(...means) >= Math.min(...losses) - 1e-9 && Math.max(...means) <= Math.max(...losses) + 1e-9);
  if (losses.length <= 60) assertEquals(means.length, losses.length);
  const plot = lossPlot(curve, first, last, columns, false);
  for (const line of plot.split("\n")) assert([...line].length < columns || plot === "");
  if (columns >= 40 && losses.length >= 60) {
    assertMatch(plot, /^ loss in nats\n +\d+\.\d{3} ┤[^]* +\d+\.\d{3} ┤.*\n +└─+\n +\d+ +step +\d+$/);
    assert(!plot.includes("\x1b") && lossPlot(curve, first, last, columns, true).includes("\x1b[36m"));
  }
});

Deno.test("plot: falling losses are falling bars", () => {
  const curve = lossCurve(1, 1000);
  for (let t = 1; t <= 1000; t++) curve.add(t, 4 - t / 500);
  const rows = lossPlot(curve, 1, 1000, 40, false).split("\n").slice(1, 9).map((row) => row.slice(7));
  const heights = Array.from({ length: 32 }, (_, i) => rows.filter((row) => (row[i] ?? " ") !== " ").length);
  assertEquals(heights, heights.toSorted((a, b) => b - a));
  assertEquals([heights[0], heights[31]], [8, 1]);
});

Deno.test("plot: a run that stopped early fills the width, up to its last step", () => {
  const curve = lossCurve(1, 5000);
  for (let t = 1; t <= 1000; t++) curve.add(t, 4 - t / 500);
  assertMatch(lossPlot(curve, 1, 1000, 80, false), /\n {7}1 +step +1000$/);
  assertEquals(curve.means(60).length, 60);
});

Deno.test("sweep: mean and standard deviation of a sample", () => {
  const { mean, deviation } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals(mean, 5);
  assertAlmostEquals(deviation!, Math.sqrt(32 / 7), 1e-12);
  assertEquals(meanAndDeviation([3]), { mean: 3 });
});

taskTest(
  "train: the log has a header, every step, evaluations, snapshots and the end; resumed it has no step twice",
  async (folder) => {
    const [out, log] = [`${folder}/model`, `${folder}/run.jsonl`];
    const own = ["--log", log, "--snapshot-every", "4000", "--log-every", "500"];
    const run = [
      "--steps",
      "12000",
      "--n-embd",
      "8",
      "--val-fraction",
      "0.1",
      "--eval-every",
      "3000",
      "--eval-documents",
      "20",
    ];
    const { stop } = await startTraining(
      "--until",
      "  500 /",
      ...run,
      ...own,
      "--checkpoint-every",
      "10",
      "--out",
      out,
    );
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
  assertRefused(task("train", ...flags, "--log", `${folder}/notes`), 1, "there is a file that is no log of a run");
  assertEquals(Deno.readTextFileSync(`${folder}/notes`), "mine\n");
  assertRefused(task("train", ...flags, "--log", folder), 1, `log ${folder} cannot be written: it is a folder`);
  assertRefused(task("train", "--snapshot-every", "5"), 2, "--snapshot-every 5 has no use without --log");
});

taskTest(
  "sweep: every combination and seed, to CSV and a table; resumable; one failed run does not end the rest",
  (folder) => {
    const out = `${folder}/sweep`;
    const grid = ["--steps", "20", "--n-embd", "4,8", "--init-std", "0.1,100", "--learning-rate", "10"];
    const { code, stdout, stderr } = task("sweep", ...grid, "--seeds", "2", "--out", out);
    const rows = Deno.readTextFileSync(`${out}/results.csv`).trimEnd().split("\n");
    const expected =
      "n-embd,learning-rate,init-std,seed,status,steps_taken,train_loss,val_loss,data_sha256,seconds,error";
    assertEquals(rows.length, 9);
    assertEquals(rows[0].split(",").toSorted(), ["steps", ...expected.split(",")].toSorted());
    const failed = rows.filter((row) => row.includes(",failed,")).length;
    assert(failed >= 4, stdout); // all with init-std 100
    assertEquals(code, 1);
    assertStringIncludes(stderr, `error: ${failed} of 8 runs failed`);

    const good = ["--steps", "20", "--n-embd", "4,8", "--val-fraction", "0.1"];
    const first = task("sweep", ...good, "--seeds", "1", "--out", `${folder}/b`);
    assertEquals(first.code, 0);
    const second = task("sweep", ...good, "--seeds", "2", "--out", `${folder}/b`);
    assertStringIncludes(second.stdout, "4 runs, 2 of them done before");
    assertMatch(second.stdout, /n-embd +seeds +train loss +± sd +val loss +± sd\n +\d +2( +\d\.\d{4}){4}\n/);
    assertEquals(
      task("sweep", ...good, "--seeds", "2", "--out", `${folder}/b`).stdout.split("\n")[0].slice(0, 29),
      "4 runs, 4 of them done before",
    );

    assertRefused(task("sweep", "--n-embd", "4,x"), 2, '--n-embd "x" cannot be used');
    assertRefused(task("sweep", "--n-embd", "10"), 2, "nEmbd 10 cannot be split");
    assertRefused(task("sweep", "--data", `${folder}/none`, "--out", `${folder}/c`), 1, "there is no such file");
    Deno.writeTextFileSync(`${folder}/diary`, "mine");
    assertRefused(task("sweep", "--steps", "5", "--out", `${folder}/diary`), 1, "a part of the path is a file");
    assertRefused(task("sweep", "--resume", "m"), 2, "--resume is not a flag");
    assertRefused(task("sweep", "--steps", "5", "--out", `${folder}/b`), 1, "it is of another sweep");
  },
);

taskTest(
  "sweep: losses on different documents are not mixed; changed data is trained on again; two do not share a folder",
  (folder) => {
    const data = `${folder}/data.txt`;
    const out = `${folder}/out`;
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nleo\n");
    const run = ["--data", data, "--steps", "10", "--val-fraction", "0,0.4", "--seeds", "1", "--out", out];
    const { stdout } = task("sweep", ...run);
    const losses = stdout.match(/^ +0 +1 +\d\.\d{4} *$|^ +0\.4 +1 +\d\.\d{4} +\d\.\d{4} *$/gm);
    assertEquals(losses?.length, 2, stdout);
    assertStringIncludes(task("sweep", ...run).stdout, "2 runs, 2 of them done before");
    Deno.writeTextFileSync(data, "anna\nbob\neve\nida\nmia\n");
    assertStringIncludes(task("sweep", ...run).stdout, "2 runs, 0 of them done before");
    using lock = Deno.openSync(`${out}/.lock`, { write: true });
    lock.lockSync(true);
    assertRefused(task("sweep", ...run), 1, `another sweep is at work in ${out}`);
  },
);

taskTest(
  "log: not the model's own file, not another run's, not a pipe; a log that fails does not cost the model",
  (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    const train = (...flags: string[]): ReturnType<typeof task> => task("train", "--quiet", "--steps", "20", ...flags);
    assertRefused(train("--out", path("x"), "--log", path("x")), 2, "it is the same file as the out");
    assertRefused(train("--out", path("x.st"), "--log", path("x.best.st")), 2, "it is the same file as the best model");
    train("--out", path("a"), "--log", path("log"));
    train("--out", path("b"), "--seed", "7");
    assertRefused(train("--resume", path("b"), "--log", path("b.best")), 2, "it is the same file as the best model");
    const before = Deno.readTextFileSync(path("log"));
    assertRefused(train("--resume", path("b"), "--steps", "30", "--log", path("log")), 1, "is of another run");
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
    const args = [
      "--quiet",
      "--steps",
      "60000",
      "--n-embd",
      "2",
      "--n-head",
      "1",
      "--block-size",
      "4",
      "--samples",
      "0",
    ];
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

taskTest(
  "sample: what a line's beginning says is known; control characters are shown, not obeyed; own paragraphs need no data",
  (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    Deno.writeTextFileSync(path("long.txt"), `${"ab".repeat(20)}\n${"ab".repeat(21)}\n`);
    task("train", "--data", path("long.txt"), "--steps", "300", "--quiet", "--out", path("long"));
    const known = task(
      "sample",
      "--model",
      path("long"),
      "--data",
      path("long.txt"),
      "--samples",
      "2",
      "--temperature",
      "0",
    );
    assertMatch(known.stdout, /^sample +1: (ab){8} +in training data$/m);
    Deno.writeTextFileSync(path("esc.txt"), "\x1b[2J\n\x1b[2J\x1b\n");
    const { stdout } = task("train", "--data", path("esc.txt"), "--steps", "50", "--out", path("esc"));
    assert(!stdout.includes("\x1b") && stdout.includes("\\u001b"));
    Deno.writeTextFileSync(path("own.txt"), "anna\nbob\n\neve\nida\n");
    task(
      "train",
      "--data",
      path("own.txt"),
      "--documents",
      "paragraph",
      "--steps",
      "5",
      "--quiet",
      "--out",
      path("own"),
    );
    const own = task("sample", "--model", path("own"), "--samples", "2");
    assertEquals(own.code, 0);
    assertStringIncludes(own.stderr, "neither in data/ nor in out/data: --data names it");
    assertRefused(task("evaluate", "--model", path("own")), 1, "name some with --data");
    const nearest = task("sample", "--model", path("own"), "--samples", "2", "--nearest", "--data", path("own.txt"));
    assertMatch(nearest.stdout, /nearest "[^"]{1,18}" at \d+$/m);
    assertRefused(task("sample", "--model", path("own"), "--prompt", "an", "--max-length", "2"), 1, "--max-length 2");
    assertRefused(task("explain", "--model", path("own"), "--", "-x"), 1, '"-" is not in the vocabulary');
  },
);

taskTest("sample and explain: marks, JSON and attention as a person sees them", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "300", "--quiet", "--out", model);
  const { stdout } = task("sample", "--model", model, "--seed", "3", "--samples", "12", "--nearest");
  assertEquals(
    stdout.match(/^sample +\d+: [a-z]* +(new|in training data|repeat); nearest "[a-z]+" at \d+$/gm)!.length,
    12,
  );
  assertMatch(stdout, /\n\d+ of 12 new \(\d+%\), \d+ in training data, \d+ repeated\n$/);
  const other = `${folder}/other.txt`;
  Deno.writeTextFileSync(other, "anna\nbob\n");
  const without = task("sample", "--model", model, "--samples", "2", "--data", other);
  assertMatch(without.stderr, /^without marks: the model was trained on data with the SHA-256 1bf57faa/);
  assertMatch(without.stdout, /^sample +1: [a-z]*\nsample +2: [a-z]*\n$/);
  const json = JSON.parse(task("sample", "--model", model, "--samples", "2", "--json", "--top-k", "3").stdout);
  assertEquals(Object.keys(json[0]), ["sample", "text", "mark", "logProbability", "tokens"]);
  assertRefused(task("sample", "--model", model, "--top-k", "0"), 2, "--top-k 0");
  const unique = task("sample", "--model", model, "--unique", "--temperature", "0", "--samples", "9", "--data", other);
  assertEquals(unique.code, 1);
  assertMatch(unique.stderr, /^error: only 1 different samples came in 1000 tries/);

  const explained = task("explain", "anna", "--model", model);
  assertMatch(explained.stdout, /^a +\d+\.\d% +\d+\.\d\d +\d+ +\S+ \d+\.\d% +\S+ \d+\.\d% +\S+ \d+\.\d%$/m);
  assertEquals(explained.stdout.match(/^layer 0, head \d: attention/gm)!.length, 4);
  const parsed = JSON.parse(task("explain", "anna", "--model", model, "--json").stdout);
  assertEquals([parsed.text, parsed.positions.length], ["anna", 5]);
  assertRefused(task("explain", "Anna", "--model", model), 1, '"A" is not in the vocabulary');
  assertRefused(task("explain", "--model", model), 2, "deno task explain takes one NAME, not none");
  assertRefused(task("explain", "a", "b", "--model", model), 2, 'takes one NAME, not "a" "b"');
});

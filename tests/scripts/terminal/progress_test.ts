import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { plainProgress, terminalProgress } from "../../../scripts/terminal/progress.ts";
import { initTraining, type StepEvaluation, type TrainingStep } from "../../../mod.ts";
import { ROOT, taskTest } from "../task.ts";
import { law } from "../../property.ts";

const state = initTraining(["anna", "bob"]);

/** What a terminal of this width receives over a run of so many steps. */
function shown(steps: number, columns: number): string[] {
  const writes: string[] = [];
  const progress = terminalProgress(steps, { write: (text) => writes.push(text), columns: () => columns });
  for (let t = 1; t <= steps; t++) {
    progress.step({ t, loss: 3.443 / t, learningRate: 0.01, gradNorm: 1.5, tokens: 7, state: () => state });
  }
  progress.end();
  progress.end();
  return writes;
}

Deno.test("progress: on a terminal one line that rewrites itself, ended once, with the reference's words first", () => {
  const writes = shown(1000, 200);
  assert(writes.length < 1000, "not redrawn at each step");
  const lines = writes.slice(0, -1);
  assert(lines.every((line) => line.startsWith("\rstep ") && line.endsWith("\x1b[K") && !line.includes("\n")));
  assertMatch(
    lines[0],
    /^\rstep {4}1 \/ 1000 \| loss 3\.4430 \| avg 3\.4430 \| [\d,]+ tokens\/s \| .+ left \| lr 1\.00e-2 \| grad 1\.50/,
  );
  assertMatch(lines[0], /\| [\d,]+ tokens\/s \| .+ left/);
  assertMatch(lines[lines.length - 1], /^\rstep 1000 \/ 1000 \| loss 0\.0034 .* \| took 0\.\d s/);
  assertEquals(writes[writes.length - 1], "\n");
});

Deno.test("progress: an evaluation stands on a line that stays, as long as there is room for", () => {
  const figures = { loss: 2, bitsPerCharacter: 2.9, perplexity: 7.4, documents: 1, tokens: 1 };
  const evaluation = { training: figures, improved: false };
  const written = (columns: number, steps: number): string => {
    let text = "";
    const progress = terminalProgress(steps, { write: (more) => text += more, columns: () => columns });
    progress.step({ t: 1, loss: 3, learningRate: 0.01, gradNorm: 1.5, tokens: 7, state: () => state, evaluation });
    progress.end();
    return text;
  };
  const long = "eval    1 /    2 | train 2.0000 nats, 2.900 bits/char, ppl 7.40";
  assert(written(80, 2).endsWith(`\r\x1b[K${long}\n`));
  assert(written(40, 2).endsWith("\r\x1b[Keval 1 | train 2.0000\n"));
  // The line of the last step stays above it.
  const [line, evaluated, rest] = written(80, 1).split("\n");
  assert(line.startsWith("\rstep    1 /    1 | loss 3.0000 | ") && evaluated.startsWith("eval    1 /    1 | "));
  assertEquals(rest, "");
});

Deno.test("progress: on a narrow terminal whole parts are left out", () => {
  assertEquals(shown(1, 5)[0], "\rstep\x1b[K");
  assertEquals(shown(1, 18)[0], "\rstep    1 /    1\x1b[K");
  assertEquals(shown(1, 34)[0], "\rstep    1 /    1 | loss 3.4430\x1b[K");
  assert(shown(1, 0)[0].startsWith("\rstep    1 /    1 | loss 3.4430 | ")); // a terminal that does not say
  for (const columns of [1, 20, 40, 60, 80]) {
    for (const line of shown(3, columns).slice(0, -1)) assert(line.length - "\r\x1b[K".length <= columns - 1);
  }
});

const figures = { loss: 2, bitsPerCharacter: 2.9, perplexity: 7.4, documents: 1, tokens: 1 };

function stepOf(t: number, loss: number, tokens: number, evaluation?: StepEvaluation): TrainingStep {
  return { t, loss, learningRate: 0.01, gradNorm: 1.5, tokens, state: () => state, ...(evaluation && { evaluation }) };
}

/** A step of a run: how long it takes, what it is trained on, and whether an evaluation comes with it. */
const timedSteps = fc.array(
  fc.record({
    ms: fc.integer({ min: 1, max: 100 }),
    tokens: fc.integer({ min: 1, max: 500 }),
    loss: fc.integer({ min: 1, max: 5000 }).map((n) => n / 1000),
    evaluated: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 40 },
);

/** The mean of the losses so far, each counting 0.98 times as much as the next. */
function average(losses: readonly number[]): number {
  const weights = losses.map((_, i) => 0.98 ** (losses.length - 1 - i));
  return losses.reduce((sum, loss, i) => sum + weights[i] * loss, 0) / weights.reduce((sum, weight) => sum + weight);
}

/** Seconds as the line says them, to its last digit. */
function secondsIn(text: string): { seconds: number; rounding: number } {
  const [, number, unit] = text.match(/^([\d.]+) (s|min|h)$/)!;
  const factor = { s: 1, min: 60, h: 3600 }[unit]!;
  return { seconds: Number(number) * factor, rounding: factor * (number.includes(".") ? 0.0501 : 0.501) };
}

law(
  "progress: speed and time left are those of all steps since it began, resumed or not, drawn or not, evaluated or not",
  [fc.nat(5000), timedSteps, fc.nat(3000)],
  (before, run, after) => {
    const steps = before + run.length + after;
    let clock = 1e6 + before;
    let written = "";
    const terminal = { write: (text: string) => written += text, columns: () => 500 };
    const progress = terminalProgress(steps, terminal, () => clock);
    const start = clock;
    let drawn = -Infinity;
    let tokens = 0;
    run.forEach(({ ms, tokens: more, loss, evaluated }, i) => {
      clock += ms;
      tokens += more;
      const t = before + i + 1;
      written = "";
      progress.step(stepOf(t, loss, more, evaluated ? { training: figures, improved: false } : undefined));
      const line = written.match(/\rstep +(\d+) \/ +(\d+) \| loss (\S+) \| avg (\S+) \| (\S+) tokens\/s \| (.*?) \|/);
      assertEquals(line !== null, clock - drawn >= 40 || t === steps, "drawn when it is time, and at the end");
      assertEquals(written.includes("eval "), evaluated);
      if (line !== null) {
        drawn = clock;
        const [, ...shown] = line;
        const means = average(run.slice(0, i + 1).map(({ loss }) => loss));
        assertEquals(shown.slice(0, 3), [String(t), String(steps), loss.toFixed(4)]);
        assertAlmostEquals(Number(shown[3]), means, 0.000051);
        const elapsed = (clock - start) / 1000;
        assertAlmostEquals(Number(shown[4].replaceAll(",", "")), tokens / elapsed, 0.501);
        const [, time] = shown[5].match(t < steps ? /^(.+) left$/ : /^took (.+)$/)!;
        const { seconds, rounding } = secondsIn(time);
        assertAlmostEquals(seconds, t < steps ? (steps - t) * elapsed / (i + 1) : elapsed, rounding);
      }
      if (evaluated) drawn = -Infinity; // the line is drawn again below the evaluation
    });
  },
);

Deno.test("progress: durations as a person reads them", () => {
  const left = (seconds: number): string => {
    let clock = 0;
    let written = "";
    const progress = terminalProgress(2, { write: (text) => written += text, columns: () => 500 }, () => clock);
    clock = 1000 * seconds;
    progress.step(stepOf(1, 3, 7));
    return written.match(/\| ([^|]+) left/)![1];
  };
  const durations = [0.04, 9.94, 10, 119, 121, 3599, 7199, 7200, 90_000];
  assertEquals(durations.map(left), [
    "0.0 s",
    "9.9 s",
    "10 s",
    "119 s",
    "2 min",
    "60 min",
    "120 min",
    "2.0 h",
    "25.0 h",
  ]);
});

law("progress: elsewhere a line for the first step since the start, each N-th and the last, and for evaluations", [
  fc.nat(30),
  fc.integer({ min: 1, max: 30 }),
  fc.integer({ min: 1, max: 12 }),
], (before, count, every) => {
  const steps = before + count;
  const said: string[] = [];
  const log = console.log;
  console.log = (line: string) => said.push(line);
  try {
    const progress = plainProgress(before + 1, steps, every);
    for (let t = before + 1; t <= steps; t++) {
      progress.step(stepOf(t, t, 7, t % 7 === 0 ? { training: figures, improved: false } : undefined));
    }
  } finally {
    console.log = log;
  }
  const expected = Array.from({ length: count }, (_, i) => before + 1 + i).flatMap((t) => [
    ...(t === before + 1 || t === steps || t % every === 0 ? [`step ${t}`] : []),
    ...(t % 7 === 0 ? [`eval ${t}`] : []),
  ]);
  assertEquals(said.map((line) => line.match(/^(step|eval) +\d+/)![0].replace(/ +/, " ")), expected);
  for (const line of said.filter((line) => line.startsWith("step"))) {
    const [, t, mean] = line.match(/^step +(\d+) .* avg (\S+)/)!;
    const losses = Array.from({ length: Number(t) - before }, (_, i) => before + 1 + i);
    assertAlmostEquals(Number(mean), average(losses), 0.000051);
  }
});

taskTest(
  "progress: a terminal that can rewrite a line is asked to; a dumb one gets plain lines, without colors",
  (folder) => {
    const shown = (term: string): string | undefined => {
      const run = "run --allow-read --allow-write --allow-env=TERM scripts/train.ts --steps 50 --n-embd 4 --samples 0";
      const args = ["--quiet", "--command", `"${Deno.execPath()}" ${run} --out ${folder}/m`, "/dev/null"];
      try {
        const { stdout } = new Deno.Command("script", { args, cwd: ROOT, env: { TERM: term } }).outputSync();
        return new TextDecoder().decode(stdout);
      } catch {
        return undefined; // there is no other way to have a terminal here
      }
    };
    const [able, dumb] = ["xterm", "dumb"].map(shown);
    if (able === undefined || dumb === undefined) return;
    assert(able.includes("\x1b[K"), able);
    assert(!dumb.includes("\x1b"), dumb);
    assertMatch(dumb, /\nstep {4}1 \/ {3}50 [^\n]*\r\nstep {4}5 \/ {3}50 /);
  },
);

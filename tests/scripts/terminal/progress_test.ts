import { assert, assertEquals, assertMatch } from "@std/assert";
import { terminalProgress } from "../../../scripts/terminal/progress.ts";
import { initTraining } from "../../../mod.ts";

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

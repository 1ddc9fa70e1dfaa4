/**
 * Samples, and what is known of them.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Checkpoint, hyperparameters, initTraining, sampleText } from "../../mod.ts";
import { parseFlags } from "../../scripts/cli/flags.ts";
import { draw, FLAGS, remarks, type SampleFlags, summary, trainedPart } from "../../scripts/sample.ts";
import { finalSamples } from "../../scripts/train/summary.ts";
import { type RandomState, seedRandom } from "../../src/random/mod.ts";
import { sampleMarker } from "../../src/sample/mod.ts";
import { trainedOnNames } from "../trained.ts";
import { assertRefused, task, taskReading, taskTest } from "./task.ts";

const checkpoint: Checkpoint = {
  ...trainedOnNames,
  hyperparameters: hyperparameters({ temperature: 0.8, samples: 4, seed: 3 }),
};

/** Samples one after the other from a stream. */
function inARow(
  count: number,
  options: Parameters<typeof sampleText>[2],
  random: RandomState = checkpoint.random,
): string[] {
  return Array.from({ length: count }, () => {
    let text: string;
    [text, random] = sampleText(checkpoint, random, options);
    return text;
  });
}

const drawn = (...args: string[]): string[] =>
  [...draw(checkpoint, parseFlags(FLAGS, args) as SampleFlags)].map(({ text }) => text);

Deno.test("samples: after training, and by sample without flags: as many, at the same temperature, from the same stream", () => {
  const expected = inARow(4, { temperature: 0.8 });
  assertEquals([...finalSamples(trainedOnNames, checkpoint.hyperparameters)].map(({ text }) => text), expected);
  assertEquals(drawn(), expected);
  assertEquals(new Set([...expected, ...inARow(4, {})]).size > 4, true, "another temperature gives others");
  // A run that printed none has samples all the same.
  const none = { ...checkpoint, hyperparameters: { ...checkpoint.hyperparameters, samples: 0 } };
  assertEquals([...draw(none, parseFlags(FLAGS, []) as SampleFlags)].length, 20);
});

/** Every flag of sample that decides what is drawn, with what it comes to. The others say where from and how it is shown. */
const DRAWING: Partial<Record<keyof typeof FLAGS, [value: string, expected: () => string[]]>> = {
  "samples": ["2", () => inARow(2, { temperature: 0.8 })],
  "temperature": ["1.5", () => inARow(4, { temperature: 1.5 })],
  "top-k": ["2", () => inARow(4, { temperature: 0.8, topK: 2 })],
  "top-p": ["0.3", () => inARow(4, { temperature: 0.8, topP: 0.3 })],
  "min-p": ["0.7", () => inARow(4, { temperature: 0.8, minP: 0.7 })],
  "max-length": ["3", () => inARow(4, { temperature: 0.8, maxLength: 3 })],
  "stop": ["a", () => inARow(4, { temperature: 0.8, stop: "a" })],
  "seed": ["9", () => [0, 1, 2, 3].map((i) => sampleText(checkpoint, seedRandom(9, i), { temperature: 0.8 })[0])],
  "prompt": ["ma", () => inARow(4, { temperature: 0.8, prompt: "ma" })],
  "unique": ["", () => [...new Set(inARow(9, { temperature: 0.8 }))].slice(0, 4)],
};
const SHOWING = ["model", "data", "prompt-file", "nearest", "json"];

Deno.test("samples: each flag does what it says, and nothing else", () => {
  assertEquals(Object.keys(FLAGS).sort(), [...Object.keys(DRAWING), ...SHOWING].sort());
  for (const [flag, [value, expected]] of Object.entries(DRAWING)) {
    const args = value === "" ? [`--${flag}`] : [`--${flag}`, value];
    assertEquals(drawn(...args), expected(), `--${flag}`);
    if (flag !== "unique") assert(drawn(...args).join() !== drawn().join(), `--${flag} makes a difference`);
  }
  assertEquals(drawn("--samples", "0"), []);
});

Deno.test("samples: --unique draws again what was drawn, with a seed from the stream of the sample", () => {
  const short = { temperature: 0.5, maxLength: 1 };
  const flags = ["--unique", "--temperature", "0.5", "--max-length", "1", "--samples", "6"];
  const plain = inARow(60, short);
  assert(new Set(plain.slice(0, 6)).size < 6);
  assertEquals(drawn(...flags), [...new Set(plain)].slice(0, 6));
  const seen = new Set<string>();
  const seeded = Array.from({ length: 6 }, (_, i) => {
    const text = inARow(60, short, seedRandom(5, i)).find((text) => !seen.has(text))!;
    seen.add(text);
    return text;
  });
  assertEquals(drawn(...flags, "--seed", "5"), seeded);
});

Deno.test("sample: new is what is not trained on; what was held back is new", () => {
  const documents = ["anna", "bob", "eve", "ida", "leo", "mia", "noah", "otto"];
  const settings = hyperparameters({ valFraction: 0.25 });
  const state = initTraining(documents, settings);
  const { texts, documents: searched } = trainedPart({ ...state, hyperparameters: settings }, documents);
  assertEquals(state.validation.length, 2);
  assertEquals([...texts].toSorted(), (state.documents as string[]).toSorted());
  assertEquals(searched, texts);

  // Of a line past the block, all of it is known, and what the model saw of it; not what is in between.
  const long = trainedPart({
    ...initTraining(["annabel", "bob"], { blockSize: 4 }),
    hyperparameters: hyperparameters(),
  }, [
    "annabel",
    "bob",
  ]);
  const mark = sampleMarker(long.texts);
  assertEquals(["annabel", "anna", "annab", "ann", "bob"].map(mark), [
    ...["in training data", "in training data", "new", "new", "in training data"] as const,
  ]);

  const paragraphs = hyperparameters({ documentKind: "paragraph", valFraction: 0.25 });
  const cut = initTraining(documents, { ...paragraphs, blockSize: 3 });
  const part = trainedPart({ ...cut, hyperparameters: paragraphs }, documents);
  assertEquals(part.documents, cut.documents); // the nearest is searched among blocks
  assertEquals(part.texts.length, 6);
});

Deno.test("sample: the shares are of all samples", () => {
  const counts = { "new": 3, "in training data": 4, "repeat": 1 };
  assertEquals(summary(counts), "3 of 8 new (38%), 4 in training data, 1 repeated");
  const none = { "new": 0, "in training data": 0, "repeat": 0 };
  assertEquals(summary(none), "0 of 0 new (0%), 0 in training data, 0 repeated");
});

Deno.test("sample: the text of each comes as it is drawn, unless it may be drawn again", () => {
  const told = (...args: string[]): string => {
    const pieces: string[] = [];
    const values = parseFlags(FLAGS, args) as SampleFlags;
    const samples = [...draw(checkpoint, values, (text) => pieces.push(text))];
    if (!values.unique) assertEquals(pieces.join(""), samples.map(({ text }) => text).join(""));
    return pieces.join("");
  };
  assert(told() !== "");
  assert(told("--seed", "3", "--prompt", "ann", "--max-length", "40") !== "");
  assertEquals(told("--unique"), "");
});

Deno.test("sample: it says what the block cuts off, unless a length was asked for, and which stream it draws from", () => {
  const said = (ends: Parameters<typeof remarks>[1], ...args: string[]): string[] =>
    remarks(parseFlags(FLAGS, args) as SampleFlags, ends);
  const cut = "(3 of 10 were cut off by the block, not ended by the model: --max-length N goes on)";
  const left = "(drawn from the random stream that training left, so the same every time: --seed N takes another)";
  const seeded = "(drawn from the random streams of --seed 7, one for each sample, so the same every time)";
  const some = { model: 5, stop: 2, length: 3 };
  assertEquals(said(some), [cut, left]);
  assertEquals(said(some, "--seed", "7"), [cut, seeded]);
  assertEquals(said(some, "--max-length", "9"), [left]);
  assertEquals(said({ ...some, length: 0 }), [left]);
});

taskTest("sample: seeds, prompts, temperature and JSON", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "50", "--quiet", "--samples", "3", "--out", model);
  const texts = (...flags: string[]): string[] => {
    const { code, stdout } = task("sample", "--model", model, "--json", ...flags);
    assertEquals(code, 0);
    const parsed: { sample: number; text: string }[] = JSON.parse(stdout);
    assertEquals(parsed.map(({ sample }) => sample), parsed.map((_, i) => i + 1));
    return parsed.map(({ text }) => text);
  };
  assertEquals(texts().length, 3);
  assertEquals(texts("--samples", "0"), []);
  assertEquals(texts("--seed", "5"), texts("--seed", "5"));
  assert(texts("--seed", "5").join() !== texts("--seed", "6").join());
  assert(texts("--prompt", "an", "--samples", "5").every((text) => text.startsWith("an")));
  assertEquals(new Set(texts("--temperature", "0", "--samples", "4")).size, 1);
});

taskTest("sample: past the block, and prompts longer than it, from a file or standard input", async (folder) => {
  const path = (name: string): string => `${folder}/${name}`;
  Deno.writeTextFileSync(path("ab.txt"), `${"ab".repeat(20)}\n${"ab".repeat(21)}\n`);
  task("train", "--data", path("ab.txt"), "--steps", "300", "--quiet", "--out", path("model"));
  const flags = ["--model", path("model"), "--samples", "2", "--temperature", "0"];
  const all = (...more: string[]): string => task("sample", ...flags, ...more).stdout;
  const samples = (...more: string[]): string[] => all(...more).match(/(?<=^sample +\d+: )[ab]+/gm) ?? [];
  const twice = (text: string): string[] => [text, text];

  assertEquals(samples(), twice("ab".repeat(8)));
  assertStringIncludes(all(), "\n(2 of 2 were cut off by the block, not ended by the model: --max-length N goes on)\n");
  assertEquals(samples("--max-length", "35").map((text) => text.length), [35, 35]);
  assert(!all("--max-length", "35").includes("cut off"));
  assertEquals(samples("--stop", "ba"), twice("a"));
  assertEquals(samples("--prompt", "ab".repeat(15)).map((text) => text.length), [46, 46]);
  const [ended, cut] = [["--stop", "ba"], []].map((more) => JSON.parse(all("--json", ...more))[1]);
  assertEquals([ended.end, cut.end, cut.text], ["stop", "length", "ab".repeat(8)]);

  const prompt = "ab".repeat(10);
  Deno.writeTextFileSync(path("prompt"), `${prompt}\r\n`);
  const expected = all("--prompt", prompt);
  assertStringIncludes(expected, `sample  1: ${prompt}`);
  assertEquals(all("--prompt-file", path("prompt")), expected);
  assertEquals((await taskReading(`${prompt}\n`, "sample", ...flags, "--prompt", "-")).stdout, expected);
});

taskTest("sample: wrong flags and prompts are refused", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", model);
  const sample = (...flags: string[]): ReturnType<typeof task> => task("sample", "--model", model, ...flags);
  assertRefused(sample("--prompt", "Ä"), 1, '"Ä" is not in the vocabulary');
  assertRefused(sample("--stop", "aÄ"), 1, '--stop "aÄ" cannot come up: "Ä" is not in the vocabulary');
  assertRefused(sample("--stop", ""), 1, '--stop "" cannot be used: it must have at least one character');
  assertRefused(sample("--prompt", "a", "--prompt-file", "b"), 2, "cannot be used together");
  assertRefused(sample("--prompt-file", `${folder}/none`), 1, "/none cannot be read: there is no such file in ");
  assertRefused(sample("--temperature", "-1"), 2, "--temperature -1");
  assertRefused(sample("--sample", "3"), 2, "did you mean --samples?");
});

taskTest(
  "sample: what a line's beginning says is known; control characters are shown, not obeyed; own paragraphs need no data",
  (folder) => {
    const path = (name: string): string => `${folder}/${name}`;
    Deno.writeTextFileSync(path("long.txt"), `${"ab".repeat(20)}\n${"ab".repeat(21)}\n`);
    task("train", "--data", path("long.txt"), "--steps", "300", "--quiet", "--out", path("long"));
    const greedy = ["--samples", "2", "--temperature", "0"];
    const known = task("sample", "--model", path("long"), "--data", path("long.txt"), ...greedy);
    assertMatch(known.stdout, /^sample +1: (ab){8} +in training data$/m);
    Deno.writeTextFileSync(path("esc.txt"), "\x1b[2J\n\x1b[2J\x1b\n");
    const { stdout } = task("train", "--data", path("esc.txt"), "--steps", "50", "--out", path("esc"));
    assert(!stdout.includes("\x1b") && stdout.includes("\\u001b"));
    Deno.writeTextFileSync(path("own.txt"), "anna\nbob\n\neve\nida\n");
    const paragraphs = ["--documents", "paragraph", "--steps", "5", "--quiet"];
    task("train", "--data", path("own.txt"), ...paragraphs, "--out", path("own"));
    const own = task("sample", "--model", path("own"), "--samples", "2");
    assertEquals(own.code, 0);
    assertMatch(own.stdout, /^\d of 2 new \(\d+%\)/m);
    Deno.renameSync(path("own.txt"), path("moved.txt"));
    const lost = task("sample", "--model", path("own"), "--samples", "2");
    assertMatch(lost.stderr, /is not at hand \(SHA-256 [0-9a-f]{64}, once .*own\.txt\): name it with --data$/m);
    Deno.renameSync(path("moved.txt"), path("own.txt"));
    const nearest = task("sample", "--model", path("own"), "--samples", "2", "--nearest", "--data", path("own.txt"));
    assertMatch(nearest.stdout, /nearest "[^"]{1,18}" at \d+$/m);
    assertRefused(task("sample", "--model", path("own"), "--prompt", "an", "--max-length", "2"), 1, "--max-length 2");
  },
);

taskTest("sample: marks, the nearest, and JSON with log-probabilities", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "300", "--quiet", "--out", model);
  const { stdout } = task("sample", "--model", model, "--seed", "3", "--samples", "12", "--nearest");
  assertEquals(
    stdout.match(/^sample +\d+: [a-z]* +(new|in training data|repeat); nearest "[a-z]+" at \d+$/gm)!.length,
    12,
  );
  assertMatch(
    stdout,
    /\n\d+ of 12 new \(\d+%\), \d+ in training data, \d+ repeated\n\(drawn from [^\n]+ --seed 3, [^\n]+\n$/,
  );
  const other = `${folder}/other.txt`;
  Deno.writeTextFileSync(other, "anna\nbob\n");
  const without = task("sample", "--model", model, "--samples", "2", "--data", other);
  assertMatch(
    without.stderr,
    /^without marks: .*other.txt is not what the model was trained on: its SHA-256 is .*, not 1bf57faa.*: name the right/,
  );
  assertMatch(without.stdout, /^sample +1: [a-z]*\nsample +2: [a-z]*\n\(drawn from [^\n]+\n$/);
  const json = JSON.parse(task("sample", "--model", model, "--samples", "2", "--json", "--top-k", "3").stdout);
  assertEquals(Object.keys(json[0]), ["sample", "text", "end", "mark", "logProbability", "tokens"]);
  assertRefused(task("sample", "--model", model, "--top-k", "0"), 2, "--top-k 0");
  const unique = task("sample", "--model", model, "--unique", "--temperature", "0", "--samples", "9", "--data", other);
  assertEquals(unique.code, 1);
  assertMatch(unique.stderr, /^error: only 1 different samples came in 1000 tries/);
});

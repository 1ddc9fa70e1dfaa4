/**
 * Samples, and what is known of them.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertRefused, task, taskTest } from "./task.ts";

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

taskTest("sample: wrong flags and prompts are refused", (folder) => {
  const model = `${folder}/model`;
  task("train", "--steps", "2", "--quiet", "--out", model);
  const sample = (...flags: string[]): ReturnType<typeof task> => task("sample", "--model", model, ...flags);
  assertRefused(sample("--prompt", "Ä"), 1, '"Ä" is not in the vocabulary');
  assertRefused(sample("--prompt", "a".repeat(16)), 1, "leaves no room: with blockSize 16 it may have 15 characters");
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
    assertStringIncludes(own.stderr, "neither in data/ nor in out/data: name it with --data");
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
});

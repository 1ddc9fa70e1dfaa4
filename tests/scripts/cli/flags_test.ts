import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { file, number, parseFlags, text, toggle } from "../../../scripts/cli/flags.ts";
import { characters } from "../../arbitraries.ts";
import { flagFor } from "../../../scripts/cli/other_names.ts";
import { law } from "../../property.ts";

const FLAGS = {
  "steps": number({ whole: true, from: 1, to: 1000 }, 7, "how many"),
  "learning-rate": number({ above: 0, to: 10 }, 0.01, "how fast"),
  "seed": number({ whole: true, from: 0 }, undefined, "where from"),
  "prompt": text("", "what first"),
  "out": file("out/model", "where to"),
  "quiet": toggle("say nothing"),
};
const NONE = { "steps": 7, "learning-rate": 0.01, "seed": undefined, "prompt": "", "out": "out/model", "quiet": false };

const parse = (...args: string[]): unknown => parseFlags(FLAGS, args);
const message = (...args: string[]): string => assertThrows(() => parse(...args), Error).message;

Deno.test("flags: defaults, values in both forms, the last one counts", () => {
  assertEquals(parse(), NONE);
  assertEquals(parse("--steps", "3", "--learning-rate=2e-3", "--quiet"), {
    ...NONE,
    "steps": 3,
    "learning-rate": 0.002,
    "quiet": true,
  });
  assertEquals(parse("--steps", "3", "--steps", "4"), { ...NONE, steps: 4 });
  assertEquals(parse("--prompt", ""), NONE);
  assertEquals(parse("--prompt="), NONE);
});

law("flags: any number in range is read as it is written", [fc.double({ min: 1e-300, max: 10, noNaN: true })], (x) => {
  assertEquals(parse("--learning-rate", String(x)), { ...NONE, "learning-rate": x });
  assertEquals(parse(`--learning-rate=${x}`), { ...NONE, "learning-rate": x });
});

law("flags: any text is a value", [fc.string({ unit: characters, minLength: 1 })], (value) => {
  fc.pre(!value.startsWith("--"));
  assertEquals(parse("--prompt", value), { ...NONE, prompt: value });
  assertEquals(parse(`--prompt=${value}`), { ...NONE, prompt: value });
});

law("flags: whatever the arguments, values or one sentence", [fc.array(fc.string({ unit: characters }))], (args) => {
  try {
    parse(...args);
  } catch (error) {
    assert(error instanceof Error && !(error instanceof TypeError) && error.message.length > 10);
  }
});

Deno.test("flags: names from other programs get the right one named, in any spelling, where the task has it", () => {
  const known = [
    ...["max_iters steps", "epochs steps", "num_samples samples", "start prompt", "lr learning-rate", "n_embd n-embd"],
    ...["nEmbd n-embd", "N-EMBD n-embd", "d_model n-embd", "context-length block-size", "grad_clip clip-norm"],
    ...[
      "model_name_or_path init-from",
      "resume_from_checkpoint resume",
      "batchsize batch",
      "eval_interval eval-every",
      "max_new_tokens max-length",
      "out_dir out",
    ],
  ].map((pair) => pair.split(" "));
  const flags = known.map(([, flag]) => flag);
  for (const [name, flag] of known) {
    assertEquals(flagFor(name, flags), flag, name);
    assertEquals(flagFor(name, ["quiet"]), undefined, name);
  }
  // nanoGPT's word for what to begin from, and for what to sample.
  assertEquals(flagFor("init_from", ["resume", "init-from"]), "init-from");
  assertEquals(flagFor("init_from", ["model", "seed"]), "model");
  assertEquals(message("--max_iters=3"), "--max_iters is not a flag: did you mean --steps?");
});

Deno.test("flags: what is wrong is named, with what would be right", () => {
  assertEquals(message("--step", "3"), "--step is not a flag: did you mean --steps?");
  assertEquals(message("--learning_rate=1"), "--learning_rate is not a flag: did you mean --learning-rate?");
  for (
    const [word, name] of [["stpes", "steps"], ["STEPS", "steps"], ["lr", "learning-rate"], ["rate", "learning-rate"]]
  ) {
    assertEquals(message(`--${word}`, "1"), `--${word} is not a flag: did you mean --${name}?`);
  }
  assertEquals(message("--no-quiet"), "--no-quiet is not a flag: --help lists them");
  assertEquals(message("--xyz"), "--xyz is not a flag: --help lists them");
  assertEquals(message("-q"), "-q is not a flag: --help lists them");
  assertEquals(message("3"), '"3" is not a flag: --help lists them');
  assertEquals(message("--", "--steps", "3"), '"--" is not needed: write the flags right after the name of the task');
  assertEquals(message("--quiet", "false"), '"false" is not a flag: --help lists them');
  assertEquals(message("--prompt", "", "anna"), '"anna" is not a flag: --help lists them');
  assertEquals(message("--steps"), "--steps needs a value: --steps N");
  assertEquals(message("--steps", "--quiet"), "--steps needs a value: --steps N");
  assertEquals(message("--quiet=yes"), '--quiet takes no value: leave out "=yes"');
  for (const wrong of ["0", "-1", "1.5", "1001"]) {
    assertEquals(
      message("--steps", wrong),
      `--steps ${wrong} cannot be used: it must be a whole number from 1 to 1000`,
    );
  }
  for (const wrong of ["NaN", "ten", "1e999x", "0x10", " 3", "Infinity", "1_000", ""]) {
    assertThrows(() => parse("--steps", wrong), Error, `--steps "${wrong}" cannot be used`);
  }
  assertEquals(
    message("--learning-rate", "-1"),
    "--learning-rate -1 cannot be used: it must be a number above 0 up to 10",
  );
});

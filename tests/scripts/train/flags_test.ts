/**
 * The flags of `train`: errors call them by their names, and each has its fate when a run stops and goes on.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type Checkpoint,
  decodeCheckpoint,
  DEFAULT_HYPERPARAMETERS,
  DEFAULT_SHAPE,
  encodeCheckpoint,
  initTraining,
} from "../../../mod.ts";
import { flagOf, givenFlags, parseFlags } from "../../../scripts/cli/flags.ts";
import {
  checkFlags,
  checkUnchanged,
  FLAGS,
  hyperparametersOf,
  resumeCommand,
  resumedHyperparameters,
  shapeOf,
} from "../../../scripts/train/flags.ts";
import { resumedEncoding, resumedEngine } from "../../../scripts/train/run.ts";
import { characters } from "../../arbitraries.ts";
import { law } from "../../property.ts";
import { assertRefused, task, taskTest } from "../task.ts";

/** What --threads may be at most. */
const CORES = navigator.hardwareConcurrency;

/**
 * What becomes of a flag when a run is stopped and resumed.
 *
 * - fixed: the checkpoint remembers it, and resuming with another value is refused;
 * - changeable: the checkpoint remembers it, and resuming with another value takes that;
 * - carried: the checkpoint does not remember it, so that the printed command must give it again;
 * - place: it says where the run is saved, or comes from, which the printed command says in its own way.
 */
type Fate = "fixed" | "changeable" | "carried" | "place";

/** The fate of every flag, with a value that is not its default. A new flag does not compile until it stands here. */
const FATES: Record<keyof typeof FLAGS, [fate: Fate, value: string]> = {
  "data": ["carried", "other.txt"],
  "encoding": ["changeable", "windows-1252"],
  "refresh": ["place", ""],
  "documents": ["fixed", "paragraph"],
  "normalize": ["fixed", "nfc"],
  "out": ["place", "elsewhere"],
  "steps": ["changeable", "77"],
  "batch": ["fixed", "3"],
  "engine": ["changeable", "simd"],
  "threads": ["changeable", "1"],
  "blas": ["carried", "libfast.so"],
  "mpi": ["carried", ""],
  "mpi-library": ["carried", "libours.so"],
  "n-layer": ["fixed", "2"],
  "n-embd": ["fixed", "8"],
  "n-head": ["fixed", "2"],
  "block-size": ["fixed", "5"],
  "learning-rate": ["fixed", "0.02"],
  "schedule": ["fixed", "cosine"],
  "warmup": ["fixed", "3"],
  "min-learning-rate": ["fixed", "0.001"],
  "beta1": ["fixed", "0.5"],
  "beta2": ["fixed", "0.5"],
  "eps": ["fixed", "0.1"],
  "weight-decay": ["fixed", "0.1"],
  "clip-norm": ["fixed", "2"],
  "dropout": ["fixed", "0.1"],
  "init-std": ["fixed", "0.1"],
  "val-fraction": ["fixed", "0.2"],
  "eval-every": ["fixed", "7"],
  "eval-documents": ["fixed", "9"],
  "patience": ["changeable", "4"],
  "seed": ["fixed", "5"],
  "temperature": ["changeable", "0.7"],
  "samples": ["changeable", "3"],
  "resume": ["place", "saved"],
  "init-from": ["place", "trained"],
  "allow-other-data": ["place", ""],
  "skip-unknown": ["carried", ""],
  "checkpoint-every": ["carried", "11"],
  "checkpoint-seconds": ["carried", "15"],
  "keep-every": ["carried", "14"],
  "log-every": ["carried", "12"],
  "log": ["carried", "run.jsonl"],
  "snapshot-every": ["carried", "13"],
  "quiet": ["carried", ""],
  "end-with-stdin": ["carried", ""],
};

type Name = keyof typeof FLAGS;
const NAMES = Object.keys(FLAGS) as Name[];

/** What the settings of a run are called, by their flags. */
const SETTINGS = new Map([...Object.keys(DEFAULT_SHAPE), ...Object.keys(DEFAULT_HYPERPARAMETERS)].map((name) => [
  flagOf(name),
  name,
]));

const argumentsOf = (name: Name, value: string): string[] => value === "" ? [`--${name}`] : [`--${name}`, value];

/** The flags as `train` reads them. */
const read = (args: readonly string[]) => ({ values: parseFlags(FLAGS, args), given: givenFlags(args) });

/** What a checkpoint of a run with these flags remembers of it. */
function remembered(args: readonly string[]): Checkpoint {
  const { values } = read(args);
  const settings = hyperparametersOf(values);
  const state = initTraining(["anna", "bob", "eve", "ida", "leo"], { ...shapeOf(values), ...settings });
  const engine = { name: values.engine, threads: values.threads };
  const source = { path: "d", encoding: values.encoding };
  return decodeCheckpoint(encodeCheckpoint({ ...state, hyperparameters: settings, engine, source }));
}

/** The settings of a checkpoint, its engine among them, by their flags. */
function settingsOf({ config, hyperparameters, engine, source }: Checkpoint): Record<string, unknown> {
  const all = { ...config, ...hyperparameters } as Record<string, unknown>;
  const named = [...SETTINGS].map(([flag, name]) => [flag, all[name]]);
  return { ...Object.fromEntries(named), engine: engine!.name, threads: engine!.threads, encoding: source!.encoding };
}

/** The arguments in a command line, as a shell splits it: words, in single quotes where need be. */
function shellWords(command: string): string[] {
  const words: string[] = [];
  let [word, quoted, open] = ["", false, false];
  for (let i = 0; i < command.length; i++) {
    const c = command[i];
    if (quoted && c !== "'") word += c;
    else if (c === "'") [quoted, open] = [!quoted, true];
    else if (c === "\\") [word, open] = [word + command[++i], true];
    else if (c !== " ") {
      assert(/[\w./:=-]/.test(c), `${c} means something to a shell`);
      [word, open] = [word + c, true];
    } else if (open) {
      words.push(word);
      [word, open] = ["", false];
    }
  }
  assert(!quoted);
  return open ? [...words, word] : words;
}

/** The flags that the command of an interrupted run prints, as `train` reads them. */
function printed(out: string, args: readonly string[]): ReturnType<typeof read> {
  const { values, given } = read(args);
  const words = shellWords(resumeCommand(out, values, given, 3));
  if (values.mpi) assertEquals(words.splice(0, 3), ["mpirun", "-n", "3"]);
  const [deno, what, name, ...rest] = words;
  const isNative = values.blas !== undefined || values.mpi;
  assertEquals([deno, what, name], ["deno", "task", isNative ? "train:native" : "train"]);
  return read(rest);
}

Deno.test("flags: each is remembered by the checkpoint or carried by the printed command, never both, never neither", () => {
  assertEquals(Object.keys(FATES), NAMES);
  const defaults = settingsOf(remembered([]));
  for (const name of NAMES) {
    const [fate, value] = FATES[name];
    const args = argumentsOf(name, value);
    const { values } = read(args);
    assert(name === "threads" || values[name] !== FLAGS[name].fallback, `--${name} is another than its default`);

    const carried = printed("saved", args);
    assertEquals([...carried.given], fate === "carried" ? ["resume", name] : ["resume"], `--${name} in the command`);
    assertEquals(carried.values.resume, "saved");
    if (fate === "carried") assertEquals(carried.values[name], values[name]);

    const settings = settingsOf(remembered(args));
    assertEquals(fate === "fixed" || fate === "changeable", name in defaults, `--${name} in a checkpoint`);
    const expected = name in defaults ? { ...defaults, [name]: values[name] } : defaults;
    assertEquals(settings, expected, `--${name} in a checkpoint`);
  }
});

Deno.test("flags: each is refused, taken or without effect on the settings when a run is resumed with it", () => {
  const saved = remembered([]);
  const defaults = settingsOf(saved);
  for (const name of NAMES) {
    const [fate, value] = FATES[name];
    const { values, given } = read(argumentsOf(name, value));
    const resumed = (): Record<string, unknown> => {
      checkUnchanged(saved, values, given);
      const hyperparameters = resumedHyperparameters(saved.hyperparameters, values, given);
      return settingsOf({
        ...{ ...saved, hyperparameters },
        engine: resumedEngine(saved.engine!, values, given),
        source: { ...saved.source!, encoding: resumedEncoding(saved, values, given) },
      });
    };
    if (fate === "fixed") {
      assertThrows(
        resumed,
        RangeError,
        `--${name} ${value} cannot be used with --resume: the run has ${defaults[name]}`,
      );
      assertEquals(
        settingsOf({ ...saved, hyperparameters: resumedHyperparameters(saved.hyperparameters, values, given) }),
        defaults,
      );
    } else {assertEquals(
        resumed(),
        fate === "changeable" ? { ...defaults, [name]: values[name] } : defaults,
        `--${name}`,
      );}
  }
});

Deno.test("flags: a resumed run keeps its own settings, whatever the defaults, and may be told them again", () => {
  const args = NAMES.filter((name) => !["carried", "place"].includes(FATES[name][0]))
    .flatMap((name) => argumentsOf(name, FATES[name][1]));
  const saved = remembered(args);
  for (const again of [[], args]) {
    const { values, given } = read(again);
    checkUnchanged(saved, values, given);
    assertEquals(resumedHyperparameters(saved.hyperparameters, values, given), saved.hyperparameters);
    assertEquals(resumedEngine(saved.engine!, values, given), saved.engine);
  }
});

Deno.test("flags: a resumed run keeps its threads, unless it is given others or another engine", () => {
  const resumed = (threads: number, ...args: string[]): unknown => {
    const { values, given } = read(args);
    return resumedEngine({ name: "simd", threads }, values, given);
  };
  assertEquals(resumed(7), { name: "simd", threads: 7 });
  assertEquals(resumed(7, "--engine", "simd"), { name: "simd", threads: 7 });
  assertEquals(resumed(7, "--threads", "1"), { name: "simd", threads: 1 });
  assertEquals(resumed(7, "--engine", "array"), { name: "array", threads: 1 });
  assertThrows(
    () => resumedEngine({ name: "array", threads: 1 }, { ...read([]).values, threads: 2 }, new Set(["threads"])),
    RangeError,
    "--threads 2 cannot be used with the engine array",
  );
});

const paths = fc.string({ unit: fc.oneof(characters, fc.constantFrom("-", "'", " ", "\\", "=")), minLength: 1 })
  .map((path) => path.startsWith("-") ? `-${path}` : path).filter((path) => !/[/\\]$/.test(path));

law("flags: the printed command says the same again, whatever the paths", [paths, paths, paths], (out, data, log) => {
  const { values, given } = printed(out, [`--data=${data}`, `--log=${log}`, "--quiet", "--steps", "9"]);
  assertEquals([values.resume, values.data, values.log, values.quiet], [out, data, log, true]);
  assertEquals([...given], ["resume", "data", "log", "quiet"]);
});

Deno.test("flags: what does not go together is refused, and what does is not", () => {
  const check = (...args: string[]): void => {
    const given = givenFlags(args);
    // As many threads as there might be cores.
    const threads = Number(args.find((arg) => arg.startsWith("--threads="))?.slice("--threads=".length) ?? 1);
    const values = { ...parseFlags(FLAGS, args.filter((arg) => !arg.startsWith("--threads="))), threads };
    checkFlags(values, given);
  };
  const right = [
    [],
    ["--engine", "simd", "--threads=4"],
    ["--threads=1"],
    ["--resume", "m", "--threads=4"], // the run may be one of simd
    ["--resume", "m", "--allow-other-data"],
    ["--log", "l", "--snapshot-every", "5"],
    ["--patience", "2", "--eval-every", "5", "--val-fraction", "0.1"],
    ["--resume", "m", "--patience", "2"],
    ["--n-embd", "6", "--n-head", "3"],
    ["--resume", "m", "--out", "n", "--log", "l"],
    ["--log", "out/model.st"],
    ["--init-from", "m", "--out", "m"],
    ["--init-from", "m", "--n-embd", "10"], // the model may have 5 heads
  ];
  for (const args of right) check(...args);
  const wrong: [args: string[], sentence: string][] = [
    [["--threads=2"], "--threads 2 cannot be used with --engine array: it needs --engine simd"],
    [["--engine", "scalar", "--threads=2"], "--threads 2 cannot be used with --engine scalar"],
    [["--resume", "m", "--engine", "array", "--threads=2"], "--threads 2 cannot be used with --engine array"],
    [["--log", "data/names.txt"], "--log data/names.txt cannot be used: it is the same file as --data"],
    [["--data", "d", "--log", "./d"], "--log ./d cannot be used: it is the same file as --data"],
    [["--out", "o", "--log", "o"], "--log o cannot be used: it is the same file as --out"],
    [["--log", "out/model.safetensors"], "it is the same file as --out"],
    [["--out", "o.st", "--log", "o.best.st"], "it is the same file as the best model"],
    [["--resume", "m.st", "--log", "m.st"], "it is the same file as --out"],
    [["--resume", "m.st", "--log", "m.best.st"], "it is the same file as the best model"],
    [["--resume", "m", "--out", "o", "--log", "m"], "--log m cannot be used: it is the same file as --resume"],
    [["--resume", "m", "--data", "d", "--log", "d"], "--log d cannot be used: it is the same file as --data"],
    [["--snapshot-every", "5"], "--snapshot-every 5 has no effect without --log"],
    [["--init-from", "m", "--log", "m"], "--log m cannot be used: it is the same file as --init-from"],
    [["--init-from", "m", "--resume", "n"], "--init-from m cannot be used with --resume: a resumed run goes on with"],
    [["--init-from", "m", "--patience", "2"], "--patience 2 cannot be used"],
    [["--allow-other-data"], "--allow-other-data has no effect without --resume"],
    [["--n-embd", "10", "--n-head", "4"], "cannot be split over"],
    [["--patience", "2"], "--patience 2 cannot be used: it needs --eval-every and --val-fraction above 0"],
    [["--patience", "2", "--eval-every", "5"], "--patience 2 cannot be used"],
    [["--patience", "2", "--val-fraction", "0.1"], "--patience 2 cannot be used"],
  ];
  for (const [args, sentence] of wrong) assertThrows(() => check(...args), RangeError, sentence);
});

taskTest("train: wrong flags are refused with exit code 2", () => {
  const wrong: [string[], string][] = [
    [["--step", "5"], "did you mean --steps?"],
    [["--", "--steps", "5"], '"--" is not needed'],
    [["names.txt"], '"names.txt" is not a flag'],
    [["--steps"], "--steps needs a value"],
    [["--steps", "0"], "--steps 0 cannot be used: it must be a whole number from 1"],
    [["--n-layer", "-1"], "--n-layer -1"],
    [["--learning-rate", "NaN"], '--learning-rate "NaN"'],
    [["--learning-rate", "1e300"], "--learning-rate 1e300"],
    [["--beta1", "1"], "--beta1 1 cannot be used: it must be a number from 0 and below 1"],
    [["--seed", "1.5"], "--seed 1.5"],
    [["--log-every", "0"], "--log-every 0"],
    [["--n-embd", "10", "--n-head", "4"], "--n-embd 10 cannot be split over --n-head 4: it must be a multiple"],
    [["--n-embd", "65536"], "parameters is too large"],
    [["--engine", "smid"], '--engine "smid" cannot be used: it must be one of scalar, array, simd'],
    [["--batch", "0"], "--batch 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", "0"], "--threads 0 cannot be used: it must be a whole number from 1"],
    [["--engine", "simd", "--threads", "65"], "it must be a whole number from 1 to 64"],
    ...(CORES > 1
      ? [[["--threads", "2"], "--threads 2 cannot be used with --engine array"] as [string[], string]]
      : []),
  ];
  for (const [flags, sentence] of wrong) assertRefused(task("train", ...flags), 2, sentence);
});

taskTest("train: errors name the flags, also where two do not fit, and after the data is read", (folder) => {
  assertRefused(
    task("train", "--min-learning-rate", "0.02"),
    2,
    "--min-learning-rate 0.02 is above --learning-rate 0.01",
  );
  assertRefused(
    task("train", "--warmup", "1000"),
    2,
    "--warmup 1000 leaves none of 1000 steps to train at full rate: it must be below --steps",
  );
  assertRefused(
    task("train", "--val-fraction", "0.00001", "--out", `${folder}/m`),
    1,
    "--val-fraction 0.00001 of 8403",
  );
});

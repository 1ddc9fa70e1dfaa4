/**
 * `deno task crashtest`: ends a real training run at random moments, in every way in which runs end, at times with another
 * that wants the same files; resumes it each time, and compares the file it ends with, byte by byte, to that of a run that
 * was left alone. Its log must have every step once.
 *
 * @module
 */

import { ENGINE_NAMES, parseRunLog, type RandomState } from "../../mod.ts";
import { choice as draw, random, seedRandom } from "../../src/random/mod.ts";
import { bestPath, milestonePath } from "../files/beside.ts";
import { readCheckpoint } from "../files/checkpoints.ts";
import { fromProject, scriptPath } from "../cli/places.ts";
import { choice, number, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";

const FLAGS = {
  "kills": number({ whole: true, from: 1, to: 100_000 }, 50, "how many times to kill it"),
  "engine": choice(ENGINE_NAMES, "array", "what computes the gradients"),
  "threads": number({ whole: true, from: 1, to: navigator.hardwareConcurrency }, 1, "threads, with --engine simd"),
  "steps": number({ whole: true, from: 10, to: 1e9 }, 1500, "length of the run"),
  "seed": number({ whole: true, from: 0, to: Number.MAX_SAFE_INTEGER }, 42, "seed of the moments to kill at"),
};

/** A run with everything that a checkpoint must remember, apart from what lies in files. */
const RUN = [
  ...["--encoding", "utf-16le", "--normalize", "nfc", "--dropout", "0.1"],
  ...["--batch", "4", "--val-fraction", "0.1", "--eval-documents", "50", "--eval-every", "100"],
  ...["--schedule", "cosine", "--warmup", "20", "--weight-decay", "0.01", "--clip-norm", "1"],
  ...["--samples", "0", "--quiet"],
];
/** The longest time that a run may live before it is killed, in milliseconds; about as long again goes into its start. */
const LONGEST_LIFE = 600;

/** How a run is ended before its time: killed, told to stop as a closed terminal or a system does, or left by its parent. */
type Ending = "SIGKILL" | "SIGHUP" | "SIGTERM" | "parent";
const ENDINGS: readonly Ending[] = ["SIGKILL", "SIGHUP", "SIGTERM", "parent"];
/** The codes of those that save first. */
const SAVED = [129, 143];
/** What a run says that another is in the way of. */
const IN_THE_WAY = "is being written by";

function train(flags: readonly string[]): Deno.ChildProcess {
  const args = ["run", "--allow-read", "--allow-write", scriptPath("train.ts"), "--end-with-stdin", ...flags];
  const streams = { stdin: "piped", stdout: "null", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args, ...streams, env: { NO_COLOR: "1" } }).spawn();
}

async function end(child: Deno.ChildProcess, ending: Ending): Promise<void> {
  try {
    if (ending === "parent") await child.stdin.close();
    else child.kill(ending);
  } catch {
    // It has just ended.
  }
}

/**
 * Lets a run live for a while, and perhaps another that wants the same files, of which one must go away. Returns whether it
 * was ended; throws if it failed on its own.
 */
async function live(
  flags: readonly string[],
  milliseconds: number,
  ending: Ending = "SIGKILL",
  runs = 1,
): Promise<boolean> {
  const children = Array.from({ length: runs }, () => train(flags));
  const timer = setTimeout(() => children.forEach((child) => void end(child, ending)), milliseconds);
  const ended = await Promise.all(children.map(async (child) => {
    const [{ success, signal, code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    await child.stdin.close().catch(() => {});
    if (success) return "complete";
    if (signal === ending || SAVED.includes(code)) return "ended";
    if (runs > 1 && stderr.includes(IN_THE_WAY)) return "refused";
    throw new Error(`a run ended on its own: ${stderr.trim()}`);
  }));
  clearTimeout(timer);
  if (ended.every((each) => each === "refused")) throw new Error("two runs refused each other");
  return !ended.includes("complete");
}

/** The flags for files that a run begins with: data in another encoding, packed, and a model to start from. */
async function beginningIn(folder: string): Promise<string[]> {
  const [data, from] = [`${folder}/data.gz`, `${folder}/from.safetensors`];
  const units = Uint16Array.from(
    Deno.readTextFileSync(fromProject("data/names.txt")),
    (character) => character.charCodeAt(0),
  );
  const packed = new Blob([units]).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(data, packed);
  await live(["--n-embd", "32", "--steps", "10", "--samples", "0", "--quiet", "--out", from], 2 ** 31 - 1);
  return ["--data", data, "--init-from", from];
}

/** How long the next run lives: uniform from 0 to the longest life. */
function nextLife(state: RandomState): [number, RandomState] {
  const [share, next] = random(state);
  return [share * LONGEST_LIFE, next];
}

async function crashtest({ kills, engine, threads, steps, seed }: Values<typeof FLAGS>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "crashtest-" });
  try {
    const keepEvery = Math.ceil(steps / 3);
    const beginning = await beginningIn(folder);
    const settings = [
      ...["--engine", engine, "--threads", String(threads), "--steps", String(steps), ...beginning, ...RUN],
    ];
    const alone = `${folder}/alone.safetensors`;
    const killed = `${folder}/killed.safetensors`;
    await live([...settings, "--out", alone, "--keep-every", String(keepEvery)], 2 ** 31 - 1);

    let state = seedRandom(seed);
    let count = 0;
    let saves = 0;
    let leftovers = 0;
    const endings = new Set<string>();
    for (let ended = false; !ended;) {
      let life: number;
      let which: number;
      let together: number;
      [life, state] = nextLife(state);
      [which, state] = draw(state, [3, 1, 1, 1]); // most are killed
      [together, state] = draw(state, [2, 1]);
      const ending = ENDINGS[which];
      const t = stepsIn(killed);
      const begin = t === undefined ? [...settings, "--out", killed] : ["--resume", killed, "--quiet"];
      const log = ["--log", logOf(killed)];
      // Often or seldom: kills come in the middle of a write and far from one.
      const [every, next] = draw(state, [1, 1, 1]);
      state = next;
      const often = ["--checkpoint-every", String([2, 10, 50][every]), "--checkpoint-seconds", "0.1"];
      const flags = [...begin, ...often, "--keep-every", String(keepEvery), ...log];
      ended = !await live(flags, count < kills ? life : 2 ** 31 - 1, ending, count < kills ? 1 + together : 1);
      if (ended && count < kills) {
        // The run was over before it was killed often enough: begin another.
        compare(alone, killed);
        Deno.removeSync(killed);
        Deno.removeSync(bestPath(killed));
        Deno.removeSync(logOf(killed));
        ended = false;
        continue;
      }
      if (!ended) {
        count++;
        endings.add(ending);
      }
      const after = stepsIn(killed);
      if (after !== undefined && after !== t) saves++;
      leftovers = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".tmp")).length;
    }
    compare(alone, killed);
    compare(bestPath(alone), bestPath(killed));
    for (let t = keepEvery; t <= steps; t += keepEvery) compare(milestonePath(alone, t), milestonePath(killed, t));
    checkLog(logOf(killed), steps);
    const how = ENDINGS.filter((ending) => endings.has(ending)).join(", ");
    console.log(
      `${count} ${
        count === 1 ? "kill" : "kills"
      } (${how}), ${saves} of them after progress was saved: the checkpoint could always be loaded, and the run ended ` +
        `in the same bytes (${engine}, ${threads === 1 ? "1 thread" : `${threads} threads`}, ${steps} steps)`,
    );
    if (leftovers > 1) throw new Error(`${leftovers} temporary files were left behind: there may be 1 at most`);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error} (the files are in ${folder})`);
  }
  Deno.removeSync(folder, { recursive: true });
}

const logOf = (model: string): string => `${model}.jsonl`;

/** The log of a run has every step once, and ends once. */
function checkLog(path: string, steps: number): void {
  const entries = parseRunLog(Deno.readTextFileSync(path));
  const taken = entries.flatMap((entry) => entry.type === "step" ? [entry.t] : []);
  const isWhole = taken.length === steps && taken.every((t, i) => t === i + 1);
  if (!isWhole || entries.filter(({ type }) => type === "end").length !== 1) {
    throw new Error(`the log ${path} does not have every step once, and one end`);
  }
}

/** How many steps the run in a file has taken; undefined if there is no file yet. Throws if it cannot be loaded. */
function stepsIn(path: string): number | undefined {
  try {
    Deno.statSync(path);
  } catch {
    return undefined;
  }
  return readCheckpoint(path).t;
}

function compare(expected: string, actual: string): void {
  const [a, b] = [expected, actual].map((path) => Deno.readFileSync(path));
  if (a.length !== b.length || a.some((byte, i) => byte !== b[i])) {
    throw new Error(
      `the run that was killed ended with other bytes than the one left alone: ${actual} differs from ${expected}`,
    );
  }
}

if (import.meta.main) {
  await runTask({
    name: "crashtest",
    summary: "Kills a training run again and again, and compares what it ends in with a run left alone.",
    flags: FLAGS,
    check: ({ engine, threads }) => {
      if (threads > 1 && engine !== "simd") {
        throw new Error(`--threads ${threads} cannot be used with --engine ${engine}: it needs --engine simd`);
      }
    },
    run: crashtest,
  });
}

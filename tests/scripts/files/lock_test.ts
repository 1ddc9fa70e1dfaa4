/**
 * Two runs never write the same file.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, parseRunLog } from "../../../mod.ts";
import { assertRefused, ROOT, task, taskTest } from "../task.ts";
import { startTraining } from "../training.ts";

const namesIn = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

taskTest(
  "lock: a model or a log that a run is writing is refused to another, by name, and left alone",
  async (folder) => {
    const [out, log] = [`${folder}/model`, `${folder}/run.jsonl`];
    const { stop } = await startTraining("--out", out, "--log", log, "--samples", "0");
    const others = ["--quiet", "--steps", "5"];
    const holder = /is being written by process \d+: wait for it, or name another file with --(out|log)\n$/;
    for (const flags of [["--out", out], ["--out", `${folder}/other`, "--log", log]]) {
      const refused = task("train", ...others, ...flags);
      assertMatch(refused.stderr, holder);
      assertRefused(refused, 1, "is being written by");
    }
    // Under another name it is the same file.
    Deno.symlinkSync(out, `${folder}/link`);
    assertRefused(task("train", ...others, "--out", `${folder}/link`), 1, "is being written by process");
    assertEquals((await stop("SIGINT")).code, 130);
    const { t } = decodeCheckpoint(Deno.readFileSync(out));
    assertEquals(parseRunLog(Deno.readTextFileSync(log)).length, 1 + t);
    assertEquals(namesIn(folder).filter((name) => name.includes("lock")), []);
  },
);

taskTest(
  "lock: of ten runs that start together one trains; the others say which, and nothing is left",
  async (folder) => {
    const run = ["run", "--allow-read", "--allow-write", "scripts/train.ts", "--quiet", "--steps", "1000000000"];
    const args = [...run, "--out", `${folder}/model`, "--log", `${folder}/log`];
    const children = Array.from(
      { length: 10 },
      () => new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" }, stderr: "piped" }).spawn(),
    );
    const left = new Set(children);
    const refused = await new Promise<string[]>((nine) => {
      const sentences: string[] = [];
      for (const child of children) {
        void child.output().then(({ stderr }) => {
          left.delete(child);
          if (sentences.push(new TextDecoder().decode(stderr)) === 9) nine(sentences);
        });
      }
    });
    for (const sentence of refused) assertStringIncludes(sentence, "is being written by");
    const [last] = left;
    await new Promise((later) => setTimeout(later, 500)); // it listens for signals once it has begun
    last.kill("SIGINT");
    assertEquals((await last.status).code, 130);
    assertEquals(namesIn(folder), ["log", "model"]);
  },
);

taskTest("lock: a lock that a killed run has left does not matter", async (folder) => {
  const out = `${folder}/model`;
  const { stop } = await startTraining("--out", out);
  await stop("SIGKILL");
  assertEquals(namesIn(folder), [".model.lock"]);
  assertEquals(task("train", "--quiet", "--steps", "5", "--out", out).code, 0);
  assertEquals(namesIn(folder), ["model"]);
});

taskTest("write: a link is followed to where it leads, though nothing is there yet; not in a circle", (folder) => {
  Deno.symlinkSync("there/model", `${folder}/a`);
  Deno.symlinkSync(`${folder}/a`, `${folder}/b`);
  assertEquals(task("train", "--quiet", "--steps", "5", "--out", `${folder}/b`).code, 0);
  assertEquals([Deno.lstatSync(`${folder}/a`).isSymlink, Deno.lstatSync(`${folder}/b`).isSymlink], [true, true]);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/there/model`)).t, 5);
  Deno.symlinkSync("d", `${folder}/c`);
  Deno.symlinkSync("c", `${folder}/d`);
  assertRefused(task("train", "--quiet", "--out", `${folder}/c`), 1, "symbolic links");
});

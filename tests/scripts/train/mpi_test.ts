/**
 * Runs that several processes take together over MPI.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, parseRunLog } from "../../../mod.ts";
import { assertRefused, ROOT, task, taskTest, until } from "../task.ts";

/** What mpirun makes of some processes; undefined where there is no mpirun. */
function mpirun(...processes: string[][]): { code: number; stdout: string; stderr: string } | undefined {
  const run = ["run", "-A", "scripts/train.ts", "--mpi"];
  const args = processes.flatMap((args, i) => [
    ...(i === 0 ? [] : [":"]),
    ...["-n", processes.length === 1 ? "2" : "1", Deno.execPath(), ...run, ...args],
  ]);
  try {
    const { code, stdout, stderr } = new Deno.Command("mpirun", { args, cwd: ROOT, env: { NO_COLOR: "1" } })
      .outputSync();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  } catch {
    return undefined;
  }
}

const RUN = ["--batch", "5", "--steps", "40", "--val-fraction", "0.1", "--eval-every", "20", "--eval-documents", "50"];

taskTest("mpi: two processes speak and save once, with one's losses and the same bytes each time", (folder) => {
  const out = (name: string): string[] => ["--out", `${folder}/${name}`, "--log", `${folder}/${name}.jsonl`];
  const shared = mpirun([...RUN, ...out("shared")]);
  if (shared === undefined) return assertRefused(task("train:native", "--mpi"), 1, "apt install mpich");
  assertEquals([shared.code, shared.stderr], [0, ""]);
  assertEquals(shared.stdout.match(/num docs/g)!.length, 1);
  assertMatch(shared.stdout, /engine: array \(float64, 2 ranks/);
  task("train", ...RUN, ...out("alone"));
  const losses = (name: string): number[] =>
    parseRunLog(Deno.readTextFileSync(`${folder}/${name}.jsonl`)).flatMap((entry) =>
      entry.type === "step" ? [entry.loss] : entry.type === "evaluation" ? [entry.validation!.loss] : []
    );
  const alone = losses("alone");
  assertEquals(alone.length, 42);
  losses("shared").forEach((loss, i) => assert(Math.abs(loss / alone[i] - 1) < 1e-10, `${loss}, ${alone[i]}`));
  mpirun([...RUN, "--quiet", ...out("again")]);
  assertEquals(Deno.readFileSync(`${folder}/again`), Deno.readFileSync(`${folder}/shared`));

  // From two processes to one, and back.
  const resume = ["--resume", `${folder}/shared`, "--quiet"];
  assertEquals(task("train", ...resume, "--steps", "50").code, 0);
  assertEquals(mpirun([...resume, "--steps", "60"])!.code, 0);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/shared`)).t, 60);
});

// On one machine mpirun ends the others before they can speak, and gives a number; deno task scaletest tries two.
taskTest(
  "mpi: if a process dies its number says which rank, and the run goes on from its checkpoint",
  async (folder) => {
    if (mpirun(["--help"]) === undefined) return;
    const run = [...RUN, "--checkpoint-every", "10", "--steps", "100000", "--out", `${folder}/model`];
    const args = ["-n", "2", Deno.execPath(), "run", "-A", "scripts/train.ts", "--mpi", ...run];
    const env = { NO_COLOR: "1" };
    const child = new Deno.Command("mpirun", { args, cwd: ROOT, env, stdout: "piped", stderr: "null" }).spawn();
    let said = "";
    let pid: string | undefined;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (pid !== undefined) continue;
      pid = said.match(/rank 1 is (\d+) on /)?.[1];
      if (pid === undefined) continue;
      await until(() => [...Deno.readDirSync(folder)].some(({ name }) => name === "model"));
      Deno.kill(Number(pid), "SIGKILL");
    }
    assert((await child.status).code !== 0);
    assertStringIncludes(said, `PID ${pid} RUNNING AT`);
    const { t } = decodeCheckpoint(Deno.readFileSync(`${folder}/model`));
    assertEquals(task("train", "--resume", `${folder}/model`, "--steps", `${t + 1}`, "--quiet").code, 0);
  },
);

taskTest("mpi: what does not fit is refused before the first step, and the model that was there stays", (folder) => {
  const out = ["--out", `${folder}/model`];
  task("train", "--quiet", "--steps", "5", ...out);
  const before = Deno.readFileSync(`${folder}/model`);
  const different = mpirun([...RUN, ...out, "--seed", "1"], [...RUN, ...out, "--seed", "2"]);
  if (different === undefined) return;
  assert(different.code !== 0);
  assertStringIncludes(different.stderr, "rank 1 has another run than rank 0");
  const small = mpirun(["--batch", "1", ...out])!;
  assertEquals(small.code, 1);
  assertMatch(small.stderr, /^error: --batch 1 cannot be shared by 2 processes: .*\n$/); // once, and nothing of MPI's own
  assertEquals(Deno.readFileSync(`${folder}/model`), before);
});

taskTest("mpi: needs its task, and MPICH's library", () => {
  assertRefused(task("train", "--mpi"), 1, "--mpi needs a task that may load libraries");
  assertRefused(task("train:native", "--mpi", "--mpi-library", "libm.so.6"), 1, "cannot be used: it must be MPICH's");
  assertRefused(task("train:native", "--mpi-library", "libmpich.so"), 2, "--mpi-library cannot be used without --mpi");
});

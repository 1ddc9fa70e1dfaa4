/**
 * `deno task scaletest`: trains over MPI on two "hosts" with a slow, lossy link between them, and does to it what happens to
 * clusters: a process dies, another stands still, the link is cut. The hosts are network namespaces, which Linux makes for
 * root; the link's delay and loss are tc's; mpirun reaches the other host as over ssh.
 *
 * @module
 */

import { parseRunLog } from "../../mod.ts";
import { number, toggle, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { readCheckpoint } from "../files/checkpoints.ts";

const FLAGS = {
  "short": toggle("only the losses, and a process that dies"),
  "delay": number({ from: 0, to: 1000 }, 1, "delay of the link, each way, in milliseconds"),
  "loss": number({ from: 0, to: 20 }, 0.1, "packets that the link loses, in percent"),
};

/** The two hosts, by the names of their namespaces and their addresses. */
const HOSTS = [
  { name: `microgpt-a-${Deno.pid}`, link: "mgpt-a", address: "10.77.41.1" },
  { name: `microgpt-b-${Deno.pid}`, link: "mgpt-b", address: "10.77.41.2" },
] as const;

/** The link's speed, where the kernel can do no more to it. */
const SLOW_LINK = "100mbit";
/** A run that is over before anything happens to it, and one that is not. */
const STEPS = 100;
const ENDLESS = 1_000_000;
const RUN = ["--batch", "8", "--val-fraction", "0.1", "--eval-every", "50", "--eval-documents", "50", "--samples", "0"];
/** How far losses may lie from those of one process: sums of float64 in another order. */
const TOLERANCE = 1e-10;
/** "Within seconds": the watch waits 10 of them for a sign of life; the rest is for MPI to tidy up. */
const LONGEST_MS = 20_000;

/** What two processes on two hosts make of a run. */
type Ending = { readonly code: number; readonly stderr: string };

async function scaletest({ short, delay, loss }: Values<typeof FLAGS>): Promise<void> {
  const missing = reasonNotToRun();
  if (missing !== undefined) {
    console.log(`note: not tried: ${missing}`);
    return;
  }
  const folder = Deno.makeTempDirSync({ prefix: "scaletest-" });
  try {
    const link = layLink(delay, loss);
    const launcher = writeLauncher(folder);
    await checkLosses(folder, launcher);
    console.log(`losses: two hosts and one process agree to ${TOLERANCE} (${link})`);
    await checkEnding(folder, launcher, "dies", /rank 1 \(process \d+ on .*\) has gone/, (pid) => send(pid, "KILL"));
    if (short) return;
    const silent = /rank [01] \(process \d+ on .*\) has not been heard from for 10 seconds/;
    await checkEnding(folder, launcher, "stands still", silent, (pid) => send(pid, "STOP"), (pid) => send(pid, "KILL"));
    await checkEnding(folder, launcher, "is cut off", silent, () => setLink("down"), () => setLink("up"));
  } finally {
    removeLink();
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Why there is nothing to try here; undefined if there is. */
function reasonNotToRun(): string | undefined {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  for (const [tool, found] of [["mpirun", "mpich"], ["ip", "iproute2"], ["tc", "iproute2"]]) {
    if (run("sh", "-c", `command -v ${tool}`).code !== 0) return `${tool} is missing: install ${found}`;
  }
  removeLink();
  const { code, stderr } = run("ip", "netns", "add", HOSTS[0].name);
  removeLink();
  return code === 0 ? undefined : `this machine makes no network namespaces (${stderr.trim()})`;
}

/** Two hosts and a link between them. Returns what the link is like. */
function layLink(delay: number, loss: number): string {
  const [a, b] = HOSTS;
  for (const { name } of HOSTS) must("ip", "netns", "add", name);
  must("ip", "link", "add", a.link, "netns", a.name, "type", "veth", "peer", "name", b.link, "netns", b.name);
  for (const { name, link, address } of HOSTS) {
    // Addresses of IPv6 would not be ready for a second or two, and MPI would not wait for them.
    run("ip", "netns", "exec", name, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
    must("ip", "-n", name, "address", "add", `${address}/24`, "dev", link);
    must("ip", "-n", name, "link", "set", "lo", "up");
    must("ip", "-n", name, "link", "set", link, "up");
  }
  waitForLink();
  const shape = (...how: string[]): boolean =>
    HOSTS.every(({ name, link }) => run("tc", "-n", name, "qdisc", "add", "dev", link, "root", ...how).code === 0);
  if (shape("netem", "delay", `${delay}ms`, "loss", `${loss}%`)) return `${delay} ms each way, ${loss} % lost`;
  const isSlow = shape("tbf", "rate", SLOW_LINK, "burst", "32kbit", "latency", "50ms");
  console.log("note: this kernel cannot delay or lose packets (it has no netem)");
  return isSlow ? `a link of ${SLOW_LINK}` : "a link that nothing slows down";
}

/** A new link takes a moment to come up, and MPI does not wait for it. */
function waitForLink(): void {
  for (const { name, link } of HOSTS) {
    must(
      "ip",
      "netns",
      "exec",
      name,
      "sh",
      "-c",
      `until [ "$(cat /sys/class/net/${link}/operstate)" = up ]; do sleep 0.1; done`,
    );
  }
}

function removeLink(): void {
  for (const { name } of HOSTS) run("ip", "netns", "delete", name);
}

function setLink(state: "up" | "down"): void {
  must("ip", "-n", HOSTS[1].name, "link", "set", HOSTS[1].link, state);
}

/** What mpirun calls in place of ssh: the command comes after options and the host's address. */
function writeLauncher(folder: string): string {
  const path = `${folder}/launcher`;
  const cases = HOSTS.map(({ name, address }) => `${address}) shift; exec ip netns exec ${name} sh -c "$*" ;;`);
  const script = `#!/bin/sh\nwhile :; do\n  case "$1" in\n    ${cases.join("\n    ")}\n    *) shift ;;\n  esac\ndone\n`;
  Deno.writeTextFileSync(path, script, { mode: 0o755 });
  return path;
}

/** Trains on both hosts. Only their link connects them, though MPI would find a shorter way on one machine. */
function trainOnBoth(launcher: string, flags: readonly string[]): Deno.ChildProcess {
  const hosts = HOSTS.map(({ address }) => address).join(",");
  const args = [
    ...[
      "netns",
      "exec",
      HOSTS[0].name,
      "mpirun",
      "-disable-auto-cleanup",
      "-launcher",
      "ssh",
      "-launcher-exec",
      launcher,
    ],
    ...[
      "-genv",
      "MPIR_CVAR_NOLOCAL",
      "1",
      "-genv",
      "UCX_TLS",
      "tcp,self",
      "-genv",
      "UCX_TCP_AF_PRIO",
      "inet",
      "-genv",
      "NO_COLOR",
      "1",
    ],
    ...["-hosts", hosts, "-n", "2", Deno.execPath(), "run", "--allow-all", "scripts/train.ts", "--mpi", ...flags],
  ];
  return new Deno.Command("ip", { args, stdout: "piped", stderr: "piped" }).spawn();
}

function trainAlone(...flags: string[]): void {
  must(Deno.execPath(), "run", "--allow-read", "--allow-write", "scripts/train.ts", ...flags);
}

async function endingOf(child: Deno.ChildProcess): Promise<Ending> {
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  return { code, stderr };
}

/** Two hosts find the losses that one process finds. */
async function checkLosses(folder: string, launcher: string): Promise<void> {
  const flags = (name: string): string[] => [
    ...[...RUN, "--quiet", "--steps", String(STEPS)],
    ...["--out", `${folder}/${name}`, "--log", `${folder}/${name}.jsonl`],
  ];
  const shared = await endingOf(drained(trainOnBoth(launcher, flags("shared"))));
  if (shared.code !== 0) throw new Error(`the run on two hosts failed: ${shared.stderr.trim()}`);
  trainAlone(...flags("alone"));
  const losses = (name: string): number[] =>
    parseRunLog(Deno.readTextFileSync(`${folder}/${name}.jsonl`)).flatMap((entry) =>
      entry.type === "step" ? [entry.loss] : entry.type === "evaluation" ? [entry.validation!.loss] : []
    );
  const alone = losses("alone");
  losses("shared").forEach((loss, i) => {
    if (Math.abs(loss / alone[i] - 1) <= TOLERANCE) return;
    throw new Error(`loss ${i + 1} is ${loss} on two hosts, and ${alone[i]} in one process`);
  });
}

/** Something happens to the second host's process: the run ends soon and says to whom, and its checkpoint goes on. */
async function checkEnding(
  folder: string,
  launcher: string,
  what: string,
  expected: RegExp,
  happen: (pid: number) => void,
  mend: (pid: number) => void = () => {},
): Promise<void> {
  const out = `${folder}/${what.replaceAll(" ", "-")}`;
  const child = trainOnBoth(launcher, [...RUN, "--checkpoint-every", "20", "--steps", String(ENDLESS), "--out", out]);
  const pid = await secondProcess(child);
  while (stepsIn(out) === undefined) await new Promise((later) => setTimeout(later, 50));
  const start = performance.now();
  happen(pid);
  const { said, rest } = await until(child, expected);
  const elapsed = performance.now() - start;
  mend(pid);
  const { code } = await child.status;
  if (!expected.test(said + await rest)) throw new Error(`a process ${what}, and nobody says so: ${said}`);
  if (code === 0) throw new Error(`a process ${what}, and mpirun exits with 0`);
  if (elapsed > LONGEST_MS) {
    throw new Error(`a process ${what}, and it took ${(elapsed / 1000).toFixed(0)} s to say so`);
  }
  const t = stepsIn(out)!;
  trainAlone("--resume", out, "--quiet", "--steps", String(t + 10));
  console.log(
    `a process ${what}: named after ${(elapsed / 1000).toFixed(1)} s, and the run goes on from step ${t} ` +
      `(${said.match(expected)![0]})`,
  );
}

/** The number of the second host's process, which the run says before its first step. */
async function secondProcess(child: Deno.ChildProcess): Promise<number> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the run ended before its first step: ${said}`);
    said += value;
    const pid = said.match(/rank 1 is (\d+) on /)?.[1];
    if (pid === undefined) continue;
    void (async () => {
      while (!(await reader.read()).done);
    })();
    return Number(pid);
  }
}

/** Reads errors until one is the expected, or to their end. */
async function until(child: Deno.ChildProcess, expected: RegExp): Promise<{ said: string; rest: Promise<string> }> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const next = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    said += value ?? "";
    return !done;
  };
  while (!expected.test(said) && await next());
  const rest = (async () => {
    while (await next());
    return "";
  })();
  return { said, rest };
}

/** A child whose output nobody needs. */
function drained(child: Deno.ChildProcess): Deno.ChildProcess {
  void child.stdout.pipeTo(new WritableStream());
  return child;
}

function stepsIn(path: string): number | undefined {
  try {
    Deno.statSync(path);
  } catch {
    return undefined;
  }
  return readCheckpoint(path).t;
}

function send(pid: number, signal: string): void {
  run("kill", `-${signal}`, String(pid));
}

function run(command: string, ...args: string[]): Ending {
  const { code, stderr } = new Deno.Command(command, { args, stdout: "null" }).outputSync();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

function must(command: string, ...args: string[]): void {
  const { code, stderr } = run(command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr.trim()}`);
}

if (import.meta.main) {
  await runTask({
    name: "scaletest",
    summary: "Trains on two hosts with a poor link between them, and kills, stalls and cuts in the middle.",
    flags: FLAGS,
    run: scaletest,
  });
}

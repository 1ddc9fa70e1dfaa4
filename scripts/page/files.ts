/**
 * Files in and out: models, texts, reports.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint, learningRateAt, type LogEntry } from "../../mod.ts";
import { type Moment, reportHtml, reportOf } from "../../src/view/mod.ts";
import { checkpointOf, tell } from "./control.ts";
import { sha256 } from "./sha256.ts";
import type { Run } from "./store.ts";
import { say } from "./words.ts";

/** Hands the reader a file. */
export function save(name: string, content: Uint8Array<ArrayBuffer> | string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Hands the reader the model of a moment, as the file that the command line reads. */
export function saveModel(run: Run, moment: Moment): void {
  const bytes = checkpointOf(run, moment);
  if (bytes === undefined) return;
  const name = `microgpt-step-${moment.t}.safetensors`;
  save(name, bytes, "application/octet-stream");
  tell(say("saved", { name }));
}

/** Hands the reader a report of a run, by the code of `deno task report`. */
export async function saveReport(run: Run): Promise<void> {
  const asset = async (name: string): Promise<string> => {
    const answer = await fetch(new URL(`./${name}`, import.meta.url));
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return await answer.text();
  };
  const [style, script] = await Promise.all([asset("style.css"), asset("report.js")]);
  const hashes = { style: await hashOf(style), script: await hashOf(script) };
  const reports = [reportOf(logOf(run), run.name.value)];
  const name = "microgpt-report.html";
  save(name, reportHtml({ reports, style, script, hashes }), "text/html");
  tell(say("saved", { name }));
}

/** SHA-256 as base64, as a policy has it. */
async function hashOf(text: string): Promise<string> {
  return btoa(String.fromCharCode(...await sha256(new TextEncoder().encode(text))));
}

/** A run of the page as the entries of a log. */
function logOf({ about, spec, numbers, evaluations, snapshots, baselines, status }: Run): LogEntry[] {
  const { settings, engine, data } = spec;
  const build = about.value!.build;
  const header: LogEntry = {
    type: "header",
    config: about.value!.config,
    hyperparameters: settings,
    dataHash: data.hash,
    engine: { name: engine, threads: 1, ...(build !== undefined && { build }) },
    versions: { log: "1" },
  };
  const steps = numbers.t.map((t, i): LogEntry => ({
    ...{ type: "step", t, loss: numbers.loss[i], gradNorm: numbers.gradNorm[i] },
    ...{ learningRate: learningRateAt(t - 1, settings), tokensPerSecond: 0, time: 0 },
  }));
  const evaluated = evaluations.map(({ kind: _, ...figures }): LogEntry => ({
    ...{ type: "evaluation", improved: false },
    ...figures,
  }));
  const last = evaluations.at(-1);
  const end: LogEntry[] = status.value === "ended" && last
    ? [{ type: "end", reason: "all steps", ...figuresOf(last), baselines: baselines.value, time: 0 }]
    : [];
  return [header, ...steps, ...evaluated, ...snapshots.value, ...end];
}

function figuresOf({ t, training, validation }: Run["evaluations"][number]) {
  return { t, training, ...(validation && { validation }) };
}

/** The largest file that is read: more would not fit beside its copy. */
const MOST_BYTES = 2 ** 29;

/** The bytes of a file that was chosen or dropped. */
export async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > MOST_BYTES) {
    throw new Error(`${Math.round(file.size / 1e6)} MB > ${Math.round(MOST_BYTES / 1e6)} MB`);
  }
  return new Uint8Array(await file.arrayBuffer());
}

/** The model in a file. */
export async function checkpointIn(file: File): Promise<Checkpoint> {
  return decodeCheckpoint(await bytesOf(file));
}

/** What is said of a file that cannot be used. */
export function wrongFile(name: string, error: unknown): string {
  return say("wrongFile", { name: shortened(name), reason: (error as Error).message });
}

/** A name that fits a line. */
function shortened(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}…` : name;
}

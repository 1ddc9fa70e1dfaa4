/**
 * Files in and out: models, texts, reports.
 *
 * @module
 */

import { type Checkpoint, decodeCheckpoint } from "../../mod.ts";
import type { Moment } from "../../src/view/mod.ts";
import { checkpointOf, tell } from "./control.ts";
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

/**
 * What lies beside the model of a run, by its name.
 *
 * @module
 */

import { folderAndName } from "./paths.ts";

/** Where the best model of a run goes: `out/model.safetensors` has `out/model.best.safetensors` beside it. */
export function bestPath(path: string): string {
  return besidePath(path, "best");
}

/** Where the model goes that a new run replaces. */
export function previousPath(path: string): string {
  return besidePath(path, "previous");
}

/** Where the model after a step is kept. */
export function milestonePath(path: string, t: number): string {
  return besidePath(path, `step-${t}`);
}

/** A path with a word before the extension of its name. */
function besidePath(path: string, word: string): string {
  const [, name] = folderAndName(path);
  const dot = name.lastIndexOf(".");
  const beside = dot > 0 ? `${name.slice(0, dot)}.${word}${name.slice(dot)}` : `${name}.${word}`;
  return path.slice(0, path.length - name.length) + beside;
}

/** The step in the name of a model that a run has kept; undefined if it is none. */
export function milestoneIn(path: string): number | undefined {
  const [, name] = folderAndName(path);
  const step = /.\.step-(\d+)(\.[^.]*)?$/.exec(name)?.[1];
  return step === undefined ? undefined : Number(step);
}

/**
 * The model that a run replaces, kept under another name.
 *
 * @module
 */

import { bestPath, previousPath } from "./beside.ts";
import { isModel } from "./checkpoints.ts";
import { keepCopy, removeIfThere } from "./write.ts";

/**
 * Keeps the model in a file, and the best model beside it, under the names of the run before: what is written there next
 * does not replace them. At every moment each of them is there, and a run that was killed between this and its first save
 * does no harm: the next one finds the model kept, and what lies beside it is not its best.
 *
 * @returns Where it is kept; undefined if there is none.
 * @throws {Error} If it cannot be kept.
 */
export function keepPrevious(path: string): string | undefined {
  if (!isModel(path)) return undefined;
  const [previous, best] = [previousPath(path), bestPath(path)];
  const previousBest = bestPath(previous);
  const isKept = haveSameBytes(path, previous);
  if (!isKept && isModel(best)) keepCopy(best, previousBest, "model");
  else if (!isKept && isModel(previousBest)) removeIfThere(previousBest); // it belongs to a run before that
  if (!isKept) keepCopy(path, previous, "model");
  if (haveSameBytes(best, previousBest)) removeIfThere(best);
  return previous;
}

/** Whether two files are there, and hold the same. */
function haveSameBytes(a: string, b: string): boolean {
  try {
    if (Deno.statSync(a).size !== Deno.statSync(b).size) return false;
    const [bytesOfA, bytesOfB] = [Deno.readFileSync(a), Deno.readFileSync(b)];
    return bytesOfA.every((byte, i) => byte === bytesOfB[i]);
  } catch {
    return false;
  }
}

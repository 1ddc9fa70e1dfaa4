/**
 * The model that a run replaces is kept, whatever happens in between.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { encodeCheckpoint, hyperparameters, initTraining } from "../../../mod.ts";
import { keepPrevious } from "../../../scripts/files/previous.ts";
import { removeIfThere } from "../../../scripts/files/write.ts";
import { taskTest } from "../task.ts";

const model = (seed: number): Uint8Array =>
  encodeCheckpoint({ ...initTraining(["ab"], { seed }), hyperparameters: hyperparameters({ seed }) });

taskTest("previous: the models of a run are kept once, and a killed run between does no harm", (folder) => {
  const path = (name: string): string => `${folder}/${name}.st`;
  const write = (name: string, seed: number): void => {
    removeIfThere(path(name)); // not in place: what is kept may be another name of the same file
    Deno.writeFileSync(path(name), model(seed));
  };
  const found = (): Record<string, number> =>
    Object.fromEntries(
      [...Deno.readDirSync(folder)].map(({ name }): [string, number] => {
        const bytes = Deno.readFileSync(`${folder}/${name}`);
        return [name, [1, 2, 3, 4].find((seed) => model(seed).every((byte, i) => byte === bytes[i])) ?? 0];
      }).sort(),
    );
  assertEquals(keepPrevious(path("m")), undefined);
  write("m", 1);
  write("m.best", 2);
  assertEquals(keepPrevious(path("m")), path("m.previous"));
  const kept = { "m.previous.best.st": 2, "m.previous.st": 1, "m.st": 1 };
  assertEquals(found(), kept);
  // Killed before it could save: the next run finds everything as it was.
  assertEquals(keepPrevious(path("m")), path("m.previous"));
  assertEquals(found(), kept);
  // Killed after it had saved its best model: that belongs to no other.
  write("m.best", 3);
  keepPrevious(path("m"));
  assertEquals(found(), { "m.best.st": 3, ...kept });
  // Killed between the two copies.
  Deno.removeSync(path("m.best"));
  write("m", 4);
  write("m.best", 3);
  write("m.previous.best", 3);
  keepPrevious(path("m"));
  assertEquals(found(), { "m.previous.best.st": 3, "m.previous.st": 4, "m.st": 4 });
  // A run without a best model leaves none of another's beside it.
  write("m", 1);
  keepPrevious(path("m"));
  assertEquals(found(), { "m.previous.st": 1, "m.st": 1 });
});

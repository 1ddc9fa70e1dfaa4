/**
 * `deno task fuzz`: throws generated and mutated checkpoints, data files, flag lists and prompts at what reads them.
 *
 * @module
 */

import fc from "fast-check";
import { decodeCheckpoint } from "../../mod.ts";
import { decodeSafetensors } from "../../src/formats/mod.ts";
import { number, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { memoryBombs } from "./fuzz/bombs.ts";
import { type Ending, type Target, TARGETS } from "./fuzz/targets.ts";

const FLAGS = {
  "runs": number({ whole: true, from: 1, to: 1e9 }, 10_000, "how many inputs of each kind"),
  "seed": number({ whole: true, from: 0, to: 2 ** 31 - 1 }, undefined, "seed of what is generated (default: any)"),
};

/** A case that takes longer is taken to hang. */
const HANG_MS = 2000;
/** How many times its length a file may take up in memory while it is read: its text, the parsed JSON, its tensors. */
const MEMORY_MULTIPLE = 16;

/** Tries cases of a target; on failure fast-check shows the smallest one. */
function fuzzTarget({ name, cases }: Target, runs: number, seed: number): void {
  const counts: Record<Ending, number> = { accepted: 0, refused: 0 };
  let slowest = 0;
  const started = performance.now();
  const property = fc.property(cases, (tryCase) => {
    const start = performance.now();
    counts[tryCase()]++;
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (took > HANG_MS) throw new Error(`it took ${took.toFixed(0)} ms`);
  });
  try {
    fc.assert(property, { numRuns: runs, seed });
  } catch (error) {
    throw new Error(`${name}, seed ${seed}: ${error instanceof Error ? error.message : error}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${name}: ${runs} cases, ${counts.accepted} accepted, ${counts.refused} refused, ` +
      `slowest ${slowest.toFixed(1)} ms, ${seconds} s`,
  );
}

/** Reads files that are made to fill the memory. */
function checkMemory(): void {
  for (const [name, bytes] of memoryBombs()) {
    const before = Deno.memoryUsage().rss;
    for (const read of [decodeSafetensors, decodeCheckpoint]) {
      try {
        read(bytes);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    const multiple = Math.max(0, Deno.memoryUsage().rss - before) / bytes.length;
    console.log(`${name}: ${(bytes.length / 2 ** 20).toFixed(0)} MB, ${multiple.toFixed(1)} times that in memory`);
    if (multiple > MEMORY_MULTIPLE) throw new Error(`${name} took up more than ${MEMORY_MULTIPLE} times its length`);
  }
}

function fuzz({ runs, seed = Math.floor(Math.random() * 2 ** 31) }: Values<typeof FLAGS>): void {
  console.log(`seed: ${seed}`);
  for (const target of TARGETS) fuzzTarget(target, runs, seed);
  checkMemory();
}

if (import.meta.main) {
  await runTask({
    name: "fuzz",
    summary: "Throws generated and mutated checkpoints, data files, flag lists and prompts at what reads them.",
    flags: FLAGS,
    run: fuzz,
  });
}

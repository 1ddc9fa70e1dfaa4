/**
 * What a sweep runs.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { cellsOf, flagsOf, GRID_FLAGS, gridOf, keyOf, seedsOf } from "../../../scripts/sweep/grid.ts";
import { FLAGS } from "../../../scripts/train/flags.ts";

Deno.test("sweep: every combination of the values, each once and with every seed", () => {
  const values = { "n-embd": "4, 8,4", "init-std": "0.1,0.2", "n-layer": "1" };
  const grid = gridOf(values, new Set(["n-embd", "init-std", "seeds"]));
  assertEquals(grid, { "n-embd": ["4", "8"], "init-std": ["0.1", "0.2"] });
  assertEquals(seedsOf({ seed: 7, seeds: 3 }), [7, 8, 9]);
  const cells = cellsOf(grid, seedsOf({ seed: 7, seeds: 2 }));
  assertEquals(
    cells.map((cell) => flagsOf(cell).join(" ")).sort(),
    ["4", "8"].flatMap((embd) =>
      ["0.1", "0.2"].flatMap((std) => [7, 8].map((seed) => `--n-embd=${embd} --init-std=${std} --seed=${seed}`))
    ),
  );
  assertEquals(new Set(cells.map(keyOf)).size, 8);
  assertEquals(cellsOf({}, [1]), [{ values: {}, seed: 1 }]);
});

Deno.test("sweep: each cell is checked as train would, before any runs", () => {
  assertThrows(() => cellsOf({ "n-embd": ["4", "x"] }, [1]), Error, '--n-embd "x" cannot be used');
  assertThrows(() => cellsOf({ "n-embd": ["8"], "n-head": ["2", "3"] }, [1]), RangeError, "cannot be split");
  assertThrows(() => cellsOf({ "patience": ["2"] }, [1]), RangeError, "--patience 2 cannot be used");
});

Deno.test("sweep: more runs than anybody means are refused before one of them is thought of", () => {
  const tens = Array.from({ length: 1000 }, (_, i) => String(i + 1));
  const grid = { "steps": tens, "batch": tens, "eval-documents": tens };
  assertThrows(() => cellsOf(grid, [1, 2]), RangeError, "the values make 2000000000 runs with 2 seeds each: 100000");
});

Deno.test("sweep: takes every flag of train but those that it sets itself, or that change no loss", () => {
  const own = [
    ...[
      "out",
      "seed",
      "samples",
      "temperature",
      "resume",
      "allow-other-data",
      "skip-unknown",
      "refresh",
      "checkpoint-every",
      "checkpoint-seconds",
      "keep-every",
      "end-with-stdin",
    ],
    ...["log", "log-every", "snapshot-every", "quiet", "blas", "mpi", "mpi-library"],
  ];
  assertEquals(Object.keys(GRID_FLAGS), Object.keys(FLAGS).filter((name) => !own.includes(name)));
});

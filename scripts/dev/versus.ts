/**
 * `deno task versus`: the simd engine, with a BLAS too if there is one, beside PyTorch eager: the same model, the same step,
 * on the same cores, turn by turn.
 *
 * @module
 */

import { type Engine, engine, modelConfig, type ModelShape } from "../../mod.ts";
import { describeEngine } from "../../src/engines/mod.ts";
import { initParameters } from "../../src/model/mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { number, text, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { table } from "../terminal/table.ts";
import { blasProducts } from "../train/blas.ts";
import { median } from "./bench/median.ts";

const FLAGS = {
  "python": text("python3", "the Python that has PyTorch"),
  "steps": number({ whole: true, from: 3 }, 10, "steps of each in a turn"),
  "turns": number({ whole: true, from: 1 }, 3, "turns of each"),
};

const VOCABULARY = 65;
/** Shapes with the size of a batch: models of prose. */
const SHAPES: readonly (ModelShape & { readonly batch: number })[] = [
  { nLayer: 4, nEmbd: 128, nHead: 4, blockSize: 64, batch: 16 },
  { nLayer: 6, nEmbd: 256, nHead: 4, blockSize: 128, batch: 16 },
];

/** Milliseconds of the steps that come after the first two, in which code is compiled and memory touched. */
type Turn = () => number[];

function engineTurn(engine: Engine, { batch, ...shape }: typeof SHAPES[number], steps: number): Turn {
  const config = modelConfig(VOCABULARY, shape);
  const [{ params }] = initParameters(config, seedRandom(1), 0.08);
  // Any text will do: no two documents begin alike, so that nothing is shared.
  const documents = Array.from(
    { length: batch },
    (_, d) => Array.from({ length: config.blockSize + 1 }, (_, i) => (d * 31 + i * i * 7 + i) % VOCABULARY),
  );
  return () => {
    const zeros = new Float64Array(params.length);
    const trainer = engine.trainer({ config, params, m: zeros, v: zeros });
    const times = Array.from({ length: steps + 2 }, (_, t) => {
      const start = performance.now();
      trainer.gradient(documents);
      trainer.update(t + 1, { learningRate: 0.001 });
      return performance.now() - start;
    });
    trainer.dispose();
    return times.slice(2);
  };
}

function pytorchTurn(python: string, shape: typeof SHAPES[number], threads: number, steps: number): Turn {
  const { nLayer, nEmbd, blockSize, batch, nHead } = shape;
  const script = new URL("./versus/pytorch.py", import.meta.url).pathname;
  const args = [script, ...[nLayer, nEmbd, blockSize, batch, nHead, VOCABULARY, threads, steps + 2].map(String)];
  // PyTorch's own number of threads does not reach its BLAS; that threads sleep while they wait is faster for it.
  const env = {
    ...{ OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) },
    OMP_WAIT_POLICY: "passive",
  };
  return () => {
    const { code, stdout, stderr } = new Deno.Command(python, { args, env }).outputSync();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
    if (code !== 0) throw new Error(`PyTorch did not run: ${decode(stderr).split("\n").at(-1)}`);
    return decode(stdout).split("\n").map(Number).slice(2);
  };
}

/** Whether a Python has PyTorch. */
function hasPyTorch(python: string): boolean {
  try {
    return new Deno.Command(python, { args: ["-c", "import torch"], stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function versus({ python, steps, turns }: Values<typeof FLAGS>): void {
  if (!hasPyTorch(python)) {
    console.log(`skipped: ${python} has no PyTorch; with "apt install python3-torch" or --python it can be compared`);
    return;
  }
  const products = blasOrNone();
  const rows = [["model", "threads", "what", "ms a step", "of PyTorch"]];
  for (const shape of SHAPES) {
    for (const threads of [1, 2].filter((threads) => threads <= navigator.hardwareConcurrency)) {
      const own = engine("simd", { threads });
      const native = products && engine("simd", { threads, products });
      const runs: [name: string, turn: Turn][] = [
        ["PyTorch eager", pytorchTurn(python, shape, threads, steps)],
        [describeEngine(own), engineTurn(own, shape, steps)],
        ...(native ? [[describeEngine(native), engineTurn(native, shape, steps)] as [string, Turn]] : []),
      ];
      const times = runs.map(() => [] as number[]);
      for (let i = 0; i < turns; i++) runs.forEach(([, turn], r) => times[r].push(...turn()));
      const medians = times.map(median);
      const { nLayer, nEmbd, blockSize, batch } = shape;
      runs.forEach(([name], r) =>
        rows.push([
          `${nLayer} × ${nEmbd} × ${blockSize} × ${batch}`,
          String(threads),
          name,
          medians[r].toFixed(1),
          (medians[r] / medians[0]).toFixed(2),
        ])
      );
    }
  }
  console.log(table(rows));
  if (products === undefined) console.log("without a BLAS, since none was found");
}

function blasOrNone() {
  try {
    return blasProducts();
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  await runTask({
    name: "versus",
    summary: "Compares steps of the simd engine with PyTorch's, if that is installed.",
    flags: FLAGS,
    run: versus,
  });
}

/**
 * `deno task gradcheck`: compares finite differences and the gradients of all engines, tensor by tensor, on a model and
 * documents of the user's choice.
 *
 * @module
 */

import {
  type Checkpoint,
  DEFAULT_HYPERPARAMETERS,
  DEFAULT_SHAPE,
  documentTokens,
  engine,
  initTraining,
  type Model,
  modelConfig,
  type TrainingDocument,
} from "../mod.ts";
import { checkGradients, type GradientCheck } from "../src/engines/mod.ts";
import { SHAPE_RANGES } from "../src/model/mod.ts";
import { seedRandom } from "../src/random/mod.ts";
import { HYPERPARAMETER_RANGES } from "../src/train/mod.ts";
import { file, number, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { readCheckpoint } from "./files/checkpoints.ts";
import { readData, UTF8 } from "./files/data.ts";
import { terminalColumns } from "./terminal/stdout.ts";
import { fittingTable } from "./terminal/table.ts";

const { seed, initStd } = HYPERPARAMETER_RANGES;

const FLAGS = {
  "model": file("", "the model, as train saved it (default: a new one of the shape below)"),
  "data": file("data/names.txt", "text to take documents from: UTF-8, one document a line"),
  "documents": number({ whole: true, from: 1, to: 10_000 }, 4, "how many documents, drawn by the seed"),
  "checks": number({ whole: true, from: 1, to: 1e6 }, 8, "finite differences to take in each tensor"),
  "n-layer": number(SHAPE_RANGES.nLayer, DEFAULT_SHAPE.nLayer, "transformer layers"),
  "n-embd": number(SHAPE_RANGES.nEmbd, DEFAULT_SHAPE.nEmbd, "width of the embeddings, a multiple of --n-head"),
  "n-head": number(SHAPE_RANGES.nHead, DEFAULT_SHAPE.nHead, "attention heads"),
  "block-size": number(SHAPE_RANGES.blockSize, DEFAULT_SHAPE.blockSize, "longest document, in characters"),
  "init-std": number(initStd, DEFAULT_HYPERPARAMETERS.initStd, "standard deviation of the initial parameters"),
  "seed": number(seed, DEFAULT_HYPERPARAMETERS.seed, "seed of the documents, the parameters and the checks"),
};

/**
 * The largest errors that pass, relative to a tensor's largest gradient. A finite difference is good to 1e-8 or so; float64
 * in another order of sums to 1e-13 times the sums' length; float32 to 1e-6, and to 1e-4 where a model is sure of itself.
 */
const TOLERANCES = { "finite diff.": 1e-5, array: 1e-9, simd: 1e-3 };
const NAMES = Object.keys(TOLERANCES) as (keyof typeof TOLERANCES)[];

const errorsOf = ({ finiteDifferences, engines }: GradientCheck): number[] => [finiteDifferences, ...engines];

/** The model, and the documents to check it on. */
async function work(values: Values<typeof FLAGS>): Promise<{ model: Model; documents: readonly TrainingDocument[] }> {
  const saved: Checkpoint | undefined = values.model === "" ? undefined : readCheckpoint(values.model);
  const { documents } = await readData(values.data, {
    kind: saved?.hyperparameters.documentKind ?? "line",
    encoding: UTF8,
    normalize: saved?.hyperparameters.normalize,
  });
  const shape = {
    nLayer: values["n-layer"],
    nEmbd: values["n-embd"],
    nHead: values["n-head"],
    blockSize: values["block-size"],
  };
  const kind = saved?.hyperparameters.documentKind;
  const state = initTraining(documents, {
    ...shape,
    blockSize: saved?.config.blockSize ?? shape.blockSize,
    documentKind: kind,
    seed: values.seed,
    initStd: values["init-std"],
  });
  return { model: saved ?? state, documents: state.documents.slice(0, values.documents) };
}

function checkTable(checks: readonly GradientCheck[]): string {
  const header = ["tensor", "largest", "checked", ...NAMES];
  const rows = checks.map((check) => [
    check.tensor,
    check.largest.toExponential(2),
    String(check.checked),
    ...errorsOf(check).map((error, i) => `${error.toExponential(1)}${error <= TOLERANCES[NAMES[i]] ? "" : " !"}`),
  ]);
  const all = [...header.keys()];
  return fittingTable([header, ...rows], [all, all.filter((i) => i !== 2), [0, ...all.slice(3)]], terminalColumns());
}

function checkFlags(values: Values<typeof FLAGS>, given: ReadonlySet<string>): void {
  modelConfig(2, { nLayer: values["n-layer"], nEmbd: values["n-embd"], nHead: values["n-head"] });
  const shaped = ["n-layer", "n-embd", "n-head", "block-size", "init-std"].find((flag) => given.has(flag));
  if (values.model !== "" && shaped) throw new Error(`--${shaped} has no effect with --model, which has its own shape`);
}

async function gradcheck(values: Values<typeof FLAGS>): Promise<number | void> {
  const { model, documents } = await work(values);
  const batch = documents.map((document) => documentTokens(model.tokenizer, document));
  console.log(
    `${batch.length} documents, ${model.params.length} parameters; worst errors, relative to the largest gradient:`,
  );
  const checks = checkGradients(model, batch, {
    expected: engine("scalar"),
    others: [engine("array"), engine("simd")],
    checks: values.checks,
    random: seedRandom(values.seed),
  });
  console.log(checkTable(checks));
  const failed = checks.filter((check) => errorsOf(check).some((error, i) => !(error <= TOLERANCES[NAMES[i]])));
  const allowed = NAMES.map((name) => `${name} ${TOLERANCES[name]}`).join(", ");
  if (failed.length === 0) {
    console.log(`all within tolerance (${allowed})`);
    return;
  }
  console.error(`error: ${failed.map(({ tensor }) => tensor).join(", ")} past tolerance (${allowed})`);
  return 1;
}

if (import.meta.main) {
  await runTask({
    name: "gradcheck",
    summary: "Compares gradients: finite differences, scalar, array and simd, tensor by tensor.",
    flags: FLAGS,
    check: checkFlags,
    run: gradcheck,
  });
}

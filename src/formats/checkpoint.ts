/**
 * A training run as the bytes of a safetensors file, and back, bit for bit.
 *
 * The parameters stand under the reference's names (`wte`, `layer0.attn_wq`, …), Adam's moments under the same names
 * with `adam.m.` and `adam.v.` before them, the random stream as `random.words` and `random.gauss_next`. The rest is
 * metadata. The file carries a checksum of its content, so that a file that was cut or changed is refused, and one that
 * another program has written again, in another order, is not. Where the checksum has been left out, none is asked for.
 *
 * @module
 */

import { type Tokenizer, tokenizerOf } from "../corpus/tokenizer.ts";
import { ENGINE_NAMES, type EngineName } from "../engines/engines.ts";
import { MAX_THREADS } from "../engines/simd/simd.ts";
import { type ModelConfig, modelConfig, parameterCount } from "../model/config.ts";
import { checkParameters, parameterLayout } from "../model/parameters.ts";
import { checkRange } from "../range.ts";
import { type Hyperparameters, hyperparameters } from "../train/hyperparameters.ts";
import { checkSelection, NOTHING_SELECTED, type Selection } from "../train/early_stopping.ts";
import type { SavedTraining, TrainingState } from "../train/state.ts";
import { BYTES_CHECKSUM_PREFIX, bytesChecksum, contentChecksum } from "./checksum.ts";
import { parseJson } from "./json.ts";
import { decodeSafetensors, encodeSafetensors, type Safetensors, type Tensor } from "./safetensors.ts";

/** What a checkpoint holds: a training state without its documents, the run's hyperparameters, and its engine. */
export type Checkpoint = SavedTraining & {
  /** What the run was set by. */
  readonly hyperparameters: Hyperparameters;
  /** The engine that computed it: with the same one, down to whether it fuses, a run goes on to the same bits. */
  readonly engine?: EngineSetting;
  /** Where its data was. */
  readonly source?: DataSource;
};

/** Where data was, and how its bytes are read. */
export type DataSource = {
  /** A path, an address on the web, or `-` for standard input. */
  readonly path: string;
  /** The encoding, by the name that `TextDecoder` gives it. */
  readonly encoding: string;
};

/** The engine of a run. */
export type EngineSetting = {
  /** The name it is asked for by. */
  readonly name: EngineName;
  /** Number of threads, from 1. */
  readonly threads: number;
  /** Which of several builds ran, if there are several and it is known. */
  readonly build?: string;
  /** Whether products were added without being rounded first, where that depends on the processor and is known. */
  readonly fused?: boolean;
};

const FORMAT = "microgpt checkpoint 3";
/**
 * Older ones are still read: the first is from before runs had validation, data hashes and engines; both have a checksum of
 * all bytes, `crc32`.
 */
const FORMATS = ["microgpt checkpoint 1", "microgpt checkpoint 2", FORMAT];
/** Words in a random state. */
const WORDS = 624;

/** How checkpoints begin after the length of the header, unless another program has written them. */
const BEGINNINGS = ['{"__metadata__":{"checksum":"', BYTES_CHECKSUM_PREFIX];

/**
 * A checkpoint as the bytes of a file. The same checkpoint always gives the same bytes.
 *
 * @param checkpoint The run to save.
 * @throws {RangeError} If the checkpoint is one that {@linkcode decodeCheckpoint} would refuse.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeCheckpoint, encodeCheckpoint, hyperparameters, initTraining } from "@microgpt/microgpt";
 *
 * const state = initTraining(["anna", "bob"]);
 * const bytes = encodeCheckpoint({ ...state, hyperparameters: hyperparameters() });
 * assertEquals(decodeCheckpoint(bytes).params, state.params);
 * ```
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { config, tokenizer, random } = checkpoint;
  for (const [, params] of buffers(checkpoint)) checkParameters({ config, params });
  checkDataHash(checkpoint.dataHash);
  checkVocabulary(tokenizer, config);
  const t = checkRange("t", checkpoint.t, { whole: true, from: 0 });
  const position = checkRange("random position", random.position, { whole: true, from: 0, to: WORDS });
  checkRange("number of random words", random.words.length, { whole: true, from: WORDS, to: WORDS });
  const tensors = new Map<string, Tensor>();
  for (const [prefix, buffer] of buffers(checkpoint)) {
    for (const { name, rows, columns, offset } of parameterLayout(config)) {
      const data = buffer.subarray(offset, offset + rows * columns);
      checkFinite(prefix + name, data, columns);
      tensors.set(prefix + name, { shape: [rows, columns], data });
    }
  }
  const { gaussNext } = random;
  const pending = new Float64Array(gaussNext === null ? [] : [gaussNext]);
  tensors.set("random.gauss_next", { shape: [pending.length], data: pending });
  tensors.set("random.words", { shape: [random.words.length], data: random.words });

  const metadata = {
    format: FORMAT,
    config: JSON.stringify(modelConfig(config.vocabSize, config)),
    vocabulary: JSON.stringify(tokenizer.vocabulary),
    hyperparameters: JSON.stringify(hyperparameters(checkpoint.hyperparameters)),
    selection: JSON.stringify(checkSelection(checkpoint.selection)),
    data_hash: JSON.stringify(checkpoint.dataHash),
    ...(checkpoint.engine && { engine: JSON.stringify(checkEngine(checkpoint.engine)) }),
    ...(checkpoint.source && { data_source: JSON.stringify(checkSource(checkpoint.source)) }),
    t: String(t),
    random_position: String(position),
  };
  return encodeSafetensors({
    tensors,
    metadata: { checksum: contentChecksum({ tensors, metadata }), ...metadata },
  });
}

/** The three buffers of a checkpoint with the prefixes of their tensors. */
function buffers(state: Pick<TrainingState, "params" | "m" | "v">): [prefix: string, buffer: Float64Array][] {
  return [["", state.params], ["adam.m.", state.m], ["adam.v.", state.v]];
}

/**
 * The checkpoint in the bytes of a file.
 *
 * @param bytes The whole file. The order of its tensors and metadata makes no difference.
 * @throws {SyntaxError} If the bytes are not a checkpoint, or one that was cut or changed.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { decodeCheckpoint, encodeCheckpoint, hyperparameters, initTraining } from "@microgpt/microgpt";
 *
 * const bytes = encodeCheckpoint({ ...initTraining(["anna", "bob"]), hyperparameters: hyperparameters() });
 * bytes[5000] ^= 1;
 * assertThrows(() => decodeCheckpoint(bytes), SyntaxError, "damaged");
 * ```
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const file = readIntact(bytes);
  try {
    return readCheckpoint(file);
  } catch (error) {
    // A wrong number inside a file is a fault of the file.
    throw new SyntaxError(`the checkpoint is wrong: ${(error as Error).message}`);
  }
}

/**
 * Whether a file that begins with these bytes can be a checkpoint, whole or cut short.
 *
 * @param start 40 bytes or more, or the whole file; a file that another program has written is only known by its header.
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { beginsAsCheckpoint } from "@microgpt/microgpt/formats";
 *
 * assert(!beginsAsCheckpoint(new TextEncoder().encode("anna\nbob\n")));
 * ```
 */
export function beginsAsCheckpoint(start: Uint8Array): boolean {
  const text = new TextDecoder().decode(start.subarray(8));
  if (text === "") return false;
  return BEGINNINGS.some((beginning) => beginning.startsWith(text) || text.startsWith(beginning)) ||
    text.startsWith("{") && text.includes(`"${FORMAT.slice(0, -1)}`);
}

/** What is in a file, if that is a checkpoint, and whole. */
function readIntact(bytes: Uint8Array): Safetensors {
  let file: Safetensors;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    const what = beginsAsCheckpoint(bytes)
      ? "the checkpoint is damaged or cut short"
      : "the file is not a microgpt checkpoint";
    throw new SyntaxError(`${what}: ${(error as Error).message}`);
  }
  const { format } = file.metadata;
  if (!FORMATS.includes(format)) {
    throw new SyntaxError(
      `the file is not a microgpt checkpoint: the format is ${JSON.stringify(format)}, and must be "${FORMAT}"`,
    );
  }
  checkSum(file, "checksum", () => contentChecksum(file));
  checkSum(file, "crc32", () => bytesChecksum(bytes));
  return file;
}

/** Refuses a file that gives another checksum than the metadata has; where it was left out, that was on purpose. */
function checkSum({ metadata }: Safetensors, key: string, compute: () => string): void {
  const stored = metadata[key];
  const computed = stored === undefined ? undefined : compute();
  if (stored === computed) return;
  throw new SyntaxError(
    `the checkpoint is damaged, or was changed: its ${key} is ${JSON.stringify(stored)}, what is in it gives ` +
      `"${computed}"; if it was changed on purpose, leave ${key} out of its metadata`,
  );
}

function readCheckpoint(file: Safetensors): Checkpoint {
  const field = (name: string): unknown => {
    if (!Object.hasOwn(file.metadata, name)) throw new SyntaxError(`it has no ${name}`);
    return parseJson(file.metadata[name]);
  };
  const optional = (name: string, fallback: unknown): unknown =>
    Object.hasOwn(file.metadata, name) ? field(name) : fallback;
  const given = objectOf("config", field("config")) as ModelConfig;
  const config = modelConfig(given.vocabSize, given);
  const tokenizer: Tokenizer = tokenizerOf(charactersOf(field("vocabulary")));
  checkVocabulary(tokenizer, config);

  const [params, m, v] = ["", "adam.m.", "adam.v."].map((prefix) => readParameters(file, prefix, config));
  const words = file.tensors.get("random.words")?.data;
  const pending = file.tensors.get("random.gauss_next")?.data;
  if (!(words instanceof Uint32Array) || words.length !== WORDS) {
    throw new SyntaxError("its random.words are missing or not 624 U32 numbers");
  }
  if (!(pending instanceof Float64Array) || pending.length > 1) {
    throw new SyntaxError("its random.gauss_next is missing or not one F64 number at most");
  }
  const part = (name: string): unknown => Object.hasOwn(file.metadata, name) ? objectOf(name, field(name)) : undefined;
  const setting = part("engine") as EngineSetting | undefined;
  const source = part("data_source") as DataSource | undefined;
  return {
    config,
    tokenizer,
    params,
    m,
    v,
    t: checkRange("t", field("t") as number, { whole: true, from: 0 }),
    random: {
      words,
      position: checkRange("random_position", field("random_position") as number, { whole: true, from: 0, to: WORDS }),
      gaussNext: pending.length === 1 ? pending[0] : null,
    },
    hyperparameters: readHyperparameters(objectOf("hyperparameters", field("hyperparameters"))),
    selection: checkSelection(objectOf("selection", optional("selection", NOTHING_SELECTED)) as Selection),
    dataHash: checkDataHash(optional("data_hash", null)),
    ...(setting && { engine: checkEngine(setting) }),
    ...(source && { source: checkSource(source) }),
  };
}

/** A value that must be an object. */
function objectOf(name: string, value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError(`its ${name} is ${shown(value)}, and must be an object`);
  }
  return value;
}

/** A value that must be a list of characters. */
function charactersOf(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new SyntaxError(`its vocabulary is ${shown(value)}, and must be a list of characters`);
}

/** Text is kept only as long as a reader can take in. */
const SHOWN = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

function checkDataHash(hash: unknown): string | null {
  if (hash === null || typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new RangeError(`the data_hash is ${shown(hash)}: it must be null or the 64 hexadecimal digits of a SHA-256`);
}

function checkFinite(tensor: string, data: Float64Array, columns: number): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const place = `[${Math.floor(at / columns)},${at % columns}]`;
  throw new RangeError(`the tensor ${tensor} has ${data[at]} at ${place}: its numbers must be finite`);
}

/** `documentKind` used to be called `documents`. */
function readHyperparameters(saved: unknown): Hyperparameters {
  const { documents, ...rest } = saved as Partial<Hyperparameters> & { documents?: Hyperparameters["documentKind"] };
  return hyperparameters({ ...(documents !== undefined && { documentKind: documents }), ...rest });
}

function checkEngine({ name, threads, build, fused }: EngineSetting): EngineSetting {
  if (!ENGINE_NAMES.includes(name)) {
    throw new RangeError(`engine "${name}" does not exist: it must be one of ${ENGINE_NAMES.join(", ")}`);
  }
  if (build !== undefined && typeof build !== "string") throw new RangeError("the build of an engine is not a string");
  if (fused !== undefined && typeof fused !== "boolean") {
    throw new RangeError("whether an engine fuses is not a boolean");
  }
  return {
    name,
    threads: checkRange("threads", threads, { whole: true, from: 1, to: MAX_THREADS }),
    ...(build !== undefined && { build }),
    ...(fused !== undefined && { fused }),
  };
}

function checkSource({ path, encoding }: DataSource): DataSource {
  if (typeof path !== "string" || path === "") {
    throw new RangeError(`a data source has the path ${JSON.stringify(path)}`);
  }
  if (typeof encoding !== "string" || !isEncoding(encoding)) {
    throw new RangeError(`a data source has the encoding ${JSON.stringify(encoding)}: TextDecoder must know it`);
  }
  return { path, encoding };
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding === label;
  } catch {
    return false;
  }
}

function checkVocabulary({ bos }: Tokenizer, { vocabSize }: ModelConfig): void {
  if (bos + 1 !== vocabSize) {
    throw new RangeError(
      `a vocabulary has ${bos} characters: with vocabSize ${vocabSize} it must have ${vocabSize - 1}`,
    );
  }
}

/** The tensors of one buffer, put together; each must have the shape that the config gives it. */
function readParameters({ tensors }: Safetensors, prefix: string, config: ModelConfig): Float64Array {
  const parts = parameterLayout(config).map(({ name, rows, columns, offset }) => {
    const tensor = tensors.get(prefix + name);
    if (!(tensor?.data instanceof Float64Array) || tensor.shape.join() !== `${rows},${columns}`) {
      throw new SyntaxError(`its tensor ${prefix + name} is missing or not F64 of shape [${rows},${columns}]`);
    }
    checkFinite(prefix + name, tensor.data, columns);
    return { offset, data: tensor.data };
  });
  const buffer = new Float64Array(parameterCount(config));
  for (const { offset, data } of parts) buffer.set(data, offset);
  return buffer;
}

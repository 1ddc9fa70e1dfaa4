/**
 * The parameters of a model in few bytes.
 *
 * @module
 */

import type { Checkpoint } from "../../mod.ts";
import { parameterLayout } from "../../src/model/mod.ts";
import type { Packed } from "./runtime.ts";

/** How numbers are packed. */
export const WEIGHTS = ["float32", "int8"] as const;
export type Weights = typeof WEIGHTS[number];

/** The largest number of a signed byte. */
const MOST = 127;

/**
 * A model as its file holds it: its parameters rounded to float32; or each row of a tensor in bytes, with a factor that
 * brings its largest number to 127.
 */
export function packModel(checkpoint: Checkpoint, weights: Weights): Packed {
  const { config, params, tokenizer: { vocabulary }, hyperparameters: { normalize, temperature } } = checkpoint;
  const about = { config, vocabulary, normalize, temperature };
  if (weights === "float32") return { ...about, parameters: base64Of(Float32Array.from(params)) };
  const bytes = new Int8Array(params.length);
  const scales: number[] = [];
  const columns: number[] = [];
  for (const { rows, columns: width, offset } of parameterLayout(config)) {
    for (let r = 0; r < rows; r++) {
      const row = params.subarray(offset + r * width, offset + (r + 1) * width);
      const scale = Math.fround(row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / MOST);
      row.forEach((value, c) => bytes[offset + r * width + c] = scale === 0 ? 0 : Math.round(value / scale));
      scales.push(scale);
      columns.push(width);
    }
  }
  return { ...about, parameters: base64Of(bytes), scales: base64Of(Float32Array.from(scales)), columns };
}

function base64Of({ buffer }: Float32Array<ArrayBuffer> | Int8Array<ArrayBuffer>): string {
  return new Uint8Array(buffer).toBase64();
}

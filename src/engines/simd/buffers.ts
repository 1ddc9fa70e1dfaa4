/**
 * Parameters, moments and gradients in the simd engine's memory, read and written in the order of the flat buffer of
 * `parameterLayout`.
 *
 * @module
 */

import { activeParts } from "./batch.ts";
import type { Memory } from "./memory.ts";

/** Fills a buffer of the memory. */
export function writeBuffer(
  { places, fields, floats }: Memory,
  name: "params" | "m" | "v" | "grads",
  values: ArrayLike<number>,
): void {
  const start = fields[name] / 4;
  for (let i = 0; i < places.length; i++) floats[start + places[i]] = values[i];
}

/** Copies a buffer of the memory to `into`, and returns that. */
export function readBuffer(
  { places, fields, floats }: Memory,
  name: "params" | "m" | "v",
  into: Float64Array,
): Float64Array {
  const start = fields[name] / 4;
  for (let i = 0; i < places.length; i++) into[i] = floats[start + places[i]];
  return into;
}

/**
 * Copies the gradient of the last batch to `into`, and returns that: the sum over all parts, in float32 and in the
 * order in which Adam adds them.
 */
export function readGradient(memory: Memory, into: Float64Array): Float64Array {
  const { places, fields, floats } = memory;
  const start = fields.grads / 4;
  const size = fields.bufferBytes / 4;
  const end = start + activeParts(memory) * size;
  for (let i = 0; i < places.length; i++) {
    const first = start + places[i];
    let sum = floats[first];
    for (let at = first + size; at < end; at += size) sum = Math.fround(sum + floats[at]);
    into[i] = sum;
  }
  return into;
}

/** Replaces the gradient of the last batch, rounded to float32: the next update works with exactly these numbers. */
export function writeGradient(memory: Memory, grads: ArrayLike<number>): void {
  const { fields, floats } = memory;
  const start = fields.grads / 4;
  const size = fields.bufferBytes / 4;
  // Part 0 gets the numbers; the others get -0, since adding that changes no number, not even -0.
  floats.fill(-0, start, start + activeParts(memory) * size);
  writeBuffer(memory, "grads", grads);
}

/** The gradient of the last batch in the order of the memory, all of it in part 0: what is written there is the gradient. */
export function wholeGradient(memory: Memory): Float32Array {
  const { fields, floats } = memory;
  const start = fields.grads / 4;
  const size = fields.bufferBytes / 4;
  const whole = floats.subarray(start, start + size);
  for (let part = 1; part < activeParts(memory); part++) {
    const other = floats.subarray(start + part * size, start + (part + 1) * size);
    for (let i = 0; i < size; i++) whole[i] += other[i];
    other.fill(-0); // adding that changes no number
  }
  return whole;
}

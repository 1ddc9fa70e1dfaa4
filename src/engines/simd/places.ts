/**
 * The order of numbers in a buffer of the simd engine's memory: weight matrices stand in panels of 8 columns, or for a
 * library's products row after row, and heads are interleaved.
 *
 * @module
 */

import { type ModelConfig, parameterCount } from "../../model/config.ts";
import { parameterLayout } from "../../model/parameters.ts";
import { bufferLayout, widths } from "./layout.ts";

/** For each parameter, in the order of the flat buffer of `parameterLayout`, its index in a buffer of the memory. */
export function placesOf(config: ModelConfig, library = false): Int32Array {
  const places = new Int32Array(parameterCount(config));
  for (const { name, rows, columns, offset } of parameterLayout(config)) {
    const place = placeIn(config, name, library);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) places[offset + r * columns + c] = place(r, c);
    }
  }
  return places;
}

/** Where a buffer of the memory holds row `r`, column `c` of a tensor. */
type Place = (r: number, c: number) => number;

function placeIn(config: ModelConfig, tensor: string, library: boolean): Place {
  const { heads, headDim, embdWidth: e, attentionWidth: a, hiddenWidth: h, vocabWidth } = widths(config);
  const at = bufferLayout(config);
  const plainRows = (offset: number, width = e): Place => (r, c) => offset / 4 + r * width + c;
  const panels = (offset: number, rows: number, width = e): Place =>
    library ? plainRows(offset, width) : (r, c) => offset / 4 + ((c >> 3) * rows + r) * 8 + (c & 7);
  const interleaved = (i: number): number => (i % headDim) * heads + Math.floor(i / headDim);

  const [, layer, kind] = tensor.match(/^(?:layer(\d+)\.)?(.*)$/)!;
  const start = at.firstLayer + Number(layer) * at.layerBytes;
  const qkv = panels(start + at.qkv, 3 * a);
  const wo = panels(start + at.wo, e, a);
  const places: Readonly<Record<string, Place>> = {
    wte: plainRows(at.wte),
    wpe: plainRows(at.wpe),
    lm_head: panels(at.lmHead, vocabWidth),
    attn_wq: (r, c) => qkv(interleaved(r), c),
    attn_wk: (r, c) => qkv(a + interleaved(r), c),
    attn_wv: (r, c) => qkv(2 * a + interleaved(r), c),
    attn_wo: (r, c) => wo(r, interleaved(c)),
    mlp_fc1: panels(start + at.fc1, h),
    mlp_fc2: panels(start + at.fc2, e, h),
  };
  return places[kind];
}

/**
 * Numbers from 0 to 1 as a picture: where attention looks.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { colorOf, onTheme, rgbOf } from "./colors.ts";

/** A square of numbers, row by row; a row may be shorter than the others. */
export type Heat = {
  readonly label: string;
  readonly rows: readonly (readonly number[])[];
  /** The row that is looked at. */
  readonly row: number;
  readonly onRow: (row: number) => void;
};

export function Heatmap({ label, rows, row, onRow }: Heat) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useSignal(0);
  useEffect(() => onTheme(() => theme.value++), []);
  useEffect(() => draw(canvas.current!, rows, row));
  const side = rows.length;
  const onClick = (event: MouseEvent): void => {
    const box = canvas.current!.getBoundingClientRect();
    onRow(Math.max(0, Math.min(side - 1, Math.floor((event.clientY - box.top) / box.height * side))));
  };
  return <canvas class="heat" ref={canvas} role="img" aria-label={label} onClick={onClick} data-theme={theme.value} />;
}

/**
 * One pixel a number; the style sheet makes it large. Roots of them are drawn, or small ones could not be seen, and the other
 * rows are paler than the one that is looked at.
 */
function draw(canvas: HTMLCanvasElement, rows: readonly (readonly number[])[], row: number): void {
  const side = rows.length;
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(side, side);
  const [r, g, b] = rgbOf(colorOf("--accent"));
  rows.forEach((values, y) =>
    values.forEach((value, x) => {
      const at = 4 * (y * side + x);
      image.data.set([r, g, b, Math.round(255 * Math.sqrt(value) * (y === row ? 1 : 0.55))], at);
    })
  );
  context.putImageData(image, 0, 0);
}

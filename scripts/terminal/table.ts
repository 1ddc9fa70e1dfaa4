/**
 * Tables for people.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";

/** How a table is drawn. */
export type TableStyle = {
  /** The columns that are aligned left; all others are aligned right. By default the first. */
  readonly left?: readonly number[];
  /** What stands between two columns; by default two spaces. */
  readonly gap?: string;
};

/** Rows of cells as lines, every column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[], style?: TableStyle): string {
  const widths = columnWidths(rows);
  return rows.map((row) => tableLine(row, widths, style)).join("\n");
}

/** The width of the widest cell in each column. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  return rows[0].map((_, column) => Math.max(...rows.map((row) => unicodeWidth(row[column]))));
}

/** One line of a table whose columns have these widths, for tables that are printed as they grow. */
export function tableLine(
  cells: readonly string[],
  widths: readonly number[],
  { left = [0], gap = "  " }: TableStyle = {},
): string {
  return cells.map((cell, i) => {
    if (!left.includes(i)) return rightAligned(cell, widths[i]);
    return i === cells.length - 1 ? cell : leftAligned(cell, widths[i]);
  }).join(gap);
}

/**
 * A table of as many columns as there is room for.
 *
 * @param choices Which columns to show, from all of them to those that must be there.
 * @param room The terminal's width in characters.
 */
export function fittingTable(
  rows: readonly (readonly string[])[],
  choices: readonly (readonly number[])[],
  room: number = Infinity,
  style: TableStyle = {},
): string {
  const widths = columnWidths(rows);
  const gap = unicodeWidth(style.gap ?? "  ");
  const widthOf = (choice: readonly number[]): number => choice.reduce((sum, i) => sum + gap + widths[i], -gap);
  const chosen = choices.find((choice) => widthOf(choice) < room) ?? choices[choices.length - 1];
  const left = (style.left ?? [0]).map((column) => chosen.indexOf(column));
  return table(rows.map((row) => chosen.map((i) => row[i])), { ...style, left });
}

/** Text with spaces behind it, up to so many columns. */
export function leftAligned(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - unicodeWidth(text)));
}

/** Text with spaces before it, up to so many columns. */
export function rightAligned(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - unicodeWidth(text))) + text;
}

/** As much of a text as so many columns have room for. */
export function cutToWidth(text: string, width: number): string {
  let end = "";
  for (const character of text) {
    if (unicodeWidth(end + character) > width) return end;
    end += character;
  }
  return end;
}

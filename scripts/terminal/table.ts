/**
 * Tables for people.
 *
 * @module
 */

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
  return rows[0].map((_, column) => Math.max(...rows.map((row) => widthOf(row[column]))));
}

/** One line of a table whose columns have these widths, for tables that are printed as they grow. */
export function tableLine(
  cells: readonly string[],
  widths: readonly number[],
  { left = [0], gap = "  " }: TableStyle = {},
): string {
  return cells.map((cell, i) => {
    const space = " ".repeat(Math.max(0, widths[i] - widthOf(cell)));
    if (!left.includes(i)) return space + cell;
    return i === cells.length - 1 ? cell : cell + space;
  }).join(gap);
}

const widthOf = (cell: string): number => [...cell].length;

/**
 * Tables for people.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import fc from "fast-check";
import { columnWidths, cutToWidth, fittingTable, table, tableLine } from "../../../scripts/terminal/table.ts";
import { law } from "../../property.ts";

const cell = fc.string({ unit: fc.constantFrom("a", "1", "é", "🙂", "류", "漢"), maxLength: 5 });
const rows = fc.integer({ min: 1, max: 4 }).chain((columns) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 4 })
);

law("table: every cell stands whole in its column, at the side that is asked for", [rows, fc.subarray([0, 1, 2, 3])], (
  rows,
  left,
) => {
  const widths = columnWidths(rows);
  const lines = table(rows, { left, gap: "|" }).split("\n");
  assertEquals(lines.length, rows.length);
  lines.forEach((line, i) => {
    const cells = line.split("|");
    assertEquals(cells.map((text) => text.trim()), rows[i]);
    cells.forEach((text, column) => {
      if (left.includes(column)) assert(text.startsWith(rows[i][column]));
      else assert(text.endsWith(rows[i][column]));
      const isOpen = column === cells.length - 1 && left.includes(column);
      assertEquals(unicodeWidth(text), isOpen ? unicodeWidth(rows[i][column]) : widths[column]);
    });
  });
});

Deno.test("table: the first column left, the others right, two spaces between", () => {
  assertEquals(table([["name", "n"], ["a", "10"]]), "name   n\na     10");
  assertEquals(tableLine(["a", "b"], [3, 0], { gap: " " }), "a   b"); // a column that is too narrow grows
});

Deno.test("table: where there is little room, the first choice of columns that fits, or the last", () => {
  const rows = [["name", "n", "other"], ["류현진", "10", "x"]];
  const fit = (room: number): string => fittingTable(rows, [[0, 1, 2], [0, 2], [0]], room, { left: [0, 2] });
  assertEquals(fit(18), "name     n  other\n류현진  10  x");
  assertEquals(fit(17), "name    other\n류현진  x");
  assertEquals([fit(13), fit(1)], ["name\n류현진", "name\n류현진"]);
});

law("table: a text is cut where the next character has no room", [cell, fc.nat(12)], (text, width) => {
  const cut = cutToWidth(text, width);
  assert(text.startsWith(cut) && unicodeWidth(cut) <= width);
  if (cut !== text) assert(unicodeWidth(cut) + unicodeWidth([...text.slice(cut.length)][0]) > width);
});

/**
 * The loss over a run, drawn.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { lossCurve, lossPlot } from "../../../scripts/terminal/plot.ts";
import { law } from "../../property.ts";

const runs = fc.record({
  losses: fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 1500 }),
  first: fc.integer({ min: 1, max: 1000 }),
  columns: fc.integer({ min: 1, max: 200 }),
});

law("plot: no wider than the terminal, both axes labelled, between the lowest and the highest mean", [runs], (run) => {
  const { losses, first, columns } = run;
  const last = first + losses.length - 1;
  const curve = lossCurve(first, last);
  losses.forEach((loss, i) => curve.add(first + i, loss));
  const means = curve.means(60);
  assert(Math.min(...means) >= Math.min(...losses) - 1e-9 && Math.max(...means) <= Math.max(...losses) + 1e-9);
  if (losses.length <= 60) assertEquals(means.length, losses.length);
  const plot = lossPlot(curve, first, last, columns, false);
  for (const line of plot.split("\n")) assert([...line].length < columns || plot === "");
  if (columns >= 40 && losses.length >= 60) {
    assertMatch(plot, /^ loss in nats\n +\d+\.\d{3} ┤[^]* +\d+\.\d{3} ┤.*\n +└─+\n +\d+ +step +\d+$/);
    assert(!plot.includes("\x1b") && lossPlot(curve, first, last, columns, true).includes("\x1b[36m"));
  }
});

Deno.test("plot: falling losses are falling bars", () => {
  const curve = lossCurve(1, 1000);
  for (let t = 1; t <= 1000; t++) curve.add(t, 4 - t / 500);
  const rows = lossPlot(curve, 1, 1000, 40, false).split("\n").slice(1, 9).map((row) => row.slice(7));
  const heights = Array.from({ length: 32 }, (_, i) => rows.filter((row) => (row[i] ?? " ") !== " ").length);
  assertEquals(heights, heights.toSorted((a, b) => b - a));
  assertEquals([heights[0], heights[31]], [8, 1]);
  // Of 32 means over some 31 steps each, the first is the highest and the last the lowest.
  const labels = [...lossPlot(curve, 1, 1000, 40, false).matchAll(/^ *(\d+\.\d+) ┤/gm)].map(([, label]) =>
    Number(label)
  );
  assertEquals(labels.map((label) => label.toFixed(1)), ["4.0", "2.0"]);
});

Deno.test("plot: a run that stopped early fills the width, up to its last step", () => {
  const curve = lossCurve(1, 5000);
  for (let t = 1; t <= 1000; t++) curve.add(t, 4 - t / 500);
  assertMatch(lossPlot(curve, 1, 1000, 80, false), /\n {7}1 +step +1000$/);
  assertEquals(curve.means(60).length, 60);
});

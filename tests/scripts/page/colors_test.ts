/**
 * The colors of the page: legible in light and dark. A tool that looks at the page cannot judge those on a canvas.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { rgbOf } from "../../../scripts/page/colors.ts";
import { granted } from "../../property.ts";
import { ROOT } from "../task.ts";

/** Source: WCAG 2.2, relative luminance. */
function luminance(color: string): number {
  const [r, g, b] = rgbOf(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Source: WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** What text and what drawn lines must have: success criteria 1.4.3 and 1.4.11. */
const [TEXT, LINES] = [4.5, 3];

Deno.test("colors: text and lines stand out from what is behind them, in light and dark", {
  ignore: !granted({ name: "read" }),
}, () => {
  assertAlmostEquals(contrast("#000000", "#ffffff"), 21, 1e-9);
  const style = Deno.readTextFileSync(new URL("scripts/page/style.css", ROOT));
  const [light, dark] = style.matchAll(/:root \{([^}]*--page[^}]*)\}/g).map(([, rules]) =>
    Object.fromEntries(rules.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g).map(([, name, value]) => [name, value]))
  );
  assertEquals(Object.keys(dark), Object.keys(light));
  for (const [theme, colors] of Object.entries({ light, dark })) {
    const check = (name: string, behind: string, least: number): void => {
      const found = contrast(colors[name], colors[behind]);
      assert(found >= least, `${theme}: ${name} on ${behind} has ${found.toFixed(2)}, and needs ${least}`);
    };
    for (const behind of ["--page", "--card"]) {
      for (const name of ["--ink", "--muted", "--accent", "--error", "--good"]) check(name, behind, TEXT);
    }
    check("--on-accent", "--accent", TEXT);
    const lines = Object.keys(colors).filter((name) => /^--(run|line)-\d$/.test(name));
    assertEquals(lines.length, 9);
    for (const name of [...lines, "--muted", "--accent"]) check(name, "--card", LINES);
  }
});

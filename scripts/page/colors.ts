/**
 * Colors for canvases, which do not know the style sheet.
 *
 * @module
 */

/** Colors that runs take turns in: `--run-0` and so on in the style sheet. */
export const RUN_COLORS = 5;

/** The value of a variable of the style sheet. */
export function colorOf(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

/** Calls back whenever light turns to dark or back; returns what ends that. */
export function onTheme(changed: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

/** `#rrggbb` in three numbers from 0 to 255. */
export function rgbOf(color: string): [number, number, number] {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

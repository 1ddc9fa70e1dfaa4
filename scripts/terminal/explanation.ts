/**
 * Explanations as text: predictions, and where attention looks.
 *
 * @module
 */

import type { Alternative, ExplainedPosition } from "../../mod.ts";
import { printable } from "../cli/printable.ts";
import { unicodeWidth } from "@std/cli/unicode-width";
import { cutToWidth, leftAligned, rightAligned, table } from "./table.ts";

/** What stands in tables for the beginning and the end of a document. */
const BEGIN = "^";
const END = "$";

const shown = ({ text }: { text: string }, boundary: string): string =>
  text === "" ? boundary : text === " " ? "␣" : printable(text);

/**
 * The predictions as a table.
 *
 * @param columns The terminal's width; where it is narrow, fewer of the likeliest others are shown.
 */
export function predictionTable(positions: readonly ExplainedPosition[], columns: number = Infinity): string {
  const percent = ({ probability }: Alternative): string => `${(100 * probability).toFixed(1)}%`;
  const withOthers = (count: number): string => {
    const rows = positions.map((position) => [
      shown(position, END),
      percent(position),
      position.surprisal.toFixed(2),
      String(position.rank),
      position.alternatives.slice(0, count).map((other) => `${shown(other, END)} ${percent(other)}`).join("  "),
    ]);
    const title = count > 1 ? "likeliest others" : count === 1 ? "likeliest" : "";
    return table([["char", "prob", "bits", "rank", title], ...rows], { left: [0, 4] });
  };
  const isFitting = (text: string): boolean => text.split("\n").every((line) => unicodeWidth(line) <= columns);
  const counts = Array.from({ length: 1 + Math.max(0, ...positions.map(({ alternatives }) => alternatives.length)) });
  const tables = counts.map((_, left) => withOthers(counts.length - 1 - left));
  return tables.find(isFitting) ?? tables.at(-1)!;
}

/** Weights from 0 to 1, where there is no room for percentages. */
const SHADES = [" ", "░", "▒", "▓", "█"];

/** Whether there is room for percentages. */
export function hasRoom(positions: readonly ExplainedPosition[], columns: number): boolean {
  return 6 + 4 * positions.length <= columns;
}

/** Where one head looked: a row for each position, and a column for each position that it could look at. */
export function attentionTable(
  positions: readonly ExplainedPosition[],
  layer: number,
  head: number,
  columns: number,
): string {
  const labels = positions.map(({ from }) => shown(from, BEGIN));
  const label = Math.max(...labels.map(unicodeWidth));
  const room = hasRoom(positions, columns);
  const firsts = labels.map((text) => [...text][0]);
  const shade = Math.max(...firsts.map(unicodeWidth));
  const cell = (weight: number): string =>
    room ? String(Math.round(100 * weight)).padStart(4) : SHADES[Math.min(4, Math.round(4 * weight))].repeat(shade);
  const header = (room ? labels.map((text) => rightAligned(text, 4)) : firsts.map((text) => leftAligned(text, shade)))
    .join("");
  const lines = positions.map(({ attention }, i) =>
    leftAligned(labels[i], label) + attention[layer][head].map(cell).join("")
  );
  return [" ".repeat(label) + header, ...lines].map((line) => cutToWidth(line, columns)).join("\n");
}

/** How surprising a text is, in all and a character; its end counts as one, as in evaluations. */
export function bitsOf(positions: readonly ExplainedPosition[]): { bits: number; bitsPerCharacter: number } {
  const bits = positions.reduce((sum, { surprisal }) => sum + surprisal, 0);
  return { bits, bitsPerCharacter: bits / positions.length };
}

/** What part of a text the block has room for, and so the figures speak of. */
export type Scored = {
  /** How many of its first characters. */
  readonly characters: number;
  /** How many it has. */
  readonly total: number;
  /** Whether its end is among what was predicted. */
  readonly end: boolean;
};

/** What part of a text was explained. */
export function scoredOf(text: string, positions: readonly ExplainedPosition[]): Scored {
  const total = [...text].length;
  return { characters: Math.min(total, positions.length), total, end: positions.length > total };
}

/** How surprising a text is, on one line, which says if that is not all of it. */
export function bitsLine(text: string, positions: readonly ExplainedPosition[]): string {
  const { bits, bitsPerCharacter } = bitsOf(positions);
  const { characters, total, end } = scoredOf(text, positions);
  const part = characters < total ? `, of the first ${characters} of ${total} characters` : "";
  const boundaries = end ? `, ${END} the end` : characters < total ? "" : "; the block has no room for the end";
  return `${JSON.stringify(text)}: ${bits.toFixed(2)} bits, ${bitsPerCharacter.toFixed(3)} a character${part} ` +
    `(${BEGIN} is the beginning${boundaries})`;
}

/**
 * The loss over a run, drawn with block characters.
 *
 * @module
 */

/** A run is kept as the mean losses of at most this many parts, so that memory does not grow. */
const PARTS = 512;

/** Gathers the losses of a run for its plot. */
export type LossCurve = {
  readonly add: (t: number, loss: number) => void;
  /** The means, over up to `count` equal parts from the first step to the last one taken. */
  readonly means: (count: number) => number[];
};

/** A curve from step `first` to step `last`. */
export function lossCurve(first: number, last: number): LossCurve {
  const parts = Math.min(PARTS, last - first + 1);
  const sums = new Float64Array(parts);
  const counts = new Float64Array(parts);
  const partOf = (t: number): number => Math.floor((t - first) * parts / (last - first + 1));
  return {
    add: (t, loss) => {
      sums[partOf(t)] += loss;
      counts[partOf(t)]++;
    },
    means: (count) => {
      const filled = counts.findLastIndex((n) => n > 0) + 1;
      const width = Math.min(count, filled);
      return Array.from({ length: width }, (_, i) => {
        const [from, to] = [i, i + 1].map((edge) => Math.floor(edge * filled / width));
        const total = (values: Float64Array): number => values.subarray(from, to).reduce((sum, x) => sum + x, 0);
        return total(sums) / total(counts);
      });
    },
  };
}

const ROWS = 8;
const MOST_COLUMNS = 72;
const LEAST_COLUMNS = 12;
const LEVELS = " ▁▂▃▄▅▆▇█";

/** The plot, no wider than `columns`; empty where there is no room or too little to draw. */
export function lossPlot(curve: LossCurve, first: number, last: number, columns: number, color: boolean): string {
  const label = 7;
  const means = curve.means(Math.min(MOST_COLUMNS, columns - label - 1)).filter(Number.isFinite);
  const width = means.length;
  if (width < LEAST_COLUMNS) return "";
  const [low, high] = [Math.min(...means), Math.max(...means)];
  // The lowest bar is one level high, the highest fills all rows.
  const heights = means.map((mean) =>
    1 + Math.round((high === low ? 1 : (mean - low) / (high - low)) * (ROWS * 8 - 1))
  );
  const paint = (bars: string): string => color ? `\x1b[36m${bars}\x1b[0m` : bars;
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const base = (ROWS - 1 - i) * 8;
    const bars = heights.map((height) => LEVELS[Math.max(0, Math.min(8, height - base))]).join("");
    const mark = i === 0 ? high.toFixed(3) : i === ROWS - 1 ? low.toFixed(3) : "";
    return `${mark.padStart(label - 2)} ┤${paint(bars.trimEnd())}`;
  });
  const [from, to] = [String(first), String(last)];
  const gap = width - from.length - to.length - "step".length;
  const steps = gap < 2
    ? "step"
    : from + " ".repeat(Math.floor(gap / 2)) + "step" + " ".repeat(Math.ceil(gap / 2)) + to;
  return [
    " loss in nats".slice(0, columns - 1),
    ...lines,
    `${" ".repeat(label - 1)}└${"─".repeat(width)}`,
    `${" ".repeat(label)}${steps.slice(0, width)}`,
  ].join("\n");
}

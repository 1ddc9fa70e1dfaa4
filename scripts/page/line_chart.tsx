/**
 * A line chart for eyes, keys and screen readers: a canvas that uPlot draws, a cursor that arrow keys move, a sentence that
 * says where it is, and a table.
 *
 * @module
 */

import { effect, type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { buckets, type Curve, thinCurve } from "../../src/view/mod.ts";
import { colorOf, onTheme } from "./colors.ts";
import { figure } from "./numbers.ts";
import { say } from "./words.ts";

/** A line of a chart. */
export type Line = {
  readonly name: string;
  readonly curve: Curve;
  /** A variable of the style sheet. */
  readonly color: string;
  readonly look?: "faint" | "dashed" | "dots";
};

/** What a chart shows. */
export type Chart = {
  readonly title: string;
  readonly about?: string;
  readonly lines: readonly Line[];
  /** The first and last place. */
  readonly from: number;
  readonly to: number;
  /** What is at a place, in a sentence. */
  readonly summary: (step: number | undefined) => string;
  /** The step under the cursor, shared by all charts. */
  readonly cursor: Signal<number | undefined>;
  /** Called with a step that is clicked, or chosen by Enter. */
  readonly onChoose?: (step: number) => void;
  readonly height?: number;
};

/** No more points of a line are drawn than a wide screen has columns. */
const MOST_POINTS = 2000;
const ROWS = 12;

export function LineChart(chart: Chart) {
  const { title, about, lines, from, to, summary, cursor, onChoose, height = 240 } = chart;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useSignal(0);
  const shown = useRef({ onChoose, cursor });
  shown.current = { onChoose, cursor };

  // What is drawn is made anew only if other lines are to be drawn: their points change all the time.
  const kind = lines.map(({ name, color, look }) => `${name} ${color} ${look}`).join("\n");
  useEffect(() => onTheme(() => theme.value++), []);
  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(optionsOf(element.clientWidth, height, lines, shown.current), dataOf(lines), element);
    plot.current = made;
    made.setScale("x", { min: from, max: Math.max(to, from + 1) });
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const stopTouch = touched(made, shown.current.cursor);
    const stopCursor = effect(() => moveTo(made, cursor.value));
    return () => {
      stopCursor();
      stopTouch();
      resized.disconnect();
      made.destroy();
    };
  }, [kind, theme.value, height]);

  const frame = useRef(0);
  useEffect(() => {
    // Many messages may come between two frames, and none while the page is hidden: only the last is drawn.
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const made = plot.current;
      if (made === undefined || made.series.length !== lines.length + 1) return;
      made.batch(() => {
        made.setData(dataOf(lines), false);
        made.setScale("x", { min: from, max: Math.max(to, from + 1) });
      });
      moveTo(made, cursor.value);
    });
  });

  const move = (step: number): void => void (cursor.value = Math.max(from, Math.min(to, step)));
  const onKeyDown = (event: KeyboardEvent): void => {
    const now = cursor.value ?? lines[0]?.curve.x.at(-1) ?? from;
    const page = Math.max(1, Math.round((to - from) / 10));
    const moves: Record<string, number> = {
      ...{ ArrowLeft: now - 1, ArrowRight: now + 1, ArrowDown: now - 1, ArrowUp: now + 1 },
      ...{ PageDown: now - page, PageUp: now + page, Home: from, End: to },
    };
    if (event.key in moves) move(moves[event.key]);
    else if (event.key === "Enter" && onChoose) onChoose(now);
    else if (event.key === "Escape") cursor.value = undefined;
    else return;
    event.preventDefault();
  };
  const step = cursor.value;
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {about && <p class="about">{about}</p>}
      </figcaption>
      <ul class="legend">
        {lines.map(({ name, color, look }) => (
          <li key={name}>
            <span class={`key ${look ?? ""} ${color.slice(2)}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
      <div
        class="plot"
        ref={place}
        tabIndex={0}
        role="slider"
        aria-label={`${title}: ${say("stepAxis")}`}
        aria-valuemin={from}
        aria-valuemax={to}
        aria-valuenow={step ?? lines[0]?.curve.x.at(-1) ?? from}
        aria-valuetext={summary(step)}
        onKeyDown={onKeyDown}
      />
      <p class="summary">{summary(step)}</p>
      <Table {...chart} />
    </figure>
  );
}

/** The lines in numbers: stretches of steps, with the least, mean and most of each. */
function Table({ lines, title }: Chart) {
  const open = useSignal(false);
  const main = lines.filter(({ look }) => look !== "dashed");
  return (
    <details class="table" onToggle={(event) => open.value = (event.currentTarget as HTMLDetailsElement).open}>
      <summary>{say("table")}</summary>
      {open.value &&
        main.map(({ name, curve }) => (
          <div class="scroll" tabIndex={0} role="region" aria-label={`${title}: ${name}`} key={name}>
            <table>
              <caption>{name}</caption>
              <thead>
                <tr>
                  {(["fromStep", "toStep", "least", "mean", "most"] as const).map((word) => (
                    <th scope="col" key={word}>{say(word)}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {buckets(curve, ROWS).map(({ from, to, min, mean, max }) => (
                  <tr key={from}>
                    <th scope="row">{from}</th>
                    <td>{to}</td>
                    {[min, mean, max].map((value, i) => <td key={i}>{figure(value)}</td>)}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
    </details>
  );
}

/** uPlot wants one column of places for all lines. */
function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const tables = lines.map(({ curve }): uPlot.AlignedData => {
    const { x, y } = thinCurve(curve, MOST_POINTS);
    return [[...x], [...y]];
  });
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

type Shared = { readonly onChoose?: (step: number) => void; readonly cursor: Signal<number | undefined> };

function optionsOf(width: number, height: number, lines: readonly Line[], shared: Shared): uPlot.Options {
  const [ink, grid] = [colorOf("--muted"), colorOf("--grid")];
  const font = "12px system-ui, sans-serif";
  return {
    ...{ width, height },
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: false }, y: { range: (_, low, high) => padded(low, high) } },
    axes: [
      { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font, size: 28 },
      { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font, size: 56, values: labels },
    ],
    series: [
      {},
      ...lines.map(({ name, color, look }): uPlot.Series => ({
        label: name,
        stroke: colorOf(color),
        alpha: look === "faint" ? 0.35 : 1,
        width: look === "faint" ? 1 : look === "dashed" ? 1 : 2,
        spanGaps: true,
        ...(look === "dashed" && { dash: [5, 4] }),
        points: { show: look === "dots", size: 7 },
      })),
    ],
    hooks: {
      ready: [(made) => {
        const stepAt = (event: MouseEvent): number =>
          Math.round(made.posToVal(event.clientX - made.over.getBoundingClientRect().left, "x"));
        made.over.addEventListener("mousemove", (event) => shared.cursor.value = stepAt(event));
        made.over.addEventListener("mouseleave", () => shared.cursor.value = undefined);
        made.over.addEventListener("click", (event) => shared.onChoose?.(stepAt(event)));
      }],
    },
  };
}

const labels = (_: uPlot, values: number[]): string[] => values.map((value) => figure(value, 3));

/** Room above and below; a flat line in the middle. */
function padded(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Moves the line of the cursor to a step. */
function moveTo(made: uPlot, step: number | undefined): void {
  const left = step === undefined ? -10 : made.valToPos(step, "x");
  if (made.cursor.left !== left) made.setCursor({ left, top: step === undefined ? -10 : 0 }, false);
}

/** A finger moves the cursor too. */
function touched(made: uPlot, cursor: Signal<number | undefined>): () => void {
  const follow = (event: TouchEvent): void => {
    const left = event.touches[0].clientX - made.over.getBoundingClientRect().left;
    cursor.value = Math.round(made.posToVal(left, "x"));
  };
  made.over.addEventListener("touchstart", follow, { passive: true });
  made.over.addEventListener("touchmove", follow, { passive: true });
  return () => {
    made.over.removeEventListener("touchstart", follow);
    made.over.removeEventListener("touchmove", follow);
  };
}

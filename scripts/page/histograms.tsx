/**
 * How the numbers of a tensor are spread, and what the last step has added to them.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { Histogram, TensorHistograms } from "../../src/formats/mod.ts";
import { figure, whole } from "./numbers.ts";
import { say } from "./words.ts";

export function Histograms({ histograms }: { histograms: readonly TensorHistograms[] }) {
  const chosen = useSignal(0);
  const { name, parameters, updates } = histograms[Math.min(chosen.value, histograms.length - 1)];
  return (
    <section class="card" aria-labelledby="histograms-title">
      <h3 id="histograms-title">{say("histograms")}</h3>
      <label class="inline">
        {say("tensor")}
        <select value={chosen.value} onChange={(event) => chosen.value = Number(event.currentTarget.value)}>
          {histograms.map(({ name }, i) => <option key={name} value={i}>{name}</option>)}
        </select>
      </label>
      <div class="pair">
        <Bars title={`${name}: ${say("parameterNumbers")}`} histogram={parameters} />
        <Bars title={`${name}: ${say("updateNumbers")}`} histogram={updates} />
      </div>
    </section>
  );
}

const [WIDTH, HEIGHT] = [310, 110];

function Bars({ title, histogram: { from, to, counts } }: { title: string; histogram: Histogram }) {
  const most = Math.max(1, ...counts);
  const width = WIDTH / counts.length;
  const edge = (i: number): number => from + (to - from) * i / counts.length;
  const summary = say("histogramSummary", { from: figure(from, 3), to: figure(to, 3), most: whole(most) });
  return (
    <figure class="histogram">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}. ${summary}`}>
        {counts.map((count, i) => (
          <rect
            key={i}
            x={i * width + 0.5}
            y={HEIGHT - HEIGHT * count / most}
            width={width - 1}
            height={HEIGHT * count / most}
            fill="currentColor"
          />
        ))}
      </svg>
      <p class="about">{summary}</p>
      <details class="table">
        <summary>{say("table")}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                {(["fromNumber", "toNumber", "count"] as const).map((word) => (
                  <th scope="col" key={word}>{say(word)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {counts.map((count, i) => (
                <tr key={i}>
                  <th scope="row">{figure(edge(i), 3)}</th>
                  <td>{figure(edge(i + 1), 3)}</td>
                  <td>{whole(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/**
 * The part of the page where a run learns: its controls, its curves, and what it makes up.
 *
 * @module
 */

import { indexAt } from "../../src/view/mod.ts";
import { travelTo } from "./control.ts";
import { baselineLines, rateLines, rateSummary } from "./curves.ts";
import { type Line, LineChart } from "./line_chart.tsx";
import { figure, whole } from "./numbers.ts";
import { Samples } from "./samples.tsx";
import { current, cursor, lastStep, type Run, view } from "./store.ts";
import { Transport } from "./transport.tsx";
import { say } from "./words.ts";

export function TrainView() {
  const run = current();
  if (run === undefined) return <Transport />;
  return (
    <>
      <Transport />
      <p class="about">{say("trainAbout")}</p>
      <LossChart run={run} />
      <div class="pair">
        <RateChart run={run} />
        <NormChart run={run} />
      </div>
      <Samples run={run} />
    </>
  );
}

/** Goes to a step with the time machine. */
function look(step: number): void {
  view.value = "travel";
  travelTo(step);
}

function LossChart({ run }: { run: Run }) {
  run.version.value; // draws anew when steps come
  const { numbers, spec, baselines } = run;
  const { t, loss, smoothed, validation } = numbers;
  const { steps } = spec.settings;
  const begin = spec.beginning?.t ?? 0;
  const counted = baselines.value;
  const lines: Line[] = [
    { name: say("lossLine"), curve: { x: t, y: loss }, color: "--accent", look: "faint" },
    { name: say("meanLine"), curve: { x: t, y: smoothed }, color: "--accent" },
    ...(validation.t.length > 0
      ? [
        {
          name: say("validationLine"),
          curve: { x: validation.t, y: validation.loss },
          color: "--run-1",
          look: "dots",
        },
      ] as const
      : []),
    ...baselineLines(counted, begin, steps),
  ];
  const summary = (step: number | undefined): string => {
    const i = indexAt(t, step ?? Infinity);
    if (i < 0) return say("lossSummaryEmpty");
    return say("lossSummary", {
      t: whole(t[i]),
      steps: whole(steps),
      loss: figure(loss[i]),
      mean: figure(smoothed[i]),
    });
  };
  return (
    <LineChart
      title={say("loss")}
      about={say("lossAbout", { uniform: counted ? figure(counted.uniform.loss, 3) : "ln n" })}
      {...{ lines, summary, cursor, onChoose: look }}
      from={begin}
      to={steps}
      height={340}
    />
  );
}

function RateChart({ run }: { run: Run }) {
  run.version.value;
  const { spec } = run;
  const { steps } = spec.settings;
  const begin = spec.beginning?.t ?? 0;
  const now = lastStep(run);
  const lines = rateLines(spec.settings, begin, now);
  const summary = (step: number | undefined): string => rateSummary(spec.settings, step ?? now);
  return (
    <LineChart
      title={say("rate")}
      {...{ lines, summary, cursor, onChoose: look }}
      from={begin}
      to={steps}
      height={180}
    />
  );
}

function NormChart({ run }: { run: Run }) {
  run.version.value;
  const { t, gradNorm } = run.numbers;
  const { steps } = run.spec.settings;
  const begin = run.spec.beginning?.t ?? 0;
  const lines: Line[] = [{ name: say("norm"), curve: { x: t, y: gradNorm }, color: "--run-2" }];
  const summary = (step: number | undefined): string => {
    const i = indexAt(t, step ?? Infinity);
    return i < 0 ? say("lossSummaryEmpty") : say("normSummary", { t: whole(t[i]), now: figure(gradNorm[i]) });
  };
  return (
    <LineChart
      title={say("norm")}
      {...{ lines, summary, cursor, onChoose: look }}
      from={begin}
      to={steps}
      height={180}
    />
  );
}

/**
 * The part of the page where a run learns: its controls, its curves, and what it makes up.
 *
 * @module
 */

import { learningRateAt } from "../../mod.ts";
import { type Curve, indexAt, thinCurve } from "../../src/view/mod.ts";
import { travelTo } from "./control.ts";
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
  const { numbers, spec, ngrams } = run;
  const { t, loss, smoothed, validation } = numbers;
  const { steps } = spec.settings;
  const begin = spec.beginning?.t ?? 0;
  const flat = (height: number): Curve => ({ x: [begin, steps], y: [height, height] });
  const counted = ngrams.value;
  const vocabulary = run.about.value?.config.vocabSize ?? 0;
  const lines: Line[] = [
    { name: say("lossLine"), curve: { x: t, y: loss }, colour: "--accent", look: "faint" },
    { name: say("meanLine"), curve: { x: t, y: smoothed }, colour: "--accent" },
    ...(validation.t.length > 0
      ? [
        {
          name: say("validationLine"),
          curve: { x: validation.t, y: validation.loss },
          colour: "--run-1",
          look: "dots",
        },
      ] as const
      : []),
    ...(counted
      ? ([
        [say("uniformLine", { n: vocabulary }), counted.uniform, "--line-0"],
        [say("unigramLine"), counted.unigram, "--line-1"],
        [say("bigramLine"), counted.bigram, "--line-2"],
        [say("trigramLine"), counted.trigram, "--line-3"],
      ] as const).map(([name, height, colour]): Line => ({
        name: `${name}: ${figure(height, 3)}`,
        curve: flat(height),
        colour,
        look: "dashed",
      }))
      : []),
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
      about={say("lossAbout", { uniform: counted ? figure(counted.uniform, 3) : "ln n" })}
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
  const rate = (step: number): number => learningRateAt(Math.max(0, Math.min(steps, step) - 1), spec.settings);
  const stride = Math.max(1, Math.ceil((steps - begin) / 1000));
  const x = Array.from({ length: Math.ceil((steps - begin) / stride) }, (_, i) => begin + 1 + i * stride);
  const lines: Line[] = [
    { name: say("rate"), curve: { x, y: x.map(rate) }, colour: "--muted" },
    { name: say("stepAxis"), curve: { x: [Math.max(1, now)], y: [rate(now)] }, colour: "--accent", look: "dots" },
  ];
  const summary = (step: number | undefined): string => {
    const at = step ?? now;
    return say("rateSummary", {
      ...{ first: figure(rate(1), 3), last: figure(rate(steps), 3) },
      ...{ t: whole(at), now: figure(rate(at)) },
    });
  };
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
  const lines: Line[] = [{ name: say("norm"), curve: thinCurve({ x: t, y: gradNorm }, 2000), colour: "--run-2" }];
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

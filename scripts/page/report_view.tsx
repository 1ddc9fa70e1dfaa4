/**
 * What a report shows: each run in words and pictures, and beside the others.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import { parameterCount } from "../../src/model/mod.ts";
import { attentionIn, type BucketColumns, type Curve, indexAt, type RunReport } from "../../src/view/mod.ts";
import { Attention } from "./attention.tsx";
import { baselineLines, rateLines, rateSummary } from "./curves.ts";
import { RUN_COLORS } from "./colors.ts";
import { Header } from "./header.tsx";
import { Histograms } from "./histograms.tsx";
import { type Line, LineChart } from "./line_chart.tsx";
import { figure, whole } from "./numbers.ts";
import { SampleList } from "./samples.tsx";
import { labelOf, say } from "./words.ts";

export function Report({ reports }: { reports: readonly RunReport[] }) {
  return (
    <>
      <Header subtitle="report" />
      <main class="view">
        {reports.length > 1 && <Together reports={reports} />}
        {reports.map((report, i) => <OneRun key={i} report={report} isAlone={reports.length === 1} />)}
      </main>
      <footer>{say("reportFooter")}</footer>
    </>
  );
}

const meanOf = ({ to, mean }: BucketColumns): Curve => ({ x: to, y: mean });

/** The height of the stretch in which a step is. */
function at({ from, mean }: BucketColumns, step: number | undefined): number {
  return mean[Math.max(0, indexAt(from, step ?? Infinity))];
}

/** The most runs whose losses make a sentence. */
const SPOKEN = 5;

/** The runs at a step in a sentence: each of a few, the best of many. */
function together(reports: readonly RunReport[], step: number | undefined): string {
  const losses = reports.map(({ smoothed }) => at(smoothed, step));
  if (reports.length <= SPOKEN) return reports.map(({ name }, i) => `${name}: ${figure(losses[i])}`).join("; ");
  const least = Math.min(...losses);
  return say("reportBest", { n: reports.length, best: reports[losses.indexOf(least)].name, loss: figure(least) });
}

/** Runs beside each other: their curves, and a table of what differs. */
function Together({ reports }: { reports: readonly RunReport[] }) {
  const cursor = useSignal<number | undefined>(undefined);
  const lines = reports.map(({ name, smoothed }, i): Line => ({
    name,
    curve: meanOf(smoothed),
    color: `--run-${i % RUN_COLORS}`,
  }));
  const settings = reports.map(({ settings, config, engine }) =>
    ({ ...settings, ...config, engine: engine.name }) as Record<string, unknown>
  );
  const differing = Object.keys(settings[0]).filter((name) =>
    settings.some((each) => each[name] !== settings[0][name])
  );
  const best = Math.min(...reports.map(resultOf));
  return (
    <section class="view" aria-labelledby="together-title">
      <h2 id="together-title">{say("compare")}</h2>
      <LineChart
        title={say("loss")}
        about={say("compareAbout")}
        {...{ lines, cursor }}
        summary={(step) => together(reports, step)}
        from={Math.min(...reports.map(({ loss }) => loss.from[0]))}
        to={Math.max(...reports.map(({ t }) => t))}
        height={340}
      />
      <div class="card">
        <div class="scroll" tabIndex={0} role="region" aria-labelledby="together-title">
          <table>
            <thead>
              <tr>
                <th scope="col">{say("run")}</th>
                {differing.map((name) => <th scope="col" key={name}>{labelOf(name)}</th>)}
                {(["steps", "meanLoss", "onTraining", "heldBack"] as const).map((word) => (
                  <th scope="col" key={word}>{say(word)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {reports.map((report, i) => (
                <tr key={i} class={resultOf(report) === best ? "is-true" : ""}>
                  <th scope="row">
                    <span class={`key run-${i % RUN_COLORS}`} aria-hidden="true" />
                    {report.name}
                  </th>
                  {differing.map((name) => <td key={name}>{String(settings[i][name])}</td>)}
                  <td>{whole(report.t)}</td>
                  <td>{figure(at(report.smoothed, undefined), 5)}</td>
                  <td>{report.end ? figure(report.end.training.loss, 5) : ""}</td>
                  <td>{report.end?.validation ? figure(report.end.validation.loss, 5) : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </section>
  );
}

/** What a run is judged by: the last evaluation, on what was held back if there is any. */
function resultOf({ end, smoothed }: RunReport): number {
  return end?.validation?.loss ?? end?.training.loss ?? at(smoothed, undefined);
}

/** One run in words and pictures. */
function OneRun({ report, isAlone }: { report: RunReport; isAlone: boolean }) {
  const cursor = useSignal<number | undefined>(undefined);
  const isOpen = useSignal(isAlone);
  return (
    <details
      class="run"
      open={isOpen.value}
      onToggle={(event) => isOpen.value = (event.currentTarget as HTMLDetailsElement).open}
    >
      <summary>
        <h2>{report.name}</h2>
      </summary>
      {isOpen.value && (
        <div class="view">
          <p>{whatWasRun(report)}</p>
          <p>{whatCameOut(report)}</p>
          <Curves report={report} cursor={cursor} />
          <Snapshots report={report} />
        </div>
      )}
    </details>
  );
}

function whatWasRun({ config, settings, engine, t }: RunReport): string {
  return say("reportRun", {
    ...{ layers: config.nLayer, width: config.nEmbd, parameters: whole(parameterCount(config)) },
    ...{ t: whole(t), steps: whole(settings.steps), batch: settings.batch, engine: engine.name },
    ...{ rate: settings.learningRate, schedule: settings.schedule, seed: settings.seed },
  });
}

function whatCameOut({ loss, smoothed, end }: RunReport): string {
  const parts = [say("reportLoss", { first: figure(loss.mean[0]), last: figure(at(smoothed, undefined)) })];
  if (end) {
    parts.push(
      say("reportTraining", { loss: figure(end.training.loss), perplexity: figure(end.training.perplexity, 3) }),
    );
    if (end.validation) parts.push(say("reportValidation", { loss: figure(end.validation.loss) }));
    if (end.baselines) parts.push(say("reportTrigram", { loss: figure(end.baselines.trigram.loss) }));
  } else parts.push(say("reportUnfinished"));
  return parts.join(" ");
}

function Curves({ report, cursor }: { report: RunReport; cursor: { value: number | undefined } }) {
  const { loss, smoothed, gradNorm, settings, evaluations, end, t, steps } = report;
  const from = loss.from[0] - 1;
  const isWhole = loss.from.length === steps;
  const held = evaluations.filter(({ validation }) => validation !== undefined);
  const lines: Line[] = [
    ...(isWhole
      ? [{ name: say("lossLine"), curve: meanOf(loss), color: "--accent", look: "faint" } as const]
      : (["min", "max"] as const).map((name) => ({
        name: say(name === "min" ? "least" : "most"),
        curve: { x: loss.to, y: loss[name] },
        color: "--accent",
        look: "faint",
      } as const))),
    { name: say("meanLine"), curve: meanOf(smoothed), color: "--accent" },
    ...(held.length > 0
      ? [
        {
          name: say("validationLine"),
          curve: { x: held.map(({ t }) => t), y: held.map(({ validation }) => validation!.loss) },
          color: "--run-1",
          look: "dots",
        } as const,
      ]
      : []),
    ...baselineLines(end?.baselines, from, t),
  ];
  const shared = { cursor: cursor as never, from, to: t };
  return (
    <>
      {!isWhole && <p class="about">{say("reportBuckets", { n: whole(loss.from.length), steps: whole(steps) })}</p>}
      <LineChart
        title={say("loss")}
        about={say("lossAbout", { uniform: end?.baselines ? figure(end.baselines.uniform.loss, 3) : "ln n" })}
        {...{ lines, ...shared }}
        summary={(step) =>
          say("lossSummary", {
            ...{ t: whole(step ?? t), steps: whole(settings.steps) },
            ...{ loss: figure(at(loss, step)), mean: figure(at(smoothed, step)) },
          })}
        height={340}
      />
      <div class="pair">
        <LineChart
          title={say("rate")}
          lines={rateLines(settings, from, t)}
          {...shared}
          summary={(step) => rateSummary(settings, step ?? t)}
          height={180}
        />
        <LineChart
          title={say("norm")}
          lines={[{ name: say("norm"), curve: meanOf(gradNorm), color: "--run-2" }]}
          {...shared}
          summary={(step) => say("normSummary", { t: whole(step ?? t), now: figure(at(gradNorm, step)) })}
          height={180}
        />
      </div>
    </>
  );
}

/** What the model did at some steps, with a slider through them. */
function Snapshots({ report: { snapshots, allSnapshots, config, name } }: { report: RunReport }) {
  const which = useSignal(snapshots.length - 1);
  const position = useSignal(0);
  if (snapshots.length === 0) return <p class="card">{say("reportNoSnapshots")}</p>;
  const snapshot = snapshots[which.value];
  const attention = attentionIn(snapshot, config);
  const characters = ["", ...snapshot.text].slice(0, attention.length);
  const id = `snapshot-${name}`;
  return (
    <>
      <section class="card" aria-label={say("samplesAt", { t: snapshot.t })}>
        {allSnapshots > snapshots.length && (
          <p class="about">{say("reportSnapshots", { n: snapshots.length, all: allSnapshots })}</p>
        )}
        <div class="inline wide">
          <label for={id}>{say("samplesAt", { t: whole(snapshot.t) })}</label>
          <input
            id={id}
            type="range"
            min={0}
            max={snapshots.length - 1}
            value={which.value}
            aria-valuetext={say("samplesAt", { t: snapshot.t })}
            onInput={(event) => which.value = Number(event.currentTarget.value)}
          />
        </div>
        <h3>{say("samples")}</h3>
        <SampleList snapshot={snapshot} />
      </section>
      <Attention {...{ characters, attention }} chosen={position.value} onChoose={(p) => position.value = p} />
      {snapshot.histograms && <Histograms histograms={snapshot.histograms} />}
    </>
  );
}

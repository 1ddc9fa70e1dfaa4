/**
 * The time machine: any step of a run as it was, and runs that go on from there in another way.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import type { ExplainedPosition } from "../../mod.ts";
import { Attention, visible } from "./attention.tsx";
import { difference, fork, travelTo } from "./control.ts";
import { fill, reading } from "./draft.ts";
import { saveModel } from "./files.ts";
import { figure, whole } from "./numbers.ts";
import { Parameter } from "./parameter.tsx";
import { SampleList } from "./samples.tsx";
import { Field } from "./settings.tsx";
import { current, firstStep, lastStep, type Run, seen, selection, travelling, view } from "./store.ts";
import { go, Transport } from "./transport.tsx";
import { labelOf, say } from "./words.ts";

export function TravelView() {
  const run = current();
  if (run === undefined) return null;
  return (
    <>
      <Transport />
      <StepPicker run={run} />
      {seen.value === undefined ? <p class="card">{say("noTravel")}</p> : <Seen run={run} />}
    </>
  );
}

function StepPicker({ run }: { run: Run }) {
  run.version.value;
  const first = firstStep(run);
  const last = lastStep(run);
  const { step } = selection.value;
  const share = travelling.value;
  const choose = (event: Event): void => travelTo(Number((event.currentTarget as HTMLInputElement).value));
  return (
    <section class="card picker">
      <p class="about">{say("travelAbout")}</p>
      <div class="inline wide">
        <label for="step-slider">{say("stepSlider")}</label>
        <input id="step-slider" type="range" min={first} max={last} value={step} onInput={choose} />
        <input
          type="number"
          aria-label={say("lookAt")}
          min={first}
          max={last}
          value={step}
          onChange={choose}
        />
        <button type="button" onClick={() => travelTo(step)}>{say("lookAt")}</button>
      </div>
      {share !== undefined && (
        <p class="inline wide">
          <span>{say("replaying")}</span>
          <progress max={1} value={share} aria-label={say("replaying")} />
        </p>
      )}
    </section>
  );
}

function Seen({ run }: { run: Run }) {
  const shown = seen.value!;
  const { document: d, position: p } = selection.value;
  const document = shown.documents[Math.min(d, shown.documents.length - 1)];
  const position = document.positions[Math.min(p, document.positions.length - 1)];
  const isNext = shown.loss === null;
  return (
    <>
      <section class="card" aria-labelledby="seen-title">
        <h3 id="seen-title">{isNext ? say("afterLast") : say("stepDocument", { t: whole(shown.t) })}</h3>
        {shown.documents.length > 1 && (
          <label class="inline">
            {say("documentPick")}
            <select
              value={d}
              onChange={(event) =>
                selection.value = { ...selection.value, document: Number(event.currentTarget.value), position: 0 }}
            >
              {shown.documents.map(({ text, loss }, i) => (
                <option key={i} value={i}>{`${text.slice(0, 30)} (${figure(loss, 3)})`}</option>
              ))}
            </select>
          </label>
        )}
        <p class="about">{say("documentLoss", { loss: figure(document.loss, 6) })}</p>
        <Chips positions={document.positions} chosen={p} />
        <Likely position={position} />
      </section>
      <Attention
        characters={document.positions.map(({ from }) => from.text)}
        attention={document.positions.map(({ attention }) => attention)}
        chosen={p}
        onChoose={(position) => selection.value = { ...selection.value, position }}
      />
      <div class="pair">
        <section class="card">
          <h3>{say("samples")}</h3>
          <p class="about">{say("samplesAt", { t: whole(shown.t) })}</p>
          <SampleList snapshot={shown.snapshot} />
        </section>
        <Fork run={run} />
      </div>
      <Parameter run={run} />
    </>
  );
}

const lossOf = ({ surprisal }: ExplainedPosition): number => surprisal * Math.LN2;

/** The tokens of a document, the darker the more each cost. */
function Chips({ positions, chosen }: { positions: readonly ExplainedPosition[]; chosen: number }) {
  const choose = (position: number): void => void (selection.value = { ...selection.value, position });
  return (
    <ol class="chips">
      {positions.map((position, i) => {
        const loss = lossOf(position);
        const character = visible(position.text, false);
        const about = say("chipAbout", {
          ...{ before: visible(position.from.text, i === 0), character },
          ...{ probability: figure(position.probability, 3), loss: figure(loss, 3) },
        });
        return (
          <li key={i}>
            <button
              type="button"
              class={`chip cost-${Math.min(5, Math.floor(loss))}`}
              aria-pressed={i === chosen}
              title={about}
              onClick={() => choose(i)}
            >
              <b>{character}</b>
              <small>{figure(loss, 2)}</small>
              <span class="visually-hidden">{about}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

/** What was expected at a position. */
function Likely({ position }: { position: ExplainedPosition }) {
  const all = [position, ...position.alternatives].toSorted((a, b) => b.probability - a.probability);
  return (
    <table class="likely">
      <caption>{say("likely")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("character")}</th>
          <th scope="col">{say("probability")}</th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ token, text, probability }) => (
          <tr key={token} class={token === position.token ? "is-true" : ""}>
            <th scope="row">{visible(text, false)}</th>
            <td>
              <meter min={0} max={1} value={probability} aria-label={visible(text, false)} /> {figure(probability, 3)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Another run from here on. */
function Fork({ run }: { run: Run }) {
  const { t, moment } = seen.value!;
  const isOpen = useSignal(false);
  const { settings } = reading.value;
  const begin = (): void => {
    if (settings === undefined) return;
    const changed = difference({ spec: { ...run.spec, settings } }, run, labelOf);
    const name = changed === "" ? say("forkSame", { t }) : say("forkName", { t, difference: changed });
    const made = fork(run, moment, settings, name);
    if (made) {
      view.value = "train";
      go(made);
    }
  };
  return (
    <section class="card" aria-labelledby="fork-title">
      <h3 id="fork-title">{say("forkTitle")}</h3>
      <button
        type="button"
        aria-expanded={isOpen.value}
        onClick={() => {
          if (!isOpen.value) fill(run.spec.settings, run.spec.shape, run.spec.engine);
          isOpen.value = !isOpen.value;
        }}
      >
        {say("settings")}
      </button>
      {isOpen.value && (
        <div class="fields">
          {([
            "learningRate",
            "schedule",
            "steps",
            "seed",
            "batch",
            "weightDecay",
            "clipNorm",
            "beta1",
            "beta2",
          ] as const)
            .map((name) => <Field key={name} name={name} at="fork-" />)}
        </div>
      )}
      {reading.value.errors[""] && <p class="error" role="alert">{reading.value.errors[""]}</p>}
      <div class="buttons">
        <button type="button" class="primary" disabled={!isOpen.value || settings === undefined} onClick={begin}>
          {say("fork", { t: whole(t) })}
        </button>
        <button type="button" onClick={() => saveModel(run, moment)}>{say("saveModel")}</button>
      </div>
    </section>
  );
}

/**
 * The part of the page where a model writes: character by character, with the probabilities that each was drawn from.
 *
 * @module
 */

import { type Signal, signal, useSignal } from "@preact/signals";
import {
  checkRange,
  decode,
  explainText,
  type FilterOptions,
  messageWith,
  type Model,
  type RandomState,
  type SampleStep,
  sampleSteps,
} from "../../mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { FILTER_RANGES, SAMPLING_RANGES } from "../../src/sample/mod.ts";
import { HYPERPARAMETER_RANGES } from "../../src/train/mod.ts";
import { type TextNode, textTree } from "../../src/view/mod.ts";
import { Attention } from "./attention.tsx";
import { figure } from "./numbers.ts";
import { current, type Run, seen } from "./store.ts";

import { Transport } from "./transport.tsx";
import { labelOf, say } from "./words.ts";

/** What is drawn by, as it stands in the form. */
const form: Signal<Readonly<Record<string, string>>> = signal({
  prompt: "",
  temperature: "0.8",
  topK: "",
  topP: "",
  minP: "",
  seed: "42",
});
/** The text so far, the stream after it, and whether the model has ended it. */
type Written = { readonly text: string; readonly random: RandomState | undefined; readonly ended: boolean };
const NOTHING: Written = { text: "", random: undefined, ended: false };
const written: Signal<Written> = signal(NOTHING);
const tried: Signal<readonly string[]> = signal([]);

/** The model of the step that is looked at, or the newest that was kept. */
function modelOf(run: Run): Model | undefined {
  const about = run.about.value;
  const moment = seen.value?.moment ?? run.history.value.at(-1);
  return about && moment && { config: about.config, tokenizer: about.tokenizer, params: moment.params };
}

/** What the form says, by the checks of the command line. */
function optionsOf(texts: Readonly<Record<string, string>>) {
  const number = (name: keyof typeof FILTER_RANGES | "temperature" | "seed"): number => {
    const range = name === "temperature"
      ? SAMPLING_RANGES.temperature
      : name === "seed"
      ? HYPERPARAMETER_RANGES.seed
      : FILTER_RANGES[name];
    const text = texts[name].trim();
    return checkRange(name, text === "" ? NaN : Number(text), range, texts[name] || "“”");
  };
  const filters: FilterOptions = Object.fromEntries(
    (["topK", "topP", "minP"] as const).filter((name) => texts[name].trim() !== "").map((name) => [name, number(name)]),
  );
  return { temperature: number("temperature"), seed: number("seed"), ...filters };
}

export function GenerateView() {
  const run = current();
  const model = run && modelOf(run);
  if (run === undefined || model === undefined) return <Transport />;
  return (
    <>
      <Transport />
      <Writer run={run} model={model} />
      <Surprise model={model} usual={run.snapshots.value.at(-1)?.samples.find((text) => text !== "") ?? ""} />
    </>
  );
}

function Writer({ run, model }: { run: Run; model: Model }) {
  let problem = "";
  let next: SampleStep | undefined;
  let plain: readonly number[] = [];
  let options: ReturnType<typeof optionsOf> | undefined;
  const { prompt } = form.value;
  const { text, random, ended } = written.value.text === "" ? { ...NOTHING, text: prompt } : written.value;
  const isFull = [...text].length >= model.config.blockSize;
  try {
    options = optionsOf(form.value);
    const stream = random ?? seedRandom(options.seed, 0);
    const first = (more: object): SampleStep =>
      sampleSteps(model, stream, { ...more, prompt: text, maxLength: Infinity }).next().value as SampleStep;
    if (!ended) {
      next = first(options);
      plain = first({ temperature: 1 }).probabilities;
    }
  } catch (error) {
    problem = messageWith(error as Error, labelOf);
  }

  const set = (now: Written): void => {
    written.value = now;
    tried.value = [...new Set([...tried.value, now.text])];
  };
  const take = (token: number, after: RandomState | undefined): void => {
    const isEnd = token === model.tokenizer.bos;
    set({ text: text + decode(model.tokenizer, [token]), random: after, ended: isEnd });
  };
  const toTheEnd = (): void => {
    if (options === undefined) return;
    let now: Written = { text, random: random ?? seedRandom(options.seed, 0), ended };
    const { blockSize } = model.config;
    const maxLength = [...text].length < blockSize ? blockSize : [...text].length + blockSize;
    for (const step of sampleSteps(model, now.random!, { ...options, prompt: text, maxLength })) {
      now = {
        text: now.text + decode(model.tokenizer, [step.token]),
        random: step.random,
        ended: step.token === model.tokenizer.bos,
      };
    }
    set(now);
  };
  return (
    <>
      <section class="card" aria-label={say("generate")}>
        <p class="about">{say("generateAbout")}</p>
        <div class="fields">
          {(["prompt", "temperature", "topK", "topP", "minP", "seed"] as const).map((name) => (
            <div class="field" key={name}>
              <label for={`generate-${name}`}>{say(name)}</label>
              <input
                id={`generate-${name}`}
                value={form.value[name]}
                autocomplete="off"
                onInput={(event) => {
                  form.value = { ...form.value, [name]: event.currentTarget.value };
                  if (name === "prompt" || name === "seed") {
                    written.value = NOTHING;
                  }
                }}
              />
            </div>
          ))}
        </div>
        {problem !== "" && <p class="error" role="alert">{problem}</p>}
        <div class="buttons">
          <button
            type="button"
            class="primary"
            disabled={next === undefined}
            onClick={() => next && take(next.token, next.random)}
          >
            {say("nextCharacter")}
          </button>
          <button type="button" disabled={next === undefined} onClick={toTheEnd}>{say("wholeSample")}</button>
          <button type="button" onClick={() => written.value = NOTHING}>{say("again")}</button>
        </div>
        <p class="written" aria-live="polite">
          <span class="visually-hidden">{say("text")}:</span>
          <q>{text}</q>
          {ended && <span class="mark is-new">{say("endOfText")}</span>}
        </p>
      </section>
      {next && (
        <Bars
          model={model}
          plain={plain}
          filtered={next.probabilities}
          onTake={(token) => take(token, random)}
        />
      )}
      {!isFull && problem === "" && <Looking model={model} text={text} />}
      <Branches run={run} onTake={(branch) => written.value = { ...NOTHING, text: branch }} />
    </>
  );
}

/** Where each head looks now. */
function Looking({ model, text }: { model: Model; text: string }) {
  const row = useSignal<number | undefined>(undefined);
  const positions = explainText(model, text);
  return (
    <Attention
      characters={positions.map(({ from }) => from.text)}
      attention={positions.map(({ attention }) => attention)}
      chosen={row.value ?? positions.length - 1}
      onChoose={(position) => row.value = position}
    />
  );
}

/** The likeliest next characters, before and after temperature and filters. */
function Bars({ model, plain, filtered, onTake }: {
  model: Model;
  plain: readonly number[];
  filtered: readonly number[];
  onTake: (token: number) => void;
}) {
  const { vocabulary, bos } = model.tokenizer;
  const order = plain.map((_, token) => token).sort((a, b) => plain[b] - plain[a]).slice(0, 30);
  const most = Math.max(...plain, ...filtered);
  return (
    <section class="card" aria-labelledby="bars-title">
      <h3 id="bars-title">{say("bars")}</h3>
      <p class="about">{say("barsAbout")}</p>
      <ul class="bars">
        {order.map((token) => {
          const name = token === bos ? say("endOfText") : vocabulary[token] === " " ? "␣" : vocabulary[token];
          const about = `${name}: ${figure(plain[token], 3)}, ${figure(filtered[token], 3)}`;
          return (
            <li key={token}>
              <button type="button" aria-label={about} title={about} onClick={() => onTake(token)}>
                <span class="bar-pair" aria-hidden="true">
                  <meter class="pale" min={0} max={most} value={plain[token]} />
                  <meter min={0} max={most} value={filtered[token]} />
                </span>
                <b>{name === "\n" ? "⏎" : name}</b>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** The tree of all that was tried. */
function Branches({ run, onTake }: { run: Run; onTake: (text: string) => void }) {
  const texts = tried.value.filter((text) => text !== "");
  if (texts.length === 0) return null;
  const list = (nodes: readonly TextNode[]) => (
    <ul>
      {nodes.map(({ text, branches }) => (
        <li key={text}>
          <button type="button" class="plain" onClick={() => onTake(text)}>{text}</button>
          {branches.length > 0 && list(branches)}
        </li>
      ))}
    </ul>
  );
  return (
    <section class="card tree" aria-labelledby="tree-title" key={run.id}>
      <h3 id="tree-title">{say("branches")}</h3>
      {list(textTree(texts))}
    </section>
  );
}

/** How surprising each character of a word is: at first of one that the model has made up. */
function Surprise({ model, usual }: { model: Model; usual: string }) {
  const typed = useSignal<string | undefined>(undefined);
  const word = typed.value ?? usual;
  let problem = "";
  let positions: ReturnType<typeof explainText> = [];
  try {
    positions = explainText(model, word);
  } catch (error) {
    problem = (error as Error).message;
  }
  const bits = positions.reduce((sum, { surprisal }) => sum + surprisal, 0);
  const most = Math.max(1, ...positions.map(({ surprisal }) => surprisal));
  return (
    <section class="card" aria-labelledby="surprise-title">
      <h3 id="surprise-title">{say("surprise")}</h3>
      <div class="field">
        <label for="surprise-word">{say("surpriseWord")}</label>
        <input
          id="surprise-word"
          value={word}
          autocomplete="off"
          onInput={(event) => typed.value = event.currentTarget.value}
        />
      </div>
      {problem !== "" && <p class="error" role="alert">{problem}</p>}
      {positions.length > 0 && problem === "" && (
        <>
          <ul class="bars">
            {positions.map(({ text, surprisal }, i) => (
              <li key={i} class="still">
                <meter
                  min={0}
                  max={most}
                  value={surprisal}
                  aria-label={`${text || say("endOfText")}: ${figure(surprisal, 3)}`}
                />
                <b>{text === "" ? say("endOfText") : text === " " ? "␣" : text}</b>
                <small>{figure(surprisal, 2)}</small>
              </li>
            ))}
          </ul>
          <p class="about">
            {say("surpriseTotal", { bits: figure(bits, 4), mean: figure(bits / positions.length, 3) })}
          </p>
        </>
      )}
    </section>
  );
}

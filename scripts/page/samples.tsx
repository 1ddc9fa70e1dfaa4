/**
 * What a model makes up, with a mark for each: new, or known.
 *
 * @module
 */

import type { MarkedSample } from "../../src/view/mod.ts";
import { whole } from "./numbers.ts";
import type { Run } from "./store.ts";
import { say, type Word } from "./words.ts";

const MARKS: Readonly<Record<MarkedSample["mark"], Word>> = {
  "new": "markNew",
  "in training data": "markKnown",
  "repeat": "markRepeat",
};

/** The newest samples of a run. */
export function Samples({ run }: { run: Run }) {
  const latest = run.samples.value;
  if (latest === undefined) return null;
  return (
    <section class="card" aria-labelledby="samples-title">
      <h3 id="samples-title">{say("samples")}</h3>
      <p class="about">{say("samplesAt", { t: whole(latest.t) })}</p>
      <SampleList samples={latest.texts} />
    </section>
  );
}

export function SampleList({ samples }: { samples: readonly MarkedSample[] }) {
  return (
    <ul class="samples">
      {samples.map(({ text, mark }, i) => (
        <li key={i}>
          <q>{text === "" ? say("none") : text}</q>
          <span class={`mark ${mark === "new" ? "is-new" : ""}`}>{say(MARKS[mark])}</span>
        </li>
      ))}
    </ul>
  );
}

/**
 * What a model makes up, with a mark for each: new, or known.
 *
 * @module
 */

import type { LogSnapshot } from "../../mod.ts";
import type { Mark } from "../../src/sample/mod.ts";
import { whole } from "./numbers.ts";
import type { Run } from "./store.ts";
import { say, type Word } from "./words.ts";

const MARKS: Readonly<Record<Mark, Word>> = {
  "new": "markNew",
  "in training data": "markKnown",
  "repeat": "markRepeat",
};

/** The newest samples of a run. */
export function Samples({ run }: { run: Run }) {
  const latest = run.snapshots.value.at(-1);
  if (latest === undefined) return null;
  return (
    <section class="card" aria-labelledby="samples-title">
      <h3 id="samples-title">{say("samples")}</h3>
      <p class="about">{say("samplesAt", { t: whole(latest.t) })}</p>
      <SampleList snapshot={latest} />
    </section>
  );
}

export function SampleList({ snapshot: { samples, marks } }: { snapshot: Pick<LogSnapshot, "samples" | "marks"> }) {
  return (
    <ul class="samples">
      {samples.map((text, i) => (
        <li key={i}>
          <q>{text === "" ? say("none") : text}</q>
          {marks && <span class={`mark ${marks[i] === "new" ? "is-new" : ""}`}>{say(MARKS[marks[i]])}</span>}
        </li>
      ))}
    </ul>
  );
}

/**
 * The page as a whole.
 *
 * @module
 */

import type { JSX } from "preact";
import { CompareView } from "./compare_view.tsx";
import { travelTo } from "./control.ts";
import { DataPicker } from "./data_picker.tsx";
import { GenerateView } from "./generate_view.tsx";
import { Header } from "./header.tsx";
import { LinkNote } from "./link.tsx";
import { Settings } from "./settings.tsx";
import { current, lastStep, notice, problem, seen, type View, view, VIEWS } from "./store.ts";
import { TrainView } from "./train_view.tsx";
import { TravelView } from "./travel_view.tsx";
import { say } from "./words.ts";

const PARTS: Readonly<Record<View, () => JSX.Element | null>> = {
  train: TrainView,
  travel: TravelView,
  generate: GenerateView,
  compare: CompareView,
};

export function App() {
  const Part = PARTS[view.value];
  return (
    <>
      <a class="skip" href="#content">{say("skip")}</a>
      <Header subtitle="subtitle" />
      <div class="columns">
        <main id="content" tabIndex={-1}>
          <Tabs />
          <div role="tabpanel" id="panel" aria-labelledby={`tab-${view.value}`} class="view">
            <LinkNote />
            {problem.value !== "" && <p class="error card" role="alert">{problem.value}</p>}
            <Part />
          </div>
        </main>
        <aside aria-label={say("settings")}>
          <DataPicker />
          <Settings />
        </aside>
      </div>
      <footer>{say("footer")}</footer>
      <p class="visually-hidden" role="status">{notice.value}</p>
    </>
  );
}

function Tabs() {
  const go = (to: View): void => {
    view.value = to;
    problem.value = "";
    const run = current();
    if (to === "travel" && seen.value === undefined && run) travelTo(lastStep(run));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    const next = VIEWS[(VIEWS.indexOf(view.value) + by + VIEWS.length) % VIEWS.length];
    go(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={say("views")} onKeyDown={onKeyDown}>
      {VIEWS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-selected={view.value === each}
          aria-controls="panel"
          tabIndex={view.value === each ? 0 : -1}
          onClick={() => go(each)}
        >
          {say(each)}
        </button>
      ))}
    </div>
  );
}

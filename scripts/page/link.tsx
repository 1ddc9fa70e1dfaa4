/**
 * Runs in links: one that was opened, and one to hand on.
 *
 * @module
 */

import { effect, type Signal, signal } from "@preact/signals";
import { messageWith } from "../../mod.ts";
import { formatLink, type LinkedRun, parseLink } from "../../src/view/mod.ts";
import { begin, tell } from "./control.ts";
import { bundled, chosen, isBundled, KINDS } from "./data.ts";
import { fill } from "./draft.ts";
import { fastestEngine } from "./engine.ts";
import { saveReport } from "./files.ts";
import type { DataText } from "./messages.ts";
import { hasSha256 } from "./sha256.ts";
import { current, linkOf, problem, type Run } from "./store.ts";
import { go, pace } from "./transport.tsx";
import { labelOf, say } from "./words.ts";

/** A link whose text is not at hand yet. */
const waiting: Signal<LinkedRun | undefined> = signal(undefined);

/** The first run of the page: that of the address, or a small one. */
export async function beginFirst(address: string): Promise<void> {
  let link: LinkedRun | undefined;
  try {
    link = address === "" ? undefined : parseLink(address);
  } catch (error) {
    problem.value = messageWith(error as Error, labelOf);
  }
  chosen.value = await bundled("names");
  if (link === undefined) {
    start({ ...parseLink(""), engine: fastestEngine() }, chosen.value);
  } else if (isBundled(link.data)) {
    chosen.value = await bundled(link.data);
    pace.value = "paceFull";
    start(link, chosen.value);
  } else {
    waiting.value = link;
    fill(link.settings, link.shape, link.engine);
  }
}

function start({ settings, shape, engine, loss }: LinkedRun, data: DataText): void {
  fill(settings, shape, engine);
  const more = loss === undefined ? {} : { promised: loss };
  go(begin({ data, shape, settings, engine }, say("untitled", { n: 1 }), more));
}

/** Begins the waiting run when its text comes. */
effect(() => {
  const link = waiting.value;
  const data = chosen.value;
  if (link === undefined || data === undefined || data.hash !== link.data) return;
  queueMicrotask(() => {
    waiting.value = undefined;
    start(link, data);
  });
});

/** A run's address, after the `#`. */
function addressOf(run: Run): string {
  const { name, hash } = run.spec.data;
  const isUsual = isBundled(name) && run.spec.settings.documentKind === KINDS[name];
  return formatLink(linkOf(run, isUsual || isBundled(name) ? name : hash ?? ""));
}

/** Keeps the address of the page that of its run. One that went on from another has none: a link would have to hold a model. */
effect(() => {
  const run = current();
  if (run === undefined || run.status.value === "beginning") return;
  run.status.value;
  const address = run.spec.beginning === undefined ? `#${addressOf(run)}` : location.pathname;
  history.replaceState(null, "", address);
});

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell(say("linkCopied"));
  } catch {
    tell(say("linkIs"));
  }
}

/** How far the losses of the same run may lie apart, relatively: machines round alike but for the last bits. */
const SAME = { float64: 1e-9, float32: 1e-4 };

/** What became of a link, and a button for a new one. */
export function LinkNote() {
  const run = current();
  const link = waiting.value;
  if (link !== undefined) return <p class="card note">{say("linkNeedsData", { hash: link.data.slice(0, 64) })}</p>;
  if (run === undefined) return null;
  const { promised } = run;
  run.version.value;
  const loss = run.status.value === "ended" ? run.numbers.loss.at(-1) : undefined;
  const isSame = loss !== undefined && promised !== undefined &&
    Math.abs(loss - promised) <= SAME[run.spec.engine === "simd" ? "float32" : "float64"] * promised;
  return (
    <div class="note-line">
      {promised !== undefined && (
        <p class={`card note ${loss !== undefined && !isSame ? "error" : ""}`} role="status">
          {loss === undefined
            ? say("linkRunning", { loss: promised })
            : isSame
            ? say("linkSame", { loss })
            : say("linkOther", { loss, promised })}
        </p>
      )}
      {run.numbers.t.length > 0 && hasSha256 && (
        <button
          type="button"
          class="plain"
          onClick={() => saveReport(run).catch((error) => problem.value = (error as Error).message)}
        >
          {say("saveReport")}
        </button>
      )}
      {run.spec.beginning === undefined && (
        <button type="button" class="plain" onClick={() => void copy()}>{say("copyLink")}</button>
      )}
    </div>
  );
}

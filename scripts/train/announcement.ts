/**
 * What a run says before its first step, at its steps, and when it is interrupted.
 *
 * @module
 */

import { type Baselines, type Engine, type EngineSetting, learningRateAt } from "../../mod.ts";
import {
  atBoundaries,
  countEach,
  countForms,
  countRepeats,
  countSeen,
  type Forms,
  leftOut,
} from "../../src/corpus/mod.ts";
import { describeEngine } from "../../src/engines/mod.ts";
import { nameOf } from "../files/data.ts";
import { formatAdvice } from "../files/format.ts";
import { skippedLine } from "../files/unknown.ts";
import { listCharacters } from "../cli/characters.ts";
import { baselineLine } from "../terminal/evaluation.ts";
import { leftOutLine, seenLine } from "../terminal/left_out.ts";
import { plainProgress, type Progress, terminalProgress } from "../terminal/progress.ts";
import { isDumb, say, stdoutTerminal } from "../terminal/stdout.ts";
import { oddLine, vocabularyLine } from "../terminal/vocabulary.ts";
import { baselinesOf } from "./figures.ts";
import { resumeCommand, type TrainFlags } from "./flags.ts";
import type { Member } from "./watch.ts";
import { type Beginning, computesAlike, type Run } from "./run.ts";
import { tell } from "../cli/printable.ts";

/**
 * Says what is going to run: the reference's lines, then what it does not say.
 *
 * @param resumed The checkpoint that the run is resumed from; "" if it is new.
 * @param members The processes that share it, if there are several.
 * @returns The baselines, if they were computed.
 */
export function announce(
  run: Run,
  engine: Engine,
  resumed: string,
  members: readonly Member[] = [],
): Baselines | undefined {
  const { state, data, settings } = run;
  say(`num docs: ${settings.documentKind === "whole" ? 1 : data.documents.length}`);
  say(`vocab size: ${state.config.vocabSize}`);
  say(`num params: ${state.params.length}`);
  say(`engine: ${engine.name} (${describeEngine(engine)})`);
  if (members.length > 1) say(`processes: ${listMembers(members)}`);
  say(vocabularyLine(state.tokenizer.vocabulary));
  const odd = oddLine(countEach(data.documents));
  if (odd !== undefined) say(odd);
  announceData(run);
  if (resumed === "") announceForms(run);
  if (data.skipped) say(skippedLine(data.skipped));
  const advice = resumed === "" ? formatAdvice(data.documents) : undefined;
  if (advice !== undefined) tell(`note: ${nameOf(data.path)}: ${advice}`);
  if (run.from !== undefined) say(beginningLine(run.from));
  if (resumed !== "") resumedLines(run, resumed).forEach(say);
  if (settings.evalEvery === 0 && state.validation.length === 0) return undefined;
  const baselines = baselinesOf(run);
  say(baselineLine(baselines));
  return baselines;
}

/** As many processes are named one by one. */
const MEMBERS_SHOWN = 8;

/** Which processes share a run: MPI names one that dies by its number and host alone. */
export function listMembers(members: readonly Member[]): string {
  const shown = members.slice(0, MEMBERS_SHOWN).map(({ pid, host }, rank) => `rank ${rank} is ${pid} on ${host}`);
  const more = members.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** What a run began from, and which characters are new. */
export function beginningLine({ path, t, newCharacters }: Beginning): string {
  const count = newCharacters.length;
  const characters = `${count} new character${count === 1 ? "" : "s"}: ${listCharacters(newCharacters)}`;
  return `begins from: ${path}, the model after step ${t}${count === 0 ? "" : `, with ${characters}`}`;
}

/** Where a resumed run stands, what is left of it, and what more steps do to its learning rate. */
export function resumedLines({ state: { t }, settings, savedSettings = settings }: Run, resumed: string): string[] {
  const lines = [`resumed: ${resumed}, after step ${t} of ${settings.steps}`];
  if (t === settings.steps) {
    lines.push(`complete: it has taken all of its steps; --steps ${2 * t} takes as many again`);
  }
  if (t === 0 || t >= settings.steps) return lines;
  const [before, next] = [learningRateAt(t - 1, savedSettings), learningRateAt(t, settings)];
  // Less is rounding, or a warmup that goes on.
  if (settings.steps === savedSettings.steps || next <= before) return lines;
  const shown = (rate: number): string => Number(rate.toPrecision(3)).toString();
  lines.push(
    `learning rate: rises again from ${shown(before)} to ${
      shown(next)
    }, since with ${settings.steps} steps in place of ` +
      `${savedSettings.steps} less of its decay is behind it`,
  );
  return lines;
}

/** Says so if a run is not computed as it was before. */
export function noteChange({ before, engine: now }: Pick<Run, "before" | "engine">): void {
  if (before === undefined || computesAlike(before, now)) return;
  tell(
    `note: so far the run was computed by ${describeSetting(before)}, from here on by ${describeSetting(now)}: ` +
      "it will not end in the same bytes as if it had never stopped",
  );
}

/** Says so if there are more threads than cores: the same bits as elsewhere can be had, at a price. */
export function noteThreads({ engine: { threads } }: Pick<Run, "engine">, cores: number): void {
  if (threads <= cores) return;
  const here = cores === 1 ? "1 core" : `${cores} cores`;
  tell(
    `note: ${threads} threads on ${here} give the bits of ${threads} threads, but are no faster than --threads ${cores}`,
  );
}

function describeSetting({ name, threads, build, fused }: EngineSetting): string {
  const rounding = fused === undefined ? [] : [fused ? "fused multiply-add" : "no fused multiply-add"];
  const details = [
    ...(build === undefined ? [] : [build]),
    ...rounding,
    threads === 1 ? "1 thread" : `${threads} threads`,
  ];
  return name === "simd" ? `${name} (${details.join(", ")})` : name;
}

/** How documents are cut, repeats, and what is held back. */
function announceData({ state, data, settings }: Run): void {
  const { documents, validation, config } = state;
  if (settings.documentKind === "line") {
    const out = leftOut(data.documents, config.blockSize);
    if (out.documents > 0) say(`${leftOutLine(out, config.blockSize)}: --documents line-blocks takes them in`);
  } else {
    say(`blocks: ${documents.length + validation.length}, of ${config.blockSize} characters at most`);
  }
  const repeats = settings.documentKind === "whole" ? 0 : countRepeats(data.documents);
  if (repeats > 0) say(`repeats: ${repeats} docs repeat an earlier one`);
  if (validation.length === 0) return;
  const what = settings.documentKind === "line" ? "docs" : "blocks";
  say(
    `split: ${documents.length} ${what} to train on, ${validation.length} different ones held back ` +
      `(seed ${settings.seed})`,
  );
  const seen = settings.documentKind === "line" ? countSeen({ training: documents, validation }, config.blockSize) : 0;
  if (seen > 0) say(seenLine(seen));
}

/** Says so if the data is written in more than one form. */
function announceForms({ data, settings }: Run): void {
  const isWhole = settings.documentKind === "whole";
  const forms = countForms(isWhole ? [...atBoundaries(data.documents)] : data.documents);
  if (forms.notNfc > 0 && forms.notNfd > 0) say(mixedLine(forms, isWhole));
}

function mixedLine({ notNfc, notNfd }: Forms, isWhole: boolean): string {
  const what = isWhole
    ? "the text is neither in Unicode's form NFC nor in NFD"
    : `${notNfc} docs are not in Unicode's form NFC and ${notNfd} not in NFD`;
  return `mixed: ${what}, so that é may be one character or two: --normalize nfc makes it one`;
}

/** How a run shows its steps: on a terminal in one line, unless every N-th step is asked for. */
export function progressOf({ state, settings }: Run, { quiet, "log-every": every }: TrainFlags): Progress {
  if (quiet) return { step: () => {}, end: () => {} };
  if (every === undefined && Deno.stdout.isTerminal() && !isDumb()) {
    return terminalProgress(settings.steps, stdoutTerminal);
  }
  return plainProgress(state.t + 1, settings.steps, every ?? Math.ceil(settings.steps / 10));
}

/** Says where an interrupted run is, and how it goes on. */
export function interruptedLine(
  t: number,
  { out, ranks }: Run,
  values: TrainFlags,
  given: ReadonlySet<string>,
  previous?: string,
): string {
  const before = previous === undefined ? "" : ` (the model before is ${previous})`;
  return `interrupted after step ${t}: saved ${out}${before}; go on with ${resumeCommand(out, values, given, ranks)}`;
}

/**
 * What the next run is trained on, and what it goes on from.
 *
 * @module
 */

import { useSignal } from "@preact/signals";
import { begin, tell } from "./control.ts";
import { BUNDLED, bundled, chosen, isBundled, KINDS, textOf, titleOf, wrongWith } from "./data.ts";
import { draft, fill, reading } from "./draft.ts";
import { bytesOf, checkpointIn, wrongFile } from "./files.ts";
import type { DataText } from "./messages.ts";
import { whole } from "./numbers.ts";
import { runs } from "./store.ts";
import { go, pace } from "./transport.tsx";
import { view } from "./store.ts";
import { say } from "./words.ts";

/** The set, file or text to train on, a button to do it, and one for models from files. */
export function DataPicker() {
  const wrong = useSignal("");
  const isOwn = useSignal(false);
  const { name = "names" } = chosen.value ?? {};
  const source = isOwn.value || !isBundled(name) ? "own" : name;
  const choose = async (name: string): Promise<void> => {
    isOwn.value = name === "own";
    wrong.value = "";
    if (!isBundled(name)) return;
    try {
      chosen.value = await bundled(name);
      draft.value = { ...draft.value, documentKind: KINDS[name] };
    } catch (error) {
      wrong.value = wrongFile(name, error);
    }
  };
  const paste = async (text: string): Promise<void> => {
    chosen.value = await textOf(new TextEncoder().encode(text), say("dataOwn"));
  };
  const open = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      chosen.value = await textOf(await bytesOf(file), file.name);
      isOwn.value = true;
      wrong.value = "";
    } catch (error) {
      wrong.value = wrongFile(file.name, error);
    }
  };
  const start = (): void => {
    const { settings, shape, engine } = reading.value;
    const data = chosen.value;
    if (settings === undefined || shape === undefined || engine === undefined || data === undefined) return;
    wrong.value = wrongWith(data, settings.documentKind) ?? "";
    if (wrong.value !== "") return;
    const run = begin({ data, shape, settings, engine }, say("untitled", { n: runs.value.length + 1 }));
    pace.value = "paceFull";
    view.value = "train";
    go(run);
  };
  const load = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      const saved = await checkpointIn(file);
      const { config, t, params, m, v, random, selection, tokenizer, hyperparameters: settings, engine } = saved;
      const data = await dataWith(saved.dataHash) ?? chosen.value;
      if (data === undefined) return;
      const { nLayer, nEmbd, nHead, blockSize } = config;
      const shape = { nLayer, nEmbd, nHead, blockSize };
      const beginning = { t, params, m, v, random, selection, config, tokenizer };
      begin({ data, shape, settings, engine: engine?.name ?? "array", beginning }, file.name);
      fill(settings, shape, engine?.name ?? "array");
      const isKnown = saved.dataHash !== null && data.hash === saved.dataHash;
      tell(say("loaded", { t, n: whole(params.length) }) + (isKnown ? "" : ` ${say("loadedNeedsData")}`));
      wrong.value = "";
    } catch (error) {
      wrong.value = wrongFile(file.name, error);
    }
  };
  return (
    <section class="settings" aria-labelledby="data-title">
      <h2 id="data-title">{say("data")}</h2>
      <div class="field">
        <label for="data-source">{say("data")}</label>
        <select id="data-source" value={source} onChange={(event) => void choose(event.currentTarget.value)}>
          {BUNDLED.map((name) => <option key={name} value={name}>{titleOf(name)}</option>)}
          <option value="own">{say("dataOwn")}</option>
        </select>
      </div>
      {source === "own" && (
        <div class="field">
          <label for="data-text">{say("dataPaste")}</label>
          <textarea id="data-text" rows={5} onInput={(event) => void paste(event.currentTarget.value)} />
        </div>
      )}
      <div class="field">
        <label for="data-file">{say("dataFile")}</label>
        <input
          id="data-file"
          type="file"
          accept=".txt,text/plain"
          onChange={(event) => void open(event.currentTarget.files?.[0])}
        />
      </div>
      {chosen.value && source === "own" && <p class="muted file-name">{chosen.value.name}</p>}
      {wrong.value !== "" && <p class="error" role="alert">{wrong.value}</p>}
      <div class="buttons">
        <button type="button" class="primary" disabled={reading.value.settings === undefined} onClick={start}>
          {say("newRun")}
        </button>
      </div>
      <div class="field">
        <label for="model-file">{say("loadModel")}</label>
        <input
          id="model-file"
          type="file"
          accept=".safetensors"
          onChange={(event) => void load(event.currentTarget.files?.[0])}
        />
      </div>
    </section>
  );
}

/** The text with a hash, if it is at hand. */
async function dataWith(hash: string | null): Promise<DataText | undefined> {
  if (hash === null) return undefined;
  if (chosen.value?.hash === hash) return chosen.value;
  for (const name of BUNDLED) {
    const data = await bundled(name);
    if (data.hash === hash) return data;
  }
  return undefined;
}

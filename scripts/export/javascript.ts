/**
 * A model as one module of JavaScript.
 *
 * @module
 */

import type { Checkpoint } from "../../mod.ts";
import { bundleModule } from "../files/bundle.ts";
import type { Packed } from "./runtime.ts";

/** The text of a module that is the model: `sample(options)` and `logits(tokens)`, its config and vocabulary. */
export async function javascriptOf(checkpoint: Checkpoint, packed: Packed): Promise<string> {
  const code = new TextDecoder().decode(await bundleModule("scripts/export/runtime.ts"));
  // What the bundler calls modelOf stands in its last line.
  const [, own] = code.match(/export\s*\{[^}]*?([\w$]+) as modelOf\b[^}]*\};?\s*$/) ?? [];
  if (own === undefined) {
    throw new Error("the code of a model does not end in its export: this is a fault of the exporter");
  }
  const { config: { nLayer, nEmbd, vocabSize }, t } = checkpoint;
  return `// A language model made by microgpt: ${nLayer} × ${nEmbd}, ${vocabSize} tokens, ${t} steps.
// import { sample, logits } from "./this file"; sample({ temperature: 0.5, prompt: "", seed: 42 })
${code.replace(/export\s*\{[^}]*\};?\s*$/, "")}
const model=${own}(${JSON.stringify(packed)});
export const { sample, logits, config, vocabulary, bos } = model;
`;
}

/**
 * An exported model and the bundled library, in Node and in a browser.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { decodeCheckpoint, initTraining, names, trainSteps } from "../../mod.ts";
import { seedRandom } from "../../src/random/mod.ts";
import { drawSample } from "../../src/sample/mod.ts";
import { task } from "../scripts/task.ts";
import { browserTest } from "./browser.ts";

/** What is asked of the modules wherever they run: samples, logits, and the loss of a short training. */
const QUESTIONS = `
  const { sample, logits, bos } = model;
  let loss;
  const run = lib.initTraining(lib.names);
  for (const step of lib.trainSteps(run, { steps: 20 })) loss = step.loss;
  const answers = { samples: [1, 2, 3].map((seed) => sample({ seed })), logits: Array.from(logits([bos, 0])), loss };
`;

browserTest("export: Node and the browser say what Deno says", async ({ page }) => {
  const folder = Deno.makeTempDirSync();
  const saved = `${folder}/model.safetensors`;
  for (
    const args of [
      ["train", "--quiet", "--steps", "300", "--out", saved],
      ["export", "--model", saved, "--out", `${folder}/model.mjs`],
      ["build:lib", "--out", `${folder}/lib.mjs`],
    ]
  ) assertEquals(task(args[0], ...args.slice(1)).code, 0);
  const model = decodeCheckpoint(Deno.readFileSync(saved));
  const rounded = { ...model, params: model.params.map(Math.fround) };
  const expected = [1, 2, 3].map((seed) => drawSample(rounded, seedRandom(seed, 0))[0].text);
  let loss = NaN;
  for (const step of trainSteps(initTraining(names), { steps: 20 })) loss = step.loss;
  const check = (where: string, answers: { samples: string[]; logits: number[]; loss: number }): void => {
    assertEquals(answers.samples, expected, where);
    assert(answers.logits.every(Number.isFinite) && answers.logits.length === 27, where);
    assert(Math.abs(answers.loss / loss - 1) < 1e-9, `${where}: ${answers.loss}, ${loss}`);
  };

  const imports = 'import * as model from "./model.mjs"; import * as lib from "./lib.mjs";';
  Deno.writeTextFileSync(`${folder}/ask.mjs`, `${imports}${QUESTIONS}console.log(JSON.stringify(answers));`);
  const { stdout } = new Deno.Command("node", { args: [`${folder}/ask.mjs`] }).outputSync();
  check("Node", JSON.parse(new TextDecoder().decode(stdout)));

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "") return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
    if (!/^\w+\.mjs$/.test(name)) return new Response(null, { status: 204 });
    return new Response(Deno.readFileSync(`${folder}/${name}`), { headers: { "content-type": "text/javascript" } });
  });
  await page.goto(`http://127.0.0.1:${server.addr.port}/`);
  const asked = `(async () => {
    const [model, lib] = await Promise.all([import("/model.mjs"), import("/lib.mjs")]);
    ${QUESTIONS}
    return answers;
  })()`;
  check("the browser", await page.evaluate(asked) as never);
  await server.shutdown();
});

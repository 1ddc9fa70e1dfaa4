/**
 * The page in a real browser: what it trains is what the command line trains.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { decodeCheckpoint, initTraining, names, trainSteps } from "../../mod.ts";
import { task } from "../scripts/task.ts";
import { assertAccessible, browserTest, trainToTheEnd } from "./browser.ts";

async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}

/** A file as a user chooses it. */
const file = (name: string, text: string | Uint8Array) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

/** The file that a click makes the page save. */
async function download(page: Page, button: string): Promise<Uint8Array> {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByText(button).first().click()]);
  return Deno.readFileSync((await saved.path())!);
}

async function lookAt(page: Page, step: number): Promise<void> {
  await page.click("#tab-travel");
  await page.locator(".picker").getByRole("spinbutton").fill(String(step));
  await page.keyboard.press("Tab");
  await page.getByRole("heading", { name: `step ${step}` }).waitFor();
}

browserTest("page: opens on a run that trains, and the loss falls", async ({ page, url }) => {
  const before = Date.now();
  await page.goto(url);
  await page.locator(".badge.running").waitFor();
  assert(Date.now() - before < 5000);
  const step = async (): Promise<number> => Number((await page.locator(".now").textContent())!.match(/\d+/)![0]);
  await page.waitForFunction(() => Number(document.querySelector(".now")?.textContent?.match(/\d+/)?.[0]) > 300);
  assert(await step() < 1000); // so slowly that one sees it
  const summary = (await page.locator(".summary").first().textContent())!;
  assert(Number(summary.match(/([\d.]+) on average/)![1]) < 2.8, summary);
});

browserTest("page: a run ends with the loss of the command line, with each engine", async ({ page, url }) => {
  const folder = Deno.makeTempDirSync();
  for (const [engine, tolerance] of [["array", 1e-9], ["simd", 1e-4]] as const) {
    const log = `${folder}/${engine}.jsonl`;
    const run = task(
      "train",
      "--quiet",
      "--engine",
      engine,
      "--steps",
      "300",
      "--batch",
      "2",
      "--log",
      log,
      "--out",
      `${folder}/model`,
    );
    assertEquals(run.code, 0, run.stderr);
    const last = Deno.readTextFileSync(log).split("\n").findLast((line) => line.includes('"type":"step"'))!;
    const loss = await trainToTheEnd(page, `${url}#data=names&engine=${engine}&steps=300&batch=2`);
    const expected = JSON.parse(last).loss;
    assert(Math.abs(loss / expected - 1) <= tolerance, `${engine}: ${loss}, the command line ${expected}`);
  }
});

browserTest("page: a step looked at again is what a run that stopped there is, bit for bit", async ({ page, url }) => {
  await page.goto(`${url}#data=names&steps=1000`);
  await page.locator(".badge.ended").waitFor();
  await lookAt(page, 437);
  const again = await download(page, "Save the model of this step");
  await page.click("#tab-train");
  await page.getByRole("button", { name: "Reset" }).click();
  await page.getByLabel("Run to step").fill("437");
  await page.keyboard.press("Enter");
  await page.getByText("step 437 of 1,000", { exact: true }).waitFor();
  await page.locator(".badge.paused").waitFor();
  assertEquals(again, await download(page, "Save the model"));
  // The library's numbers, as far as two builds of V8 round exp alike; and what each character cost makes the loss.
  let [loss, params, earlier]: [number, ArrayLike<number>, ArrayLike<number>] = [NaN, [], []];
  for (const step of trainSteps(initTraining(names), { steps: 1000 })) {
    if (step.t === 3) earlier = step.state().params;
    if (step.t === 437) [loss, params] = [step.loss, step.state().params];
  }
  decodeCheckpoint(again).params.forEach((value, i) => assertAlmostEquals(value, params[i], 1e-9));
  await lookAt(page, 437);
  const shown = Number((await page.getByText(/^loss [\d.]+:/).textContent())!.match(/[\d.]+/)![0]);
  assertAlmostEquals(shown, loss, 1e-5);
  // One parameter of it, which stays chosen at another step.
  await page.getByLabel("Tensor").selectOption("wpe");
  await page.getByLabel("row").fill("2");
  await page.getByLabel("column").fill("3");
  await page.keyboard.press("Tab");
  const value = async (): Promise<number> =>
    Number(await page.locator("tr", { hasText: "parameter" }).locator("td").textContent());
  const index = 27 * 16 + 2 * 16 + 3;
  assertAlmostEquals(await value(), params[index], 1e-5);
  await lookAt(page, 3);
  await page.waitForFunction(() => document.querySelector("#seen-title")?.textContent?.includes("step 3"));
  assertAlmostEquals(await value(), earlier[index], 1e-5);
});

browserTest(
  "page: a run goes on from a step with another learning rate, and both are compared",
  async ({ page, url }) => {
    await trainToTheEnd(page, `${url}#data=names&steps=1000`);
    await lookAt(page, 200);
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.locator("#setting-fork-learningRate").fill("0.002");
    await page.getByRole("button", { name: "Go on from step 200" }).click();
    await page.locator(".badge.ended").waitFor();
    await page.click("#tab-compare");
    const rows = page.locator("tbody tr");
    const input = rows.nth(1).getByRole("textbox");
    assertEquals(await input.inputValue(), "from step 200: learning rate 0.002");
    assertStringIncludes((await rows.nth(1).textContent())!, "learning rate 0.002");
    await input.fill("slower");
    assertStringIncludes((await page.locator(".legend").textContent())!, "slower");
    await rows.nth(1).getByRole("button", { name: "Remove" }).click();
    assertEquals(await rows.count(), 1);
  },
);

browserTest("page: writes character by character as the library draws them", async ({ page, url }) => {
  await trainToTheEnd(page, `${url}#data=names&steps=1000`);
  await page.click("#tab-generate");
  const text = (): Promise<string | null> => page.locator(".written q").textContent();
  await page.getByRole("button", { name: "To the end" }).click();
  const whole = await text();
  await page.getByRole("button", { name: "Begin again" }).click();
  for (let i = 0; i < 40 && await page.locator(".written .mark").count() === 0; i++) {
    await page.getByRole("button", { name: "Next character" }).click();
  }
  assertEquals(await text(), whole);
  // Another branch, by a click on a bar.
  await page.getByRole("button", { name: "Begin again" }).click();
  await page.locator(".bars button").nth(4).click();
  assertEquals((await text())!.length, 1);
  assertStringIncludes((await page.locator(".tree").textContent())!, whole!);
  await page.locator("#generate-topK").fill("0");
  assertStringIncludes((await page.locator(".error").textContent())!, "Top-k 0 cannot be used");
});

browserTest("page: a link brings the run, and says whether it came out the same", async ({ page, url }) => {
  const loss = await trainToTheEnd(page, `${url}#data=names&steps=150&learning-rate=0.02&seed=7`);
  const link = page.url();
  assertStringIncludes(link, `loss=${loss}`);
  await trainToTheEnd(page, link);
  await page.getByText("The run came out as the link says").waitFor();
  await trainToTheEnd(page, link.replace(/loss=.*/, "loss=1.5"));
  await page.getByText("the link says 1.5").waitFor();
});

browserTest(
  "page: a link to a run on a text of one's own waits for the text, and then trains on it",
  async ({ page, url }) => {
    const text = "amber\ncobalt\ncrimson\nindigo\nmagenta\nocher\n";
    await page.goto(`${url}#steps=1`);
    await page.locator("#data-file").setInputFiles(file("colors.txt", text));
    await page.locator("#setting-steps").fill("60");
    await page.getByRole("button", { name: "New run" }).click();
    await page.locator(".badge.ended").waitFor();
    await page.waitForFunction(() => location.hash.includes("steps=60"));
    const link = page.url();
    assertStringIncludes(link, "data=" + (await sha256(text)));

    await page.goto("about:blank");
    await page.goto(link);
    await page.getByText("open that file, and it will begin").waitFor();
    await page.locator("#data-file").setInputFiles(file("colors.txt", text));
    await page.getByText("The run came out as the link says").waitFor();
  },
);

browserTest("page: models go from the command line to the page and back", async ({ page, url }) => {
  const folder = Deno.makeTempDirSync();
  const [half, whole, back] = ["half", "whole", "back"].map((name) => `${folder}/${name}.safetensors`);
  const run = (...args: string[]) => {
    const { code, stderr } = task("train", "--quiet", "--steps", "400", ...args);
    assertEquals(code, 0, stderr);
  };
  run("--out", whole);
  run("--keep-every", "150", "--out", half);
  await page.goto(url);
  await page.locator(".badge.running").waitFor();
  const kept = [...Deno.readDirSync(folder)].find(({ name }) => /150/.test(name))!;
  await page.locator("#model-file").setInputFiles(`${folder}/${kept.name}`);
  await page.getByText("step 150 of 400", { exact: true }).waitFor();
  await page.getByLabel("Run to step").fill("250");
  await page.keyboard.press("Enter");
  await page.getByText("step 250 of 400", { exact: true }).waitFor();
  await lookAt(page, 250);
  Deno.writeFileSync(back, await download(page, "Save the model of this step"));
  run("--resume", back, "--out", back);
  const expected = decodeCheckpoint(Deno.readFileSync(whole));
  const found = decodeCheckpoint(Deno.readFileSync(back));
  assertEquals([found.t, found.dataHash, found.hyperparameters], [400, expected.dataHash, expected.hyperparameters]);
  found.params.forEach((value, i) => assertAlmostEquals(value, expected.params[i], 1e-9));
});

browserTest(
  "page: wrong settings, files, texts and links are answered in place, and nothing is lost",
  async ({ page, url }) => {
    await page.goto(`${url}#data=names&steps=50`);
    await page.locator(".badge.ended").waitFor();
    const alert = page.locator("[role=alert]");
    const field = async (name: string, value: string, sentence: string): Promise<void> => {
      await page.locator(`#setting-${name}`).fill(value);
      await alert.filter({ hasText: sentence }).waitFor();
      assert(await page.getByRole("button", { name: "New run" }).isDisabled());
    };
    await field("learningRate", "-1", "learning rate -1 cannot be used");
    await page.locator("#setting-learningRate").fill("0.01");
    await field("nEmbd", "10", "width 10 cannot be split over heads 4");
    await page.locator("#setting-nEmbd").fill("16");
    await field("steps", "", "steps");
    await page.locator("#setting-steps").fill("50");

    await page.locator("#data-file").setInputFiles(file("latin.txt", Uint8Array.of(0x61, 0xff, 0x0a)));
    await alert.filter({ hasText: "latin.txt cannot be opened: it is not UTF-8 text" }).waitFor();
    await page.locator("#model-file").setInputFiles(file("no.safetensors", "no model"));
    await alert.filter({ hasText: "no.safetensors cannot be opened" }).waitFor();
    const hostile = "<img src=x onerror=document.title='hacked'>";
    await page.locator("#data-file").setInputFiles(file(`${hostile}.txt`, `${hostile}\n${hostile}x\n`));
    await page.getByRole("button", { name: "New run" }).click();
    await page.locator(".badge.ended").waitFor();
    await page.click("#tab-travel");
    await page.locator(".chip").first().waitFor();
    assertEquals(await page.locator("main img").count(), 0);
    assert(await page.title() !== "hacked");
    await page.click("#tab-compare");
    assertEquals(await page.locator("tbody tr").count(), 2); // the first run is still there

    for (const link of ["steps=0", "nonsense=1", "engine=gpu", "n-embd=1e9", "schedule=%3Cscript%3E"]) {
      await page.goto("about:blank");
      await page.goto(`${url}#${link}`);
      await page.locator("[role=alert]").first().waitFor();
      await page.locator(".badge.running").waitFor(); // the usual run begins all the same
    }
  },
);

browserTest("page: every part is accessible, in both languages, and fits 360 pixels", async ({ page, url }) => {
  await page.goto(`${url}#data=names&steps=100&val-fraction=0.1&eval-every=20`);
  await page.locator(".badge.ended").waitFor();
  for (const language of ["en", "ko"]) {
    for (const width of [360, 768, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      for (const tab of ["train", "travel", "generate", "compare"]) {
        await page.click(`#tab-${tab}`);
        if (tab === "travel") await page.locator(".chip").first().waitFor();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert(overflow <= 0, `${tab} at ${width} pixels is ${overflow} pixels too wide`);
        if (width !== 768) await assertAccessible(page);
      }
    }
    assertEquals(await page.evaluate(() => document.documentElement.lang), language);
    await page.locator("header button").click();
  }
});

browserTest("page: everything can be done by keyboard", async ({ page, url }) => {
  await page.goto(`${url}#data=names&steps=100`);
  await page.locator(".badge.ended").waitFor();
  await page.locator("#tab-train").focus();
  const chart = page.getByRole("slider").first();
  await chart.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  assertStringIncludes((await chart.getAttribute("aria-valuetext"))!, "At step 3 of 100");
  // The cursor is the same in all charts.
  assertStringIncludes((await page.getByRole("slider").nth(1).getAttribute("aria-valuetext"))!, "at step 3");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "step 3" }).waitFor();
  await page.locator("#tab-travel").focus();
  await page.keyboard.press("ArrowRight");
  assertEquals(await page.locator("#tab-generate").getAttribute("aria-selected"), "true");
});

browserTest("page: nothing of it goes to another host, and no other script runs", async ({ page, url, complaints }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await trainToTheEnd(page, `${url}#data=names&steps=50`);
  assertEquals([...hosts], [new URL(url).host]);
  const ran = await page.evaluate(() => {
    try {
      document.body.appendChild(document.createElement("script")).text = "globalThis.ran = true";
    } catch {
      // Trusted Types refuse it.
    }
    return (globalThis as { ran?: boolean }).ran === true;
  });
  assertEquals(ran, false);
  assertStringIncludes(complaints.pop()!, "TrustedScript");
});

browserTest("report: opens from a disk, says what the log says, and is accessible", async ({ page, url }) => {
  const folder = Deno.makeTempDirSync();
  const train = (name: string, ...args: string[]): void => {
    const files = ["--log", `${folder}/${name}.jsonl`, "--out", `${folder}/model`];
    assertEquals(task("train", "--quiet", "--steps", "60", "--snapshot-every", "20", ...files, ...args).code, 0);
  };
  train("first", "--val-fraction", "0.1", "--eval-every", "20");
  train("second", "--learning-rate", "0.02");
  const out = `${folder}/report.html`;
  assertEquals(
    task("report", "--log", `${folder}/first.jsonl`, "--log", `${folder}/second.jsonl`, "--out", out).code,
    0,
  );
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`file://${out}`);
  assertEquals(requests, [`file://${out}`]);
  assertStringIncludes((await page.locator("table").first().textContent())!, "0.02");
  await page.locator("summary h2").first().click();
  const end = Deno.readTextFileSync(`${folder}/first.jsonl`).split("\n").findLast((line) => line.includes('"end"'))!;
  const { training } = JSON.parse(end);
  await page.getByText(`At the end the loss is ${training.loss.toPrecision(4)}`).waitFor();
  await page.getByRole("slider", { name: "After step" }).press("Home");
  await page.getByText("After step 20").waitFor();
  for (const width of [360, 1600]) {
    await page.setViewportSize({ width, height: 900 });
    assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} pixels`);
    await assertAccessible(page);
  }

  // The page saves the same file by the same code.
  await page.goto(`${url}#data=names&steps=50`);
  await page.locator(".badge.ended").waitFor();
  const saved = new TextDecoder().decode(await download(page, "Save a report"));
  const own = Deno.readTextFileSync(out);
  const frame = (html: string): string => html.replace(/id="reports">.*<\/script>/, "");
  assertEquals(frame(saved), frame(own));
  Deno.writeTextFileSync(out, saved);
  await page.goto(`file://${out}`);
  await page.getByText("took 50 of 50 steps").waitFor();
});

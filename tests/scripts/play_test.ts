/**
 * `deno task play` and `play:build`.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertRefused, task, taskTest } from "./task.ts";

taskTest("play:build: writes a folder that works under any path, with the policy in the page", (folder) => {
  const { code, stdout, stderr } = task("play:build", "--out", `${folder}/site`);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout, `wrote: ${folder}/site (9 files)\n`);
  const read = (name: string): string => Deno.readTextFileSync(`${folder}/site/${name}`);
  const page = read("index.html");
  assertStringIncludes(page, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'`);
  assert(!/(?:src|href)="(?:\/|https?:)/.test(page), "addresses are relative");
  assert(!/<script>|style=|\son\w+=/.test(page), "nothing stands in the page that the policy forbids");
  for (const name of ["main.js", "trainer.js", "replayer.js", "report.js"]) {
    // What another host could say is never asked for: the only addresses are names of XML.
    const addresses = new Set(read(name).match(/https?:\/\/[\w.]+/g));
    addresses.forEach((address) => assertStringIncludes(address, "www.w3.org"));
  }
});

taskTest("play: wrong ports and folders are refused in a sentence", (folder) => {
  assertRefused(task("play", "--port", "70000"), 2, "--port 70000 cannot be used");
  Deno.writeTextFileSync(`${folder}/file`, "");
  assertRefused(task("play:build", "--out", `${folder}/file`), 1, "cannot be written");
});

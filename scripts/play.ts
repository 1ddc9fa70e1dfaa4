/**
 * `deno task play`: a page on which a model trains in the browser; `deno task play:build` writes it into a folder.
 *
 * @module
 */

import { folder, number, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { writeSite } from "./play/folder.ts";
import { serve } from "./play/server.ts";
import { buildSite } from "./play/site.ts";
import { print } from "./cli/printable.ts";

const FLAGS = {
  "port": number({ whole: true, from: 0, to: 65_535 }, 8420, "where the page is served, 0 for any free port"),
  "out": folder("", "write the page into this folder, for any web host, instead of serving it"),
};

async function play({ port, out }: Values<typeof FLAGS>): Promise<void> {
  if (out !== "") {
    const files = writeSite(await buildSite(true), out);
    print(`wrote: ${out} (${files} files)`);
    return;
  }
  const { port: own, server } = serve(await buildSite(false), port);
  print(`the page is at http://127.0.0.1:${own}/ (Ctrl-C ends it)`);
  await server.finished;
}

if (import.meta.main) {
  await runTask({
    name: "play",
    summary: "Serves a page on which a model trains in the browser.",
    flags: FLAGS,
    run: play,
  });
}

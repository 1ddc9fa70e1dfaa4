/**
 * `deno task report`: what a run was and how it went, in one file that opens in any browser.
 *
 * @module
 */

import { reportHtml } from "../src/view/mod.ts";
import { file, files, folder, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { writeWhole } from "./files/write.ts";
import { bundle, styleSheet } from "./play/site.ts";
import { logsIn, reportOfLog } from "./report/logs.ts";
import { print } from "./cli/printable.ts";

const FLAGS = {
  "log": files("the log of a run, as train --log writes it"),
  "sweep": folder("", "the folder of a sweep, to compare its runs"),
  "out": file("out/report.html", "where to write the report"),
};

async function report({ log, sweep, out }: Values<typeof FLAGS>): Promise<void> {
  const paths = [...log, ...(sweep === "" ? [] : logsIn(sweep))];
  const reports = paths.map(reportOfLog);
  const style = styleSheet();
  const script = new TextDecoder().decode(await bundle("report.tsx"));
  const hashes = { style: await hashOf(style), script: await hashOf(script) };
  const html = new TextEncoder().encode(reportHtml({ reports, style, script, hashes }));
  writeWhole(out, html, "report");
  print(
    `saved: ${out} (${reports.length} run${reports.length === 1 ? "" : "s"}, ${Math.ceil(html.length / 1000)} kB)`,
  );
}

/** SHA-256 as base64. */
async function hashOf(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toBase64();
}

function checkFlags({ log, sweep }: Values<typeof FLAGS>): void {
  if (log.length === 0 && sweep === "") {
    throw new Error("report needs the log of a run: --log out/run.jsonl, as train --log out/run.jsonl writes it");
  }
}

if (import.meta.main) {
  await runTask({
    name: "report",
    summary: "Writes what a run was and how it went into one file that opens in any browser.",
    flags: FLAGS,
    check: checkFlags,
    run: report,
  });
}

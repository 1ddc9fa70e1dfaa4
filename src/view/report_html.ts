/**
 * A report as one file that opens from a disk: style, script and data are in it, and nothing else is asked for.
 *
 * @module
 */

import type { RunReport } from "./report.ts";

/** What stands in the file. */
export type ReportParts = {
  readonly reports: readonly RunReport[];
  readonly style: string;
  readonly script: string;
  /** SHA-256 of style and script as base64: the file's policy lets these two stand in it and no other. */
  readonly hashes: { readonly style: string; readonly script: string };
};

/**
 * The text of a report.
 *
 * @param parts What stands in it.
 * @throws {RangeError} If style or script would end their element.
 */
export function reportHtml({ reports, style, script, hashes }: ReportParts): string {
  for (const text of [style, script]) {
    if (/<\/(?:style|script)/i.test(text)) throw new RangeError("style and script of a report must not end themselves");
  }
  // No "<" stands in the data, so that nothing in it can end its element.
  const data = JSON.stringify(reports).replaceAll("<", "\\u003c");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hashes.script}'`,
    `style-src 'sha256-${hashes.style}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>microgpt: a report</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="reports">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

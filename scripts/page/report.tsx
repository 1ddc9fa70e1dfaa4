/**
 * A report begins: the data in its file become pictures.
 *
 * @module
 */

import { effect } from "@preact/signals";
import { render } from "preact";
import type { RunReport } from "../../src/view/mod.ts";
import { Report } from "./report_view.tsx";
import { language, say } from "./words.ts";

const reports = JSON.parse(document.getElementById("reports")!.textContent!) as RunReport[];
language.value = navigator.language.startsWith("ko") ? "ko" : "en";
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${say("title")}: ${reports.map(({ name }) => name).join(", ").slice(0, 80)}`;
});
render(<Report reports={reports} />, document.getElementById("page")!);

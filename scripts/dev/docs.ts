/**
 * `deno task docs`: runs the commands and the code of all Markdown files, and follows their links.
 *
 * Each page is run from top to bottom, in a copy of the project of its own. What takes long or cannot run says so in a
 * comment right above its block:
 *
 * ```text
 * <!-- run: with --steps 20 -->        these arguments instead of the command's, or besides them
 * <!-- run: not, REASON -->            not at all
 * <!-- run: as FILE_test.ts -->        above a block of `ts ignore`: as this test file
 * <!-- run: output -->                 above a text block: this is what the commands before it print; … is any lines
 * ```
 *
 * @module
 */

import { text, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { brokenLinks, externalLinks } from "./docs/links.ts";
import { type Page, readPage } from "./docs/page.ts";
import { isCode, type Outcome, runPage, testCode } from "./docs/run.ts";
import { projectFiles } from "./docs/scratch.ts";

const ROOT = new URL("../../", import.meta.url);

const FLAGS = { "page": text("", "check this page only, such as docs/data.md") };

/** Does some work for each item, as many at a time as there are cores. */
async function forEachInParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
}

/** Whether there is a file or a folder. */
function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch {
    return false;
  }
}

async function docs({ page: only }: Values<typeof FLAGS>): Promise<number | void> {
  const files = projectFiles(ROOT);
  const pages: ReadonlyMap<string, Page> = new Map(
    files.filter((file) => file.endsWith(".md")).sort()
      .map((file) => [file, readPage(Deno.readTextFileSync(new URL(file, ROOT)))]),
  );
  if (only !== "" && !pages.has(only)) {
    throw new Error(`page ${only} does not exist: it must be one of ${[...pages.keys()].join(", ")}`);
  }
  const chosen = [...pages].filter(([path]) => only === "" || path === only);

  const problems = chosen.flatMap(([path, { strayNotes }]) => [
    ...strayNotes.map(({ line, text }) => `${path}:${line}: "run: ${text}" has no code block under it`),
    ...brokenLinks(path, pages, exists),
  ]);
  const withCode = chosen.filter(([, { blocks }]) => blocks.some(isCode)).map(([path]) => path);
  const outcomes: Outcome[] = [];
  await forEachInParallel(
    [
      async () => void problems.push(...withCode.length > 0 ? await testCode(withCode, ROOT) : []),
      ...chosen.map(([path, page]) => async () => void outcomes.push(await runPage(path, page, ROOT, files))),
    ],
    (work) => work(),
  );
  report(chosen.map(([, page]) => page), outcomes);
  problems.push(...outcomes.flatMap((outcome) => outcome.problems));
  if (problems.length === 0) return;
  for (const problem of problems) console.error(problem);
  console.error(`error: ${problems.length} problems in the documentation`);
  return 1;
}

/** Prints what was checked, and all that was not. */
function report(pages: readonly Page[], outcomes: readonly Outcome[]): void {
  const total = (count: (outcome: Outcome) => number): number => outcomes.reduce((sum, one) => sum + count(one), 0);
  const all = (count: (page: Page) => number): number => pages.reduce((sum, one) => sum + count(one), 0);
  for (const line of outcomes.flatMap(({ shortened }) => shortened).sort()) console.log(`shortened: ${line}`);
  for (const line of outcomes.flatMap(({ skipped }) => skipped).sort()) console.log(`skipped:   ${line}`);
  const [links, external] = [all(({ links }) => links.length), all(externalLinks)];
  console.log(
    `${pages.length} pages: ${total(({ commands }) => commands)} commands run, ` +
      `${total(({ shortened }) => shortened.length)} blocks of them shortened; ` +
      `${all(({ blocks }) => blocks.filter(isCode).length) + total(({ files }) => files)} pieces of code run; ` +
      `${total(({ skipped }) => skipped.length)} blocks skipped; ` +
      `${total(({ compared }) => compared)} outputs compared, ${total(({ shown }) => shown)} only shown; ` +
      `${links - external} links and ${
        all(({ paths }) => paths.length)
      } paths followed, ${external} links to the web not`,
  );
}

if (import.meta.main) {
  await runTask({
    name: "docs",
    summary: "Runs the commands and the code of all Markdown files, and follows their links.",
    flags: FLAGS,
    run: docs,
  });
}

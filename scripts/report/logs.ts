/**
 * The logs that a report is made of.
 *
 * @module
 */

import { type LogEntry, parseRunLog } from "../../mod.ts";
import { reportOf, type RunReport } from "../../src/view/mod.ts";
import { checkRegular, folderAndName } from "../files/paths.ts";
import { reason } from "../files/reason.ts";

/**
 * What is to be said of the run with a log.
 *
 * @throws {Error} If it cannot be read, or is not the log of a run.
 */
export function reportOfLog(path: string): RunReport {
  const [, file] = folderAndName(path);
  return reportOf(entriesOf(path), file.replace(/\.jsonl$/, ""));
}

function entriesOf(path: string): LogEntry[] {
  let text: string;
  try {
    checkRegular(path);
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`log ${path} cannot be read: ${reason(error, path)}`);
  }
  try {
    return parseRunLog(text);
  } catch (error) {
    throw new Error(`${path} is not the log of a run: ${(error as Error).message}`);
  }
}

/**
 * The logs of a sweep, in the order of their names.
 *
 * @throws {Error} If the folder cannot be read, or has none.
 */
export function logsIn(folder: string): string[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".jsonl"));
  } catch (error) {
    throw new Error(`--sweep ${folder} cannot be read: ${reason(error)}`);
  }
  if (names.length === 0) throw new Error(`--sweep ${folder} has no logs: it must be the folder of a sweep`);
  return names.sort().map((name) => `${folder}/${name}`);
}

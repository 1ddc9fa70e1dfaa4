/**
 * Where paths lead.
 *
 * @module
 */

import { inFolder } from "../cli/places.ts";

/** The folder of a path, and the name in it. */
export function folderAndName(path: string): [folder: string, name: string] {
  const [, folder, name] = path.match(/^(.*[/\\])?([^/\\]*)$/s)!;
  return [folder ?? ".", name];
}

/** The folder of a path, from the root. */
export function folderOf(path: string): string {
  return inFolder(Deno.cwd(), folderAndName(path)[0]).replace(/(?<=.)[/\\](\.)?$/, "");
}

/** Refuses anything but a regular file: a device or a pipe may have no end. */
export function checkRegular(path: string): void {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (!isFile) throw new Error(isDirectory ? "it is a folder" : "it is not a regular file");
}

/** Whether two paths lead to the same file, or would if it existed. */
export function isSameFile(a: string, b: string): boolean {
  return realPath(a) === realPath(b);
}

/** A path that leads to a file from the project's folder, if it is in there, and otherwise from the root. */
export function lastingPath(path: string): string {
  const root = `${Deno.cwd()}/`;
  const whole = inFolder(root, path);
  return whole.startsWith(root) && !/(^|[/\\])\.\.?([/\\]|$)/.test(whole) ? whole.slice(root.length) : realPath(whole);
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const [folder, name] = folderAndName(path);
    try {
      return `${Deno.realPathSync(folder)}/${name}`;
    } catch {
      return path.replace(/^(\.\/)+/, "");
    }
  }
}

/**
 * Whether links and paths lead anywhere.
 *
 * @module
 */

import type { Page } from "./page.ts";

/** The pages by their paths from the root, such as `docs/data.md`. */
export type Pages = ReadonlyMap<string, Page>;

const EXTERNAL = /^[a-z]+:/i;

/** What is wrong with a page's links and paths; `exists` knows the paths from the root of the project. */
export function brokenLinks(path: string, pages: Pages, exists: (path: string) => boolean): string[] {
  const { links, paths } = pages.get(path)!;
  const missing = paths.filter(({ text }) => !exists(text)).map(({ line, text }) =>
    `${path}:${line}: there is no ${text}`
  );
  const broken = links.filter(({ text }) => !EXTERNAL.test(text)).flatMap(({ line, text }) => {
    const [file, anchor] = text.split("#");
    const target = file === "" ? path : resolve(path, file);
    if (!exists(target)) return [`${path}:${line}: the link ${text} leads nowhere: there is no ${target}`];
    if (anchor === undefined || pages.get(target)?.anchors.has(anchor)) return [];
    return [`${path}:${line}: the link ${text} leads nowhere: ${target} has no heading #${anchor}`];
  });
  return [...missing, ...broken];
}

/** How many links of a page lead out of the project; they are not followed. */
export function externalLinks({ links }: Page): number {
  return links.filter(({ text }) => EXTERNAL.test(text)).length;
}

/** A relative link on a page as a path from the root; above the root it keeps its `..`. */
function resolve(page: string, link: string): string {
  const parts = page.split("/").slice(0, -1);
  for (const part of link.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/") || ".";
}

/**
 * A page of the documentation as what can be checked: its code blocks, its links, and the paths that it names.
 *
 * @module
 */

import { lexer, walkTokens } from "marked";

/** A fenced code block. */
export type Block = {
  /** Line of its fence, from 1. */
  readonly line: number;
  /** What stands after the fence: `sh`, `ts`, `text`. */
  readonly language: string;
  readonly code: string;
  /** What the comment right above it says after `run:`, if there is one. */
  readonly note?: string;
};

/** Something on a line. */
export type Place = { readonly line: number; readonly text: string };

/** A Markdown file. */
export type Page = {
  readonly blocks: readonly Block[];
  /** The targets of its links. */
  readonly links: readonly Place[];
  /** What `#…` may lead to in it. */
  readonly anchors: ReadonlySet<string>;
  /** The paths in its code spans, from the root of the project. */
  readonly paths: readonly Place[];
  /** Comments that say `run:` with no code block under them. */
  readonly strayNotes: readonly Place[];
};

/** A path into one of the project's folders. What has `*`, `<` or `…` in it is a pattern and none. */
const PATH = /^(src|scripts|tests|docs|data)\/[\w./-]*$/;
const NOTE = /^<!--\s*run:\s*([^]*?)\s*-->\s*$/;

/** Reads a page. */
export function readPage(text: string): Page {
  const blocks: Block[] = [];
  const links: Place[] = [];
  const paths: Place[] = [];
  const strayNotes: Place[] = [];
  const anchors = new Set<string>();
  const lineOf = lineFinder(text);
  let note: Place | undefined;
  const dropNote = (): void => {
    if (note !== undefined) strayNotes.push(note);
    note = undefined;
  };
  walkTokens(lexer(text), (token) => {
    const line = lineOf(token.raw);
    if (token.type === "space") return;
    if (token.type === "code") {
      blocks.push({ line, language: token.lang ?? "", code: token.text, ...(note && { note: note.text }) });
      note = undefined;
      return;
    }
    dropNote();
    if (token.type === "html") {
      const said = token.raw.match(NOTE)?.[1];
      if (said !== undefined) note = { line, text: said };
    } else if (token.type === "heading") anchors.add(unused(anchors, slug(token.text)));
    else if (token.type === "link" || token.type === "image") links.push({ line, text: token.href });
    else if (token.type === "codespan" && PATH.test(token.text)) paths.push({ line, text: token.text });
  });
  dropNote();
  return { blocks, links, anchors, paths, strayNotes };
}

/** Finds the lines of pieces of a text that are asked for in their order. */
function lineFinder(text: string): (piece: string) => number {
  let from = 0;
  let line = 1;
  return (piece) => {
    const at = text.indexOf(piece.trimStart().split("\n", 1)[0], from);
    if (at > from) {
      line += text.slice(from, at).split("\n").length - 1;
      from = at;
    }
    return line;
  };
}

/** What a heading is linked by, as GitHub does it. */
export function slug(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
}

/** The first of `name`, `name-1`, `name-2`, … that is not taken. */
function unused(taken: ReadonlySet<string>, name: string): string {
  let free = name;
  for (let i = 1; taken.has(free); i++) free = `${name}-${i}`;
  return free;
}

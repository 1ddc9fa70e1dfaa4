/**
 * What was tried while generating: texts, each a continuation of another.
 *
 * @module
 */

/** A text, and what it was continued to. */
export type TextNode = { readonly text: string; readonly branches: readonly TextNode[] };

/**
 * Texts as a tree: each hangs on the longest other one that it begins with.
 *
 * @param texts In any order; repeats count once.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textTree } from "@microgpt/microgpt/view";
 *
 * const tree = textTree(["an", "anna", "ant", "bo"]);
 * assertEquals(tree.map(({ text, branches }) => [text, branches.length]), [["an", 2], ["bo", 0]]);
 * ```
 */
export function textTree(texts: Iterable<string>): readonly TextNode[] {
  const roots: TextNode[] = [];
  const path: { text: string; branches: TextNode[] }[] = [];
  for (const text of [...new Set(texts)].sort()) { // what begins alike stands together, the shortest first
    while (path.length > 0 && !text.startsWith(path[path.length - 1].text)) path.pop();
    const node = { text, branches: [] };
    (path.at(-1)?.branches ?? roots).push(node);
    path.push(node);
  }
  return roots;
}

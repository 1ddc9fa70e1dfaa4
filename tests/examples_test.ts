/**
 * The examples in the documentation run, all in this program: `deno test --doc` starts one for each, which takes 20 times as
 * long. `deno check --doc` checks their types.
 *
 * @module
 */

import { filesIn, readText } from "./files.ts";
import { granted } from "./property.ts";

/** A block of code in a JSDoc comment. */
const BLOCK = /^ *\* ```ts\n([^]*?)^ *\* ```$/gm;

const paths = granted({ name: "read" }) ? ["mod.ts", ...filesIn("src/")] : [];
for (const path of paths) {
  const text = readText(path);
  for (const { 1: block, index } of text.matchAll(BLOCK)) {
    const line = text.slice(0, index).split("\n").length;
    const code = block.replaceAll(/^ *\* ?/gm, "");
    Deno.test(`example in ${path}, line ${line}`, async () => {
      await import(`data:application/typescript,${encodeURIComponent(code)}`);
    });
  }
}

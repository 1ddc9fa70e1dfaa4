/**
 * `deno test` runs library.ts and scripts.ts, so every test must be imported there.
 *
 * @module
 */

import { assert } from "@std/assert";
import { granted } from "./property.ts";

const HERE = new URL(".", import.meta.url);

function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, HERE))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testsIn(`${folder}${name}/`);
    return name.endsWith("_test.ts") ? [folder + name] : [];
  });
}

Deno.test("no test is forgotten in library.ts and scripts.ts", { ignore: !granted({ name: "read" }) }, () => {
  for (const path of testsIn("./")) {
    const list = path.startsWith("./scripts/") ? "scripts.ts" : "library.ts";
    const lines = Deno.readTextFileSync(new URL(list, HERE)).split("\n");
    assert(lines.includes(`import "${path}";`), `tests/${list} must import "${path}"`);
  }
});

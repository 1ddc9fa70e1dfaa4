/**
 * `deno test` runs library.ts and scripts.ts, so every test must be imported there.
 *
 * @module
 */

import { assertStringIncludes } from "@std/assert";
import { filesIn, readText } from "./files.ts";
import { granted } from "./property.ts";

Deno.test("no test is forgotten in library.ts and scripts.ts", { ignore: !granted({ name: "read" }) }, () => {
  for (const path of filesIn("tests/").filter((path) => path.endsWith("_test.ts"))) {
    if (path.startsWith("tests/e2e/")) continue; // they need a browser: `deno task e2e` runs all of the folder
    const list = path.startsWith("tests/scripts/") ? "tests/scripts.ts" : "tests/library.ts";
    assertStringIncludes(readText(list), `\nimport ".${path.slice("tests".length)}";\n`, `in ${list},`);
  }
});

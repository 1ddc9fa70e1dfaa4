/**
 * `deno test` runs tests/all.ts, so every test must be imported there.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { granted } from "./property.ts";

function testsIn(folder: URL, path = "./"): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testsIn(new URL(`${name}/`, folder), `${path}${name}/`);
    return name.endsWith("_test.ts") ? [path + name] : [];
  });
}

Deno.test("tests/all.ts imports every test", { ignore: !granted({ name: "read" }) }, () => {
  const text = Deno.readTextFileSync(new URL("all.ts", import.meta.url));
  const imported = [...text.matchAll(/^import "(.*)";$/gm)].map(([, path]) => path);
  assertEquals(imported, testsIn(new URL(".", import.meta.url)).sort());
});

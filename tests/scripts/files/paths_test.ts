/**
 * Where paths lead.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkRegular, folderAndName, isSameFile } from "../../../scripts/files/paths.ts";
import { granted } from "../../property.ts";

Deno.test("paths: the folder of a path, and the name in it", () => {
  assertEquals(folderAndName("a/b.c/d.e"), ["a/b.c/", "d.e"]);
  assertEquals(folderAndName("/d"), ["/", "d"]);
  assertEquals(folderAndName("d"), [".", "d"]);
  assertEquals(folderAndName("a\\b/c\\d"), ["a\\b/c\\", "d"]);
  assertEquals(folderAndName("a\n/b\nc"), ["a\n/", "b\nc"]);
});

Deno.test({
  name: "paths: the same file by another name, also where it does not exist yet; what is no regular file",
  ignore: !granted({ name: "read" }, { name: "write" }),
  fn: () => {
    const folder = Deno.makeTempDirSync();
    try {
      Deno.mkdirSync(`${folder}/real`);
      Deno.writeTextFileSync(`${folder}/real/file`, "");
      Deno.symlinkSync(`${folder}/real`, `${folder}/link`);
      Deno.symlinkSync(`${folder}/real/file`, `${folder}/real/alias`);
      const same = (a: string, b: string): boolean => isSameFile(`${folder}/${a}`, `${folder}/${b}`);
      assert(
        same("real/file", "link/file") && same("real/alias", "real/file") && same("real/../real/file", "link/alias"),
      );
      assert(same("real/new", "link/new") && !same("real/new", "link/other") && !same("real/new", "new"));
      assert(isSameFile("none/x", "./none/x") && !isSameFile("none/x", "none/y"));
      checkRegular(`${folder}/link/alias`);
      assertThrows(() => checkRegular(`${folder}/link`), Error, "it is a folder");
      if (Deno.build.os !== "windows") {
        assertThrows(() => checkRegular("/dev/null"), Error, "it is not a regular file");
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

import { assert, assertEquals } from "@std/assert";
import { names } from "../../mod.ts";

Deno.test("names: 8,403 different names in lower case", () => {
  assertEquals([names.length, new Set(names).size], [8403, 8403]);
  assert(names.every((name) => /^[a-z]+$/.test(name)));
});

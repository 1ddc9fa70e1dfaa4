/**
 * The stand-in for @std/cli/parse-args does what the real one does, on the arguments that this project gives it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

Deno.test("parseArgs: values joined to their flags, switches, and what is not a flag", () => {
  const options = { boolean: ["quiet", "json"], string: ["out", "data", "prompt"] };
  assertEquals(parseArgs(["--out=a=b\n", "--quiet=true", "--prompt", "--out=-1", "x", "--prompt="], options), {
    _: ["x"],
    quiet: true,
    json: false,
    out: "-1",
    prompt: "",
  });
  assertEquals(parseArgs(["--quiet", "--json=false"], options), { _: [], quiet: true, json: false });
});

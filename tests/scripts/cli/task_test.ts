import { assertEquals } from "@std/assert";
import { printable } from "../../../scripts/cli/task.ts";

Deno.test("errors: one line, and nothing that moves the cursor", () => {
  assertEquals(printable("a\nb\x1b[2Jc\x7f\x9b\u2028ä🙂"), "a\\nb\\u001b[2Jc\\u007f\\u009b\\u2028ä🙂");
});

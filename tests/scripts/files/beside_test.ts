/**
 * What lies beside a model is found by its name.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { bestPath, milestoneIn, milestonePath, previousPath } from "../../../scripts/files/beside.ts";
import { law } from "../../property.ts";

Deno.test("beside: the best model lies beside the last, with .best before the extension", () => {
  const paths: [string, string][] = [
    ["out/model.safetensors", "out/model.best.safetensors"],
    ["model", "model.best"],
    ["out.d/model", "out.d/model.best"],
    ["../a.b/c.d.e", "../a.b/c.d.best.e"],
    ["out/.hidden", "out/.hidden.best"],
    ["C:\\a.b\\model.st", "C:\\a.b\\model.best.st"],
    ["model.", "model.best."],
  ];
  for (const [path, best] of paths) assertEquals(bestPath(path), best);
  assertEquals(previousPath("out/model.st"), "out/model.previous.st");
});

law(
  "beside: a kept model has its step in its name, and no other model has",
  [fc.constantFrom("m", "m.st", "a.b/m.st", ".m", "m.step.st", "m.d.st"), fc.nat()],
  (path, t) => {
    assertEquals(milestoneIn(milestonePath(path, t)), t);
    assertEquals([bestPath(path), previousPath(path), "step-3.st"].map(milestoneIn), [undefined, undefined, undefined]);
  },
);

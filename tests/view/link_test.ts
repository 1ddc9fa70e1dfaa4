/**
 * Runs in links.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DEFAULT_SHAPE, ENGINE_NAMES, hyperparameters } from "../../mod.ts";
import { DOCUMENT_KINDS } from "../../src/corpus/mod.ts";
import { SCHEDULES } from "../../src/optim/mod.ts";
import { formatLink, type LinkedRun, parseLink } from "../../src/view/mod.ts";
import { law } from "../property.ts";

const shares = fc.double({ min: 0, max: 0.99, noNaN: true }).map((share) => share + 0);
const runs: fc.Arbitrary<LinkedRun> = fc.record({
  engine: fc.constantFrom(...ENGINE_NAMES),
  data: fc.constantFrom("names", "moby_dick", "0123abcd", "a & b = c#ü"),
  loss: fc.option(fc.double({ min: 0, max: 9, noNaN: true }).map((loss) => loss + 0), { nil: undefined }),
  shape: fc.record({ nLayer: fc.integer({ min: 1, max: 8 }), nHead: fc.constant(4) }).map((some) => ({
    ...DEFAULT_SHAPE,
    ...some,
  })),
  settings: fc.record({
    seed: fc.nat(1e6),
    steps: fc.integer({ min: 1, max: 1e6 }),
    schedule: fc.constantFrom(...SCHEDULES),
    documentKind: fc.constantFrom(...DOCUMENT_KINDS),
    valFraction: shares,
    beta1: shares,
  }, { requiredKeys: [] }).map(hyperparameters),
}).map(({ loss, ...run }) => ({ ...run, ...(loss !== undefined && { loss }) }));

law("links: what was written is read again", [runs], (run) => {
  assertEquals(parseLink(formatLink(run)), run);
});

law("links: whatever stands there, it is read or refused in a sentence", [fc.string()], (text) => {
  try {
    parseLink(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
});

Deno.test("links: nothing is the usual run, and what is wrong is named", () => {
  assertEquals(parseLink(""), { shape: DEFAULT_SHAPE, settings: hyperparameters(), engine: "array", data: "names" });
  const refused: [string, string][] = [
    ["steps=0", "steps 0 cannot be used"],
    ["steps=", "steps  cannot be used"],
    ["lr=1", `the link's "lr" is not a setting`],
    ["engine=gpu", `engine "gpu" does not exist`],
    ["loss=low", "loss low cannot be used"],
    ["schedule=up", "schedule"],
    ["document-kind=word", `documentKind "word" does not exist`],
  ];
  for (const [text, sentence] of refused) assertThrows(() => parseLink(text), RangeError, sentence);
});

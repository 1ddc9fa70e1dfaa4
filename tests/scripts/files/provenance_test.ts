/**
 * The data of a checkpoint, found by its hash.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { type Checkpoint, decodeCheckpoint, type DocumentKind } from "../../../mod.ts";
import { dataOf, otherData } from "../../../scripts/files/provenance.ts";
import { granted } from "../../property.ts";
import { assertRefused, task, taskTest } from "../task.ts";

const checkpoint = (dataHash: string | null, documentKind: DocumentKind = "line"): Checkpoint =>
  ({ dataHash, hyperparameters: { documentKind } }) as Checkpoint;

Deno.test({
  name: "data of a checkpoint: the named file, or the one in data/ with its hash, and whether it is its own",
  ignore: !granted({ name: "read" }),
  fn: async () => {
    const [names, book] = ["data/names.txt", "data/moby_dick.txt"];
    const hashes = await Promise.all([names, book].map(async (path) => (await dataOf(checkpoint(null), path))!.hash));
    for (const [i, path] of [names, book].entries()) {
      const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(path));
      assertEquals(hashes[i], new Uint8Array(digest).toHex());
      const found = (await dataOf(checkpoint(hashes[i]), ""))!;
      assertEquals([found.path, found.hash, found.isOwn], [path, hashes[i], true]);
      const named = (await dataOf(checkpoint(hashes[i]), names))!;
      assertEquals([named.path, named.hash, named.isOwn], [names, hashes[0], path === names]);
    }
    assertEquals((await dataOf(checkpoint(hashes[1], "paragraph"), ""))!.documents.length, 2560);
    assertEquals((await dataOf(checkpoint(null), names))!.isOwn, false);
    assertEquals(await dataOf(checkpoint(null), ""), undefined);
    const { hash: readme } = (await dataOf(checkpoint(null), "data/README.md"))!;
    for (const hash of [readme, "0".repeat(64), "", "../../data/names", "data/names.txt"]) {
      assertEquals(await dataOf(checkpoint(hash), ""), undefined);
    }
  },
});

Deno.test("data of a checkpoint: other data is told from it by both hashes", () => {
  assertEquals(
    otherData("a.txt", { hash: "12" }, checkpoint("34"), "the model"),
    "data file a.txt is not what the model was trained on: its SHA-256 is 12, not 34",
  );
});

taskTest("train: a book in blocks, resumed and evaluated by its hash alone", (folder) => {
  const out = `${folder}/book.safetensors`;
  const flags = ["--engine", "simd", "--batch", "4", "--n-embd", "8", "--block-size", "32", "--samples", "2"];
  const run = ["--data", "data/moby_dick.txt", "--documents", "paragraph", "--val-fraction", "0.1", ...flags];
  const { code, stdout } = task("train", ...run, "--eval-documents", "50", "--steps", "30", "--out", out);
  assertEquals(code, 0);
  assertMatch(stdout, /^num docs: 2560\nvocab size: 81\n[^]*^blocks: 3\d{4}, of 32 characters at most$/m);
  const again = task("train", "--resume", out, "--steps", "40");
  assertMatch(again.stdout, /^resumed: .*, after step 30 of 40$/m);
  assertEquals(decodeCheckpoint(Deno.readFileSync(out)).hyperparameters.documentKind, "paragraph");
  assertRefused(task("train", "--resume", out, "--documents", "whole"), 1, "the run has paragraph");
  const sampled = task("sample", "--model", out, "--samples", "3");
  assertMatch(sampled.stdout, /\n\d of 3 new \(\d+%\), \d in training data, \d repeated$/m);
});

/**
 * Files that are written whole or not at all.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeCheckpoint } from "../../../mod.ts";
import { isTemporaryOf, writeAll, writeWhole } from "../../../scripts/files/write.ts";
import { granted } from "../../property.ts";
import { task, taskTest } from "../task.ts";

taskTest(
  "train: where a checkpoint cannot be written the old one stays whole, and no half of one is left",
  (folder) => {
    const out = `${folder}/model`;
    const flags = ["--n-embd", "160", "--samples", "0", "--eval-documents", "1", "--quiet", "--out", out];
    assertEquals(task("train", "--steps", "1", ...flags).code, 0);
    const bytes = Deno.readFileSync(out);
    assert(bytes.length > 7e6);
    // The shell counts blocks of 512 bytes or of 1024: 3 or 6 MB, past what Deno writes for itself and below the model.
    const script = 'ulimit -f 6000; exec "$0" run --allow-read --allow-write scripts/train.ts "$@"';
    const { code, stderr } = new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath(), "--steps", "2", ...flags],
      env: { NO_COLOR: "1" },
    }).outputSync();
    assertEquals(
      [code, new TextDecoder().decode(stderr)],
      [1, `error: model ${out} cannot be written: it would be larger than files may be here\n`],
    );
    assertEquals(Deno.readFileSync(out), bytes);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["model"]);
  },
);

Deno.test("write: temporary files of a target are those with its name, eight digits and .tmp, and no others", () => {
  const of = (name: string): boolean => isTemporaryOf("model", name);
  assert(of("model.0123abcd.tmp") && of("model.deadbeef.tmp"));
  const others = [
    ...["model", "model.tmp", "model.notes.tmp", "model.0123abc.tmp", "model.0123abcde.tmp", "model.0123abcd.tmp2"],
    ...["model.0123abcg.tmp", "model.0123ABCD.tmp", "model0123abcd.tmp", "model.0123abcdxtmp", "modelx0123abcd.tmp"],
    ...["model.best.0123abcd.tmp", "my.model.0123abcd.tmp", "other.0123abcd.tmp", "mod.0123abcd.tmp", ""],
  ];
  assertEquals(others.filter(of), []);
  assert(isTemporaryOf("a.b", "a.b.0123abcd.tmp") && !isTemporaryOf("a", "a.b.0123abcd.tmp"));
});

Deno.test({
  name: "write: what replaces a file is whole, the old one stays where that fails, and nothing else is left",
  ignore: !granted({ name: "read" }, { name: "write" }),
  fn: () => {
    const folder = Deno.makeTempDirSync();
    try {
      const path = `${folder}/new/file`;
      const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
      writeWhole(path, bytes(100), "thing");
      writeWhole(path, bytes(10), "thing");
      assertEquals(Deno.readFileSync(path), bytes(10));
      Deno.mkdirSync(`${folder}/folder`);
      const refused = assertThrows(() => writeWhole(`${folder}/folder`, bytes(1), "thing"), Error);
      assertEquals(refused.message, `thing ${folder}/folder cannot be written: it is a folder`);
      assertThrows(() => writeWhole(`${path}/x`, bytes(1), "thing"), Error, "a part of the path is a file");
      assertEquals([...Deno.readDirSync(`${folder}/new`)].map(({ name }) => name), ["file"]);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["folder", "new"]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

taskTest("train: what killed runs left is removed, what another run writes is not", (folder) => {
  const out = `${folder}/model`;
  Deno.writeTextFileSync(`${out}.0123abcd.tmp`, "half");
  Deno.writeTextFileSync(`${out}.deadbeef.tmp`, "half");
  Deno.writeTextFileSync(`${out}.notes.tmp`, "mine");
  Deno.writeTextFileSync(`${folder}/other.0123abcd.tmp`, "another's");
  using writing = Deno.openSync(`${out}.deadbeef.tmp`, { write: true });
  writing.lockSync(true);
  assertEquals(task("train", "--steps", "1", "--quiet", "--out", out).code, 0);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
    "model",
    "model.deadbeef.tmp",
    "model.notes.tmp",
    "other.0123abcd.tmp",
  ]);
});

taskTest("train: through a link it replaces the file, not the link", (folder) => {
  Deno.mkdirSync(`${folder}/there`);
  Deno.writeTextFileSync(`${folder}/there/model`, "");
  Deno.symlinkSync(`${folder}/there/model`, `${folder}/link`);
  task("train", "--steps", "1", "--quiet", "--out", `${folder}/link`);
  assert(Deno.lstatSync(`${folder}/link`).isSymlink);
  assertEquals(decodeCheckpoint(Deno.readFileSync(`${folder}/there/model`)).t, 1);
});

taskTest("train: a model keeps its permissions", (folder) => {
  const out = `${folder}/model`;
  task("train", "--steps", "1", "--quiet", "--out", out);
  Deno.chmodSync(out, 0o600);
  task("train", "--steps", "2", "--quiet", "--out", out);
  assertEquals(Deno.statSync(out).mode! & 0o777, 0o600);
});

Deno.test("writeAll: all bytes, in order, however few are taken at a time", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const taken: number[] = [];
  const writeSync = (some: Uint8Array): number => {
    const few = some.subarray(0, 7);
    taken.push(...few);
    return few.length;
  };
  writeAll({ writeSync }, bytes);
  assertEquals(taken, [...bytes]);
});

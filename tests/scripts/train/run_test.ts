/**
 * A run before its first step: what cannot be trained on is refused.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { assertRefused, task, taskTest } from "../task.ts";

taskTest("train: data that cannot be trained on is refused with exit code 1, and no model is written", (folder) => {
  const files: [string, Uint8Array | string, string][] = [
    ["empty", "", "has no document"],
    ["blank", "\n \n\t\n", "has no document"],
    ["one", "anna\n", "has 1 document: it must have at least 2"],
    ["binary", "anna\nbo\0b\n", "is binary"],
    ["latin1", new Uint8Array([0x61, 0xe9, 0x0a, 0x62]), "is not UTF-8"],
    ["utf16", new Uint8Array([0xff, 0xfe, 0x61, 0x00]), "is not UTF-8"],
  ];
  for (const [name, content, sentence] of files) {
    const data = `${folder}/${name}`;
    Deno.writeFileSync(data, typeof content === "string" ? new TextEncoder().encode(content) : content);
    assertRefused(task("train", "--data", data, "--out", `${folder}/model`), 1, `data file ${data} ${sentence}`);
  }
  Deno.writeTextFileSync(`${folder}/two`, "anna\nbob\n");
  files.push(["two", "", ""]);
  assertRefused(
    task("train", "--data", `${folder}/two`, "--batch", "3", "--out", `${folder}/model`),
    1,
    `--batch 3 cannot be used: ${folder}/two has 2 documents`,
  );
  assertRefused(task("train", "--data", `${folder}/none`), 1, `${folder}/none cannot be read: there is no such file`);
  assertRefused(task("train", "--data", folder), 1, `${folder} cannot be read: it is a folder`);
  assertEquals([...Deno.readDirSync(folder)].length, files.length);
});

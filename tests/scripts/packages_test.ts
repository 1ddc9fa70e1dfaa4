/**
 * What a user's tasks need: nothing but Deno.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { granted } from "../property.ts";
import { ROOT, taskTest } from "./task.ts";

taskTest("train, sample, explain and evaluate run from an empty cache, without a network", (folder) => {
  const env = {
    NO_COLOR: "1",
    DENO_DIR: `${folder}/cache`,
    // Nobody listens there: whatever is asked for fails.
    NPM_CONFIG_REGISTRY: "http://127.0.0.1:9",
    JSR_URL: "http://127.0.0.1:9",
  };
  const model = `${folder}/m`;
  const runs = [
    ["train", "--steps", "2", "--samples", "1", "--out", model],
    ["sample", "--samples", "1", "--model", model],
    ["explain", "anna", "--model", model],
    ["evaluate", "--model", model],
  ];
  for (const args of runs) {
    const { code, stderr } = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", ...args], cwd: ROOT, env })
      .outputSync();
    assertEquals(new TextDecoder().decode(stderr), "", args[0]);
    assertEquals(code, 0, args[0]);
  }
});

const ignore = !granted({ name: "read" });

Deno.test("every package is pinned in import_map.json, and locked with what it depends on", { ignore }, () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(new URL("import_map.json", ROOT)));
  const { npm } = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", ROOT)));
  for (const [name, specifier] of Object.entries<string>(imports)) {
    const [, kind, version] = specifier.match(/^(npm|jsr):\/?(@?[^@]+@\d+\.\d+\.\d+)(\/.*)?$/) ?? [];
    assert(kind !== undefined, `${name} is not pinned: ${specifier}`);
    // What a package finds beside it is part of its key.
    const locked = Object.keys(npm).find((key) => key === version || key.startsWith(`${version}_`));
    assert(kind === "jsr" || npm[locked!]?.integrity.startsWith("sha512-"), `${version} is not locked`);
  }
});

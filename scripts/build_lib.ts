/**
 * `deno task build:lib`: the library as one module for Node and browsers.
 *
 * @module
 */

import { file, type Values } from "./cli/flags.ts";
import { runTask } from "./cli/task.ts";
import { bundleModule } from "./files/bundle.ts";
import { writeWhole } from "./files/write.ts";
import { print } from "./cli/printable.ts";

const FLAGS = { "out": file("out/microgpt.js", "where to write it") };

async function run({ out }: Values<typeof FLAGS>): Promise<void> {
  const bytes = await bundleModule("mod.ts");
  writeWhole(out, bytes, "library");
  print(`saved: ${out} (${Math.ceil(bytes.length / 1000)} kB)`);
}

if (import.meta.main) {
  await runTask({
    name: "build:lib",
    summary: "Bundles the library as one module for Node and browsers.",
    flags: FLAGS,
    run,
  });
}

/**
 * `deno task build`: writes what the simd engine's kernels know of its memory, compiles them to WebAssembly, in a relaxed
 * and a plain build, and writes both as a module. With `--check` it writes nothing and fails if a byte would differ.
 *
 * @module
 */

import asc from "assemblyscript/asc";
import { toggle, type Values } from "../cli/flags.ts";
import { runTask } from "../cli/task.ts";
import { planText } from "./build/plan.ts";
import { unroll } from "./build/unroll.ts";

const FOLDER = new URL("../../src/engines/simd/", import.meta.url);
const PLAN = "assembly/plan.ts";

const FLAGS = { "check": toggle("compare with what is there, and write nothing") };

/**
 * Binaryen's optimizer stays out: it moves multiply-adds away from the loads that they wait for, and V8 then runs out of
 * registers. V8 optimizes the code itself.
 */
const OPTIONS = [
  ...["--optimizeLevel", "0", "--shrinkLevel", "0", "--noAssert", "--runtime", "stub", "--use", "abort="],
  ...["--enable", "simd", "--enable", "threads", "--importMemory", "--noExportMemory"],
  ...["--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  // Exchange of v128 with the outside, which does not happen, and conversions that would matter in 64 bits.
  ...["--disableWarning", "112", "--disableWarning", "201"],
];

/** One build of the kernels. */
async function compile(relaxed: boolean): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["assembly/index.ts", "--outFile", "out.wasm", ...OPTIONS, "--use", `RELAXED=${relaxed ? 1 : 0}`]
      .concat(relaxed ? ["--enable", "relaxed-simd"] : []),
    {
      readFile: sourceOf,
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || binary === undefined) throw new Error(`the kernels do not compile: ${error?.message}\n${stderr}`);
  return binary;
}

/** A file of AssemblyScript as the compiler is to see it, if there is one of that name. */
function sourceOf(name: string): string | null {
  const text = name === PLAN ? planText() : contentOf(name);
  return text === undefined ? null : unroll(text);
}

/** Both builds as a TypeScript module, which can be imported from everywhere. */
function moduleText(relaxed: Uint8Array, plain: Uint8Array): string {
  const constant = (name: string, about: string, bytes: Uint8Array): string => {
    const lines = bytes.toBase64().match(/.{1,100}/g)!.map((line) => `  "${line}"`);
    return `/** ${about} */\nexport const ${name}: string = [\n${lines.join(",\n")},\n].join("");\n`;
  };
  return "// Written by `deno task build`.\n// deno-fmt-ignore-file\n\n" +
    constant("relaxedBase64", "The kernels with relaxed SIMD.", relaxed) + "\n" +
    constant("plainBase64", "The kernels without.", plain);
}

/** What is in a file, if it is there. */
function contentOf(name: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(name, FOLDER));
  } catch {
    return undefined;
  }
}

async function build({ check }: Values<typeof FLAGS>): Promise<void> {
  const files = { [PLAN]: planText(), "wasm.ts": moduleText(await compile(true), await compile(false)) };
  for (const [name, text] of Object.entries(files)) {
    if (!check) Deno.writeTextFileSync(new URL(name, FOLDER), text);
    else if (contentOf(name) !== text) {
      throw new Error(`src/engines/simd/${name} is not what its sources give: run deno task build`);
    }
    console.log(`${check ? "same" : "wrote"}: src/engines/simd/${name} (${text.length} characters)`);
  }
}

if (import.meta.main) {
  await runTask({
    name: "build",
    summary: "Compiles the simd engine's kernels to WebAssembly.",
    flags: FLAGS,
    run: build,
  });
}

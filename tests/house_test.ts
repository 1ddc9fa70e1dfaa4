/**
 * The rules of the house: what src/ may import and touch.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { granted } from "./property.ts";
import { deno } from "./scripts/task.ts";

const ROOT = new URL("..", import.meta.url);
const ignore = !granted({ name: "read" });

/** Each floor may import from itself and from those before it. */
const FLOORS = [
  ["src/range.ts"],
  ["src/random/"],
  ["data/", "src/corpus/"],
  ["src/model/"],
  ["src/engines/"],
  ["src/train/"],
  ["src/sample/"],
  ["src/formats/"],
  ["mod.ts"],
];

/** Rooms that only their own floor enters; all else is for everyone. */
const INTERNAL = [
  "src/engines/array/network.ts",
  "src/train/finite.ts",
  ...["core.ts", "layout.ts", "module.ts", "wasm.ts", "workers.ts"].map((file) => `src/engines/simd/${file}`),
];

/** Not TypeScript but AssemblyScript. */
const FOREIGN = "src/engines/simd/assembly";

const floorOf = (path: string): number => FLOORS.findIndex((rooms) => rooms.some((room) => path.startsWith(room)));

/** The library's files with their text, comments left out. */
function sources(folder = "src/"): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = folder + name;
    if (path === FOREIGN) continue;
    if (isDirectory) sources(`${path}/`).forEach((text, inner) => found.set(inner, text));
    else if (name.endsWith(".ts")) {
      found.set(path, Deno.readTextFileSync(new URL(path, ROOT)).replace(/\/\*[^]*?\*\/|\/\/.*$/gm, ""));
    }
  }
  return found;
}

/** What each file imports, as paths from the root. */
function imports(files: Map<string, string>): Map<string, string[]> {
  return new Map(
    [...files].map(([path, text]) => {
      const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
      return [
        path,
        specifiers.map((specifier) => {
          assert(/^\.\.?\//.test(specifier), `${path} imports "${specifier}": it must be a relative path`);
          return new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length);
        }),
      ];
    }),
  );
}

function library(): Map<string, string> {
  const files = sources();
  files.set("mod.ts", Deno.readTextFileSync(new URL("mod.ts", ROOT)).replace(/\/\*[^]*?\*\//g, ""));
  return files;
}

Deno.test("house: relative imports only, down the floors", { ignore }, () => {
  const all = imports(library());
  assert(all.size > 20);
  for (const [path, targets] of all) {
    assert(floorOf(path) >= 0, `${path} is on no floor`);
    for (const target of targets) {
      assert(floorOf(target) >= 0 && floorOf(target) <= floorOf(path), `${path} imports ${target}, which is above it`);
    }
  }
});

Deno.test("house: imports never run in a circle", { ignore }, () => {
  const all = imports(library());
  const visit = (path: string, trail: string[]): void => {
    assert(!trail.includes(path), `circle: ${[...trail, path].join(" → ")}`);
    for (const target of all.get(path) ?? []) visit(target, [...trail, path]);
  };
  for (const path of all.keys()) visit(path, []);
});

Deno.test("house: nothing in src/ touches the world outside", { ignore }, () => {
  for (const [path, text] of sources()) {
    const effects = text.match(/\bDeno\b|Math\.random|\bDate\b|performance|console|fetch\(|globalThis|process\./g);
    assertEquals(effects, null, `${path} is not pure`);
  }
});

Deno.test("house: mod.ts exports all of src/ but the insides of its floors", { ignore }, () => {
  const offered = [...sources().keys()].filter((path) => !INTERNAL.includes(path));
  assertEquals(imports(library()).get("mod.ts")!.toSorted(), offered.toSorted());
});

Deno.test("house: the files in data/ are those that their README describes", { ignore }, async () => {
  const about = Deno.readTextFileSync(new URL("data/README.md", ROOT));
  const described = [...about.matchAll(/^# (\S+)$[^]*?^SHA-256: ([0-9a-f]{64})$/gm)];
  assertEquals(described.map(([, name]) => name), ["names.txt", "moby_dick.txt"]);
  for (const [, name, hash] of described) {
    const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(new URL(`data/${name}`, ROOT)));
    assertEquals(new Uint8Array(digest).toHex(), hash, name);
  }
});

type Documented = { name: string; declarations: { jsDoc?: { tags?: { kind: string; doc?: string }[] } }[] };

Deno.test("house: every export has an example that imports it", { ignore: ignore || !granted({ name: "run" }) }, () => {
  const { nodes } = JSON.parse(deno(ROOT, "doc", "--json", "mod.ts").stdout);
  const [{ symbols }] = Object.values(nodes) as { symbols: Documented[] }[];
  assert(symbols.length > 60);
  for (const { name, declarations } of symbols) {
    const examples = (declarations[0].jsDoc?.tags ?? []).filter(({ kind }) => kind === "example");
    const imported = examples.some(({ doc }) => new RegExp(`import [^;]*\\b${name}\\b[^;]*;`).test(doc ?? ""));
    assert(imported, `${name} has no example that imports it`);
  }
});

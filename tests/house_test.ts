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
  ["src/optim/"],
  ["src/engines/"],
  ["src/sample/"],
  ["src/train/"],
  ["src/formats/"],
  ["src/view/"],
  ["mod.ts"],
];

/** The rooms: under which name mod.ts and the subpath exports of deno.json offer which folder. */
const ROOMS: Readonly<Record<string, string>> = {
  random: "src/random",
  corpus: "src/corpus",
  model: "src/model",
  optim: "src/optim",
  engines: "src/engines",
  graph: "src/engines/scalar",
  blocks: "src/engines/array",
  sample: "src/sample",
  train: "src/train",
  formats: "src/formats",
  view: "src/view",
};

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

Deno.test(
  "house: every room is a namespace of mod.ts and a subpath, and offers what is in its folder only",
  { ignore },
  () => {
    const face = Deno.readTextFileSync(new URL("mod.ts", ROOT));
    const namespaces = [...face.matchAll(/^export \* as (\w+) from "\.\/(.*)\/mod\.ts";$/gm)];
    assertEquals(Object.fromEntries(namespaces.map(([, name, folder]) => [name, folder])), ROOMS);
    const { exports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
    const subpaths = Object.entries(ROOMS).map(([name, folder]) => [`./${name}`, `./${folder}/mod.ts`]);
    assertEquals(exports, { ".": "./mod.ts", ...Object.fromEntries(subpaths) });
    const all = imports(library());
    for (const folder of Object.values(ROOMS)) {
      const offered = all.get(`${folder}/mod.ts`)!;
      assert(
        offered.length > 0 && offered.every((path) => path.startsWith(`${folder}/`)),
        `${folder} offers ${offered}`,
      );
    }
  },
);

Deno.test("house: what a room does not offer is used in that room alone", { ignore }, () => {
  const all = imports(library());
  const offered = new Set([...all].filter(([path]) => path.endsWith("mod.ts")).flatMap(([, targets]) => targets));
  const roomOf = (path: string): string => path.split("/").slice(0, 2).join("/");
  for (const [path, targets] of all) {
    for (const target of targets) {
      const isOpen = offered.has(target) || target.endsWith("/mod.ts") || !target.startsWith("src/");
      assert(isOpen || roomOf(target) === roomOf(path) || target === "src/range.ts", `${path} imports ${target}`);
    }
  }
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

type Documented = {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: {
      readonly tags?: readonly { readonly kind: string; readonly name?: string; readonly doc?: string }[];
    };
    readonly def: { readonly params?: readonly unknown[] };
  }[];
};

/** What `deno doc` says of a module's exports. */
function documented(path: string): readonly Documented[] {
  const { nodes } = JSON.parse(deno(ROOT, "doc", "--json", path).stdout);
  return (Object.values(nodes) as { symbols: Documented[] }[]).flatMap(({ symbols }) => symbols);
}

const ignoreDocs = ignore || !granted({ name: "run" });

Deno.test("house: every public function says what each of its parameters is", { ignore: ignoreDocs }, () => {
  const silent: string[] = [];
  let functions = 0;
  for (const folder of Object.values(ROOMS)) {
    for (const { name, declarations: [{ kind, jsDoc, def }] } of documented(`${folder}/mod.ts`)) {
      if (kind !== "function") continue;
      functions++;
      const described = (jsDoc?.tags ?? []).filter((tag) => tag.kind === "param" && (tag.doc ?? "") !== "");
      if (described.length !== def.params!.length) silent.push(name);
    }
  }
  assert(functions > 80);
  assertEquals(silent, []);
});

Deno.test("house: what stands on top of mod.ts is a named list, and its functions have an example", {
  ignore: ignoreDocs,
}, () => {
  const face = documented("mod.ts").filter(({ declarations: [{ kind }] }) => kind !== "namespace");
  const values = face.filter(({ declarations: [{ kind }] }) => kind === "function" || kind === "variable");
  assert(values.length > 25 && values.length < 45, `mod.ts has ${values.length} functions and constants on top`);
  const examples = Object.values(ROOMS).flatMap((folder) => documented(`${folder}/mod.ts`)).concat(face)
    .flatMap(({ declarations: [{ jsDoc }] }) => (jsDoc?.tags ?? []).filter(({ kind }) => kind === "example"));
  for (const { name, declarations: [{ kind }] } of face) {
    if (kind !== "function") continue;
    const imported = examples.some(({ doc }) => new RegExp(`import [^;]*\\b${name}\\b[^;]*;`).test(doc ?? ""));
    assert(imported, `${name} has no example that imports it`);
  }
});

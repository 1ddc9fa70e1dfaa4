/**
 * The rules of scripts/: which room may import which.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { granted } from "../property.ts";
import { ROOT } from "./task.ts";

/** Each room may import itself and those before it; `tasks` are the files on top. */
const ROOMS = ["page", "cli", "files", "terminal", "play", "report", "export", "train", "sweep", "tasks", "dev"];
/** What runs in a browser, where the others cannot. */
const BROWSER = "scripts/page/";

/** What the rooms import besides each other: the library and its rooms, and oracles and generators of the tests in dev/. */
const LIBRARY = /^(src\/([\w/]+\/)?)?mod\.ts$/;
const TESTS = /^tests\/(textbook|arbitraries)\.ts$/;
/** The build writes one side of the simd engine's memory from the table of the other. */
const TABLE = "src/engines/simd/fields.ts";

const ignore = !granted({ name: "read" });

/** The files of scripts/ but the stand-ins of packages, and what each imports, as paths from the root. */
function imports(folder = "scripts/"): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = folder + name;
    if (path === "scripts/std") continue;
    if (isDirectory) imports(`${path}/`).forEach((targets, inner) => found.set(inner, targets));
    else {
      const text = Deno.readTextFileSync(new URL(path, ROOT)).replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
      const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, specifier]) => specifier);
      found.set(path, specifiers.map((each) => new URL(each, new URL(path, ROOT)).href.slice(ROOT.href.length)));
    }
  }
  return found;
}

function roomOf(path: string): number {
  const [, room = "tasks"] = path.match(/^scripts\/(\w+)\//) ?? [];
  return ROOMS.indexOf(room);
}

Deno.test("house: rooms of scripts/ import themselves, those below, and the library by mod.ts", { ignore }, () => {
  const all = imports();
  assert(all.size > 30);
  for (const [path, targets] of all) {
    assert(roomOf(path) >= 0, `${path} is in no room`);
    for (const target of targets) {
      if (LIBRARY.test(target) || path.startsWith("scripts/dev/") && (TESTS.test(target) || target === TABLE)) continue;
      assert(target.startsWith("scripts/") && roomOf(target) <= roomOf(path), `${path} imports ${target}`);
      assert(target.startsWith(BROWSER) === path.startsWith(BROWSER), `${path} imports ${target}`);
    }
  }
});

Deno.test("house: tasks do not import each other, and no imports of scripts/ run in a circle", { ignore }, () => {
  const all = imports();
  const tasks = [...all.keys()].filter((path) => ROOMS[roomOf(path)] === "tasks");
  assertEquals([...all.values()].flat().filter((path) => tasks.includes(path)), []);
  const visit = (path: string, trail: string[]): void => {
    assert(!trail.includes(path), `circle: ${[...trail, path].join(" → ")}`);
    for (const target of all.get(path) ?? []) visit(target, [...trail, path]);
  };
  for (const path of all.keys()) visit(path, []);
});

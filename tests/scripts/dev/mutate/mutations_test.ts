import { assert, assertEquals } from "@std/assert";
import type { Mutation } from "../../../../scripts/dev/mutate/mutation.ts";
import { granted } from "../../../property.ts";

const ignore = !granted({ name: "run" });

const FILE = new URL("../../../../scripts/dev/mutate/mutations.ts", import.meta.url).href;

/** The texts that a source may become. The parser is large, and wants permissions: so it runs in a process of its own. */
function mutantsOf(text: string): string[] {
  const program = `import { mutationsOf } from "${FILE}"; console.log(JSON.stringify(mutationsOf(${
    JSON.stringify(text)
  })))`;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", program] }).outputSync();
  const mutations: Mutation[] = JSON.parse(new TextDecoder().decode(stdout));
  return mutations.map(({ start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end));
}

Deno.test("mutate: operators, bounds, constants, conditions, statements and arguments are each changed once", {
  ignore,
}, () => {
  assertEquals(mutantsOf("x = a + b;"), [";", "x = a - b;"]);
  assertEquals(mutantsOf("const y = a <= 1;"), ["const y = a < 1;", "const y = a <= 2;"]);
  assertEquals(mutantsOf("const z = f(a, b);"), ["const z = f(b, a);"]);
  assertEquals(mutantsOf("if (a) b();"), [";", "if (!(a)) b();", "if (a) ;"]);
  assertEquals(mutantsOf("const c = a ? -b : true;"), [
    "const c = !(a) ? -b : true;",
    "const c = a ?  b : true;",
    "const c = a ? -b : false;",
  ]);
  assertEquals(mutantsOf("const m = Math.max(a, a);"), ["const m = Math.min(a, a);"]);
  assertEquals(mutantsOf("const h = 0xff + 1e-8;"), [
    "const h = 0x100 + 1e-8;",
    "const h = 0xff - 1e-8;",
    "const h = 0xff + 2e-8;",
  ]);
});

Deno.test("mutate: types, imports, comments and sentences stay as they are", { ignore }, () => {
  const text = `import { a } from "./a.ts";
/** At most 5. */
type T = 1 | 2;
export type U = { readonly x: 3 };
const s = "1 + 1" as "1 + 1";
throw new RangeError(\`\${a} is above 7: it must be 7 at most\`);
`;
  assertEquals(mutantsOf(text), []);
});

Deno.test("mutate: AssemblyScript is read too, and every mutant differs from its source", { ignore }, () => {
  const text = `@inline
function f(x: v128, n: i32): v128 {
  for (let i: i32 = 0; i < n; i++) x = f32x4.pmax(x, v128.load(<usize> i << 2));
  return x;
}`;
  const mutants = mutantsOf(text);
  assert(mutants.length >= 6 && new Set(mutants).size === mutants.length && !mutants.includes(text));
  assert(mutants.some((mutant) => mutant.includes("f32x4.pmin(")));
});

import { assertEquals, assertThrows } from "@std/assert";
import { engine, type EngineName } from "../../mod.ts";

Deno.test("engine: a name that does not exist is refused", () => {
  assertEquals(engine("scalar").name, "scalar");
  for (const name of ["simd2", "", "toString"]) {
    assertThrows(() => engine(name as EngineName), RangeError, `engine "${name}" does not exist`);
  }
});

import { assertEquals } from "@std/assert";
import { testsOf } from "../../../../scripts/dev/mutate/trial.ts";

Deno.test("mutate: a file's own test comes first, then its folder's, then all", () => {
  const all = (): boolean => true;
  assertEquals(testsOf("src/optim/adam.ts", all), [["tests/optim/adam_test.ts"], ["tests/optim"], []]);
  assertEquals(testsOf("scripts/train/log.ts", all), [
    ["tests/scripts/train/log_test.ts"],
    ["tests/scripts/train"],
    [],
  ]);
  assertEquals(testsOf("src/range.ts", all), [["tests/range_test.ts"], []]);
  assertEquals(testsOf("src/engines/simd/assembly/adam.ts", all), [["tests/engines/simd"], []]);
  assertEquals(testsOf("src/optim/adam.ts", (path) => !path.endsWith("adam_test.ts")), [["tests/optim"], []]);
});

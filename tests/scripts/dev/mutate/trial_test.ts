import { assertEquals } from "@std/assert";
import { testsOf } from "../../../../scripts/dev/mutate/trial.ts";

Deno.test("mutate: the test of a file comes first, then all", () => {
  const all = (): boolean => true;
  assertEquals(testsOf("src/optim/adam.ts", all), [["tests/optim/adam_test.ts"], []]);
  assertEquals(testsOf("scripts/train/log.ts", all), [["tests/scripts/train/log_test.ts"], []]);
  assertEquals(testsOf("src/range.ts", all), [["tests/range_test.ts"], []]);
  assertEquals(testsOf("src/engines/simd/assembly/adam.ts", all), [["tests/engines/simd"], []]);
  assertEquals(testsOf("src/optim/adam.ts", () => false), [[]]);
});
